"""The encoder contract over every encoder that we ship."""

import pytest

from sensorium.encoders.compact import CompactEncoder
from sensorium.testing.encoder_contract import EncoderContract
from sensorium.testing.encoders import HashEncoder


class TestCompactEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> CompactEncoder:
        return CompactEncoder.load(threads=1)


class TestHashEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> HashEncoder:
        return HashEncoder()
