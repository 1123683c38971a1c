"""The randomisation test and the correction for many looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.evaluation.significance import holm, sign_flip_p

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_equal_systems_differ_by_luck_for_certain() -> None:
    assert sign_flip_p(np.zeros((50, 2))).tolist() == [1.0, 1.0]


def test_few_clusters_are_tried_in_every_way() -> None:
    sums = np.array([[3.0], [2.0], [-1.0]])
    # Of |+-3 +-2 +-1| eight ways, 6 (twice) and 4 (twice) are as far from 0 as 4.
    assert sign_flip_p(sums).tolist() == [0.5]


def test_many_clusters_are_drawn_and_agree_with_theory() -> None:
    random = np.random.default_rng(1)
    sums = random.standard_normal((400, 1)) + 0.1
    z = abs(sums.sum()) / np.sqrt((sums**2).sum())
    normal = 2 * (1 - 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))))
    assert sign_flip_p(sums)[0] == pytest.approx(normal, abs=0.02)


def test_luck_is_never_excluded_by_draws() -> None:
    assert sign_flip_p(np.ones((100, 1)), permutations=999).tolist() == [0.001]


def test_under_no_difference_small_chances_come_as_rarely_as_they_say() -> None:
    random = np.random.default_rng(2)
    chances = sign_flip_p(random.standard_normal((40, 400)), permutations=999)
    assert np.mean(chances <= 0.1) == pytest.approx(0.1, abs=0.04)


def test_the_direction_does_not_matter_and_the_seed_repeats() -> None:
    sums = np.random.default_rng(3).standard_normal((60, 1)) + 0.3
    assert sign_flip_p(sums) == sign_flip_p(-sums) == sign_flip_p(sums, seed=0)


@pytest.mark.parametrize("sums", [np.zeros(3), np.zeros((0, 1)), np.array([[np.nan]])])
def test_what_are_no_sums_is_refused(sums: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected finite sums"):
        sign_flip_p(sums)


@given(CHANCES)
def test_holm_keeps_the_order_and_never_makes_a_chance_smaller(chances: list[float]) -> None:
    corrected = holm(chances)
    assert all(p <= c <= 1 for p, c in zip(chances, corrected, strict=True))
    order = np.argsort(chances, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)


@given(CHANCES)
def test_holm_lies_at_or_below_bonferroni(chances: list[float]) -> None:
    assert all(c <= min(1, len(chances) * p) + 1e-12 for p, c in zip(chances, holm(chances), strict=True) if p > 0)
