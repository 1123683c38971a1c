"""Curves from raw products to scores."""

from pathlib import Path

import numpy as np
import pytest

from sensorium.training.calibrate import calibrations, platt
from sensorium.training.heads import unit
from sensorium.training.pairs import Pairs

RNG = np.random.default_rng(3)


def test_a_score_is_the_share_of_right_answers_among_such_products() -> None:
    right, random = RNG.normal(2, 1, 200_000).astype(np.float32), RNG.normal(0, 1, 200_000).astype(np.float32)
    curve = platt(right, random, prior=0.25)
    for raw in (0.0, 1.0, 2.0, 3.0):
        odds = 0.25 / 0.75 * np.exp(-((raw - 2) ** 2) / 2 + raw**2 / 2)
        assert curve.score(raw) == pytest.approx(odds / (1 + odds), abs=0.02)


def test_kinds_that_do_not_overlap_give_a_finite_curve() -> None:
    curve = platt(np.full(50, 0.9, np.float32), RNG.normal(0, 0.01, 500).astype(np.float32))
    assert np.isfinite([curve.slope, curve.bias]).all()
    assert curve.score(0.9) > 0.9 > 0.1 > curve.score(0.0)


def test_a_rarer_right_answer_needs_a_higher_product() -> None:
    right, random = RNG.normal(2, 1, 5000).astype(np.float32), RNG.normal(0, 1, 5000).astype(np.float32)
    assert platt(right, random, prior=0.01).score(1.5) < platt(right, random, prior=0.5).score(1.5)


def test_every_pair_of_modalities_has_a_rising_curve() -> None:
    things = unit(RNG.normal(size=(60, 8)).astype(np.float32))
    pairs = Pairs(tuple(Path(str(n)) for n in range(60)), tuple(("one", "two") for _ in range(60)))
    texts = unit(np.repeat(things, 2, axis=0) + 0.1 * RNG.normal(size=(120, 8)).astype(np.float32))
    curves = calibrations(pairs, texts, things, things @ things.T)
    assert set(curves) == {"text->image", "image->text", "text->text", "image->image"}
    assert all(curve.slope > 0 and curve.score(1.0) > curve.score(0.0) for curve in curves.values())
