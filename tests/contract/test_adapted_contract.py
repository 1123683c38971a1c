"""The encoder contract over adapted encoders: of questions alone and of both sides, a stand-in and the built-in."""

import numpy as np
import pytest

from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, QueryBanks
from sensorium.encoders.adapters import LINEAR, MLP, Adapter
from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.layered import BOTH, QUERY, AdaptedEncoder
from sensorium.testing.detailed_encoder_contract import DetailedEncoderContract
from sensorium.testing.encoder_contract import EncoderContract
from sensorium.testing.encoders import DetailedHashEncoder


def linear(width: int) -> Adapter:
    weight = np.random.default_rng(1).standard_normal((width, width)) * 0.2 / np.sqrt(width)
    return Adapter(kind=LINEAR, arrays={"weight": weight.astype(np.float32), "bias": np.zeros(width, np.float32)})


def block(width: int) -> Adapter:
    random, rank = np.random.default_rng(2), 16
    shapes = {"down": (width, rank), "inner": (rank,), "up": (rank, width), "bias": (width,)}
    arrays = {name: (0.1 * random.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}
    return Adapter(kind=MLP, arrays=arrays)


def adapted(base: Encoder, side: str) -> AdaptedEncoder:
    width = base.space.width
    return AdaptedEncoder(base, {Modality.TEXT: linear(width), Modality.IMAGE: block(width)}, side)


class TestAdaptedQuestions(EncoderContract, DetailedEncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> AdaptedEncoder:
        return adapted(DetailedHashEncoder(), QUERY)


class TestAdaptedBothSides(EncoderContract, DetailedEncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> AdaptedEncoder:
        return adapted(DetailedHashEncoder(), BOTH)


class TestAdaptedCompact(EncoderContract, DetailedEncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> AdaptedEncoder:
        return adapted(CompactEncoder.load(threads=1), BOTH)

    def test_the_bank_of_questions_is_asked_as_this_encoder_asks(self, encoder: AdaptedEncoder) -> None:
        assert isinstance(encoder.base, QueryBanks)
        ours, theirs = encoder.query_bank(Modality.TEXT), encoder.base.query_bank(Modality.TEXT)
        assert ours is not None
        assert theirs is not None
        np.testing.assert_array_equal(ours.vectors, encoder.adapters[Modality.TEXT].apply(theirs.vectors))
