"""The encoder contract over every encoder that we ship."""

import pytest

from sensorium.encoders.compact import CompactEncoder
from sensorium.testing.detailed_encoder_contract import DetailedEncoderContract
from sensorium.testing.encoder_contract import EncoderContract
from sensorium.testing.encoders import DetailedHashEncoder, HashEncoder


class TestCompactEncoder(EncoderContract, DetailedEncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> CompactEncoder:
        return CompactEncoder.load(threads=1)


class TestHashEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> HashEncoder:
        return HashEncoder()


class TestDetailedHashEncoder(EncoderContract, DetailedEncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> DetailedHashEncoder:
        return DetailedHashEncoder()
