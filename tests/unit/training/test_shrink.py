"""A picture tower in 8 bits: smaller, still itself, and checked by another implementation than the one that runs it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

from sensorium.core.errors import BadInput  # noqa: E402
from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import WEIGHTS, CompactEncoder  # noqa: E402
from sensorium.training.shrink import shrink_pictures  # noqa: E402


def test_what_is_in_8_bits_already_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "compact"
    shutil.copytree(WEIGHTS, folder)
    before = (folder / "image.onnx").read_bytes()
    with pytest.raises(BadInput, match="16 bits"):
        shrink_pictures(folder)
    assert (folder / "image.onnx").read_bytes() == before


def test_the_shipped_pictures_are_what_their_golden_vectors_say() -> None:
    encoder = CompactEncoder.load(threads=1)
    with np.load(WEIGHTS / "golden_image.npz", allow_pickle=False) as golden:
        found = encoder.encode(Modality.IMAGE, list(golden["contents"]), "piece")
        np.testing.assert_allclose(found, golden["vectors"], atol=1e-5)
