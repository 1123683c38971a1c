"""Curves that are moved to where scores now lie."""

import numpy as np
import pytest

from sensorium.adapting.curves import FEWEST, calibration_error, moved_curves
from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.testing.encoders import HashEncoder

BASE = HashEncoder()
RANDOM = np.random.default_rng(1)
RIGHT = np.eye(8, 60, dtype=bool)


def ends(spread: float, rise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Two sides whose products have that spread around `rise`."""
    products = spread * np.random.default_rng(3).standard_normal((8, 60)) + rise
    return products, np.eye(60)


def test_a_score_keeps_its_place_among_random_pairs() -> None:
    curves = moved_curves(BASE, ends(0.1), ends(0.3, rise=0.2), RIGHT, both_ways=False)
    assert set(curves) == {"text->image"}
    moved, own = curves["text->image"], BASE.calibration(Modality.TEXT, Modality.IMAGE)
    before, after = ends(0.1), ends(0.3, rise=0.2)
    raw = np.array([(before[0][0, n], after[0][0, n]) for n in range(1, 20)])
    offset = np.mean([moved.standardised(b) - own.standardised(a) for a, b in raw])
    assert all(moved.standardised(b) - own.standardised(a) == pytest.approx(offset) for a, b in raw)


def test_both_ways_where_both_sides_moved() -> None:
    curves = moved_curves(BASE, ends(0.1), ends(0.3), RIGHT, both_ways=True)
    assert set(curves) == {"text->image", "image->text"}


def test_too_few_random_pairs_move_nothing() -> None:
    few = np.ones((8, 60), dtype=bool)
    few[0, : FEWEST - 1] = False
    assert moved_curves(BASE, ends(0.1), ends(0.3), few, both_ways=False) == {}


def test_scores_that_are_shares_have_no_error() -> None:
    likeness = np.linspace(-1, 1, 2_000).reshape(200, 10)
    curve = Calibration(mean=0.0, deviation=1.0, slope=4.0, bias=0.0)
    right = RANDOM.random((200, 10)) < 1 / (1 + np.exp(-4 * likeness))
    assert calibration_error(curve, (likeness, np.eye(10)), right) < 0.06
    assert calibration_error(curve, (likeness, np.eye(10)), ~right) > 0.3
