"""The encoder contract over folders of ONNX files."""

from pathlib import Path

import pytest

from sensorium.encoders.onnx import OnnxEncoder
from sensorium.testing.encoder_contract import EncoderContract

MICRO = Path(__file__).resolve().parents[1] / "unit" / "encoders" / "micro"


@pytest.fixture(scope="class", params=["clip", "siglip", "clap"])
def encoder(request: pytest.FixtureRequest) -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=str(MICRO / request.param))


class TestOnnxEncoder(EncoderContract):
    """A picture tower of 8 pixels, a text tower of 16 numbers: small, and bound to the same promises."""
