"""Bootstrap intervals: what they must be where it is known, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.evaluation.intervals import cluster_bootstrap

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40).map(np.array)


def alone(values: np.ndarray) -> np.ndarray:
    return np.arange(len(values))


def test_the_interval_is_that_of_theory_for_many_independent_values() -> None:
    values = np.random.default_rng(1).random(2_000)
    found = cluster_bootstrap(values, alone(values))
    half = 1.96 * values.std() / 2_000**0.5
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_values_of_one_cluster_count_as_one_observation() -> None:
    values = np.random.default_rng(2).random(400)
    once = cluster_bootstrap(values, alone(values))
    five_times = cluster_bootstrap(values.repeat(5), alone(values).repeat(5))
    assert (five_times.low, five_times.high) == pytest.approx((once.low, once.high))


def test_values_taken_for_independent_would_give_too_narrow_an_interval() -> None:
    values = np.random.default_rng(3).random(400).repeat(5)
    together = cluster_bootstrap(values, np.arange(400).repeat(5))
    apart = cluster_bootstrap(values, alone(values))
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_a_larger_cluster_weighs_as_many_values_as_it_has() -> None:
    found = cluster_bootstrap(np.array([1.0, 1.0, 1.0, 0.0]), np.array([0, 0, 0, 1]))
    assert found.mean == 0.75


def test_the_numbers_of_the_clusters_mean_nothing() -> None:
    values = np.array([0.0, 1.0, 0.5])
    assert cluster_bootstrap(values, np.array([0, 1, 1])) == cluster_bootstrap(values, np.array([-7, 900, 900]))


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    values = np.random.default_rng(4).random(50)
    assert cluster_bootstrap(values, alone(values)) == cluster_bootstrap(values, alone(values))
    assert cluster_bootstrap(values, alone(values)) != cluster_bootstrap(values, alone(values), seed=1)


def test_a_lower_level_gives_a_narrower_interval() -> None:
    values = np.random.default_rng(5).random(50)
    wide, narrow = cluster_bootstrap(values, alone(values)), cluster_bootstrap(values, alone(values), level=0.5)
    assert wide.low < narrow.low < narrow.high < wide.high


@given(VALUES)
def test_the_mean_is_plain_and_the_ends_lie_among_the_values(values: np.ndarray) -> None:
    found = cluster_bootstrap(values, alone(values), rounds=20)
    assert found.mean == float(values.mean())
    assert values.min() - 1e-12 <= found.low <= found.high <= values.max() + 1e-12


@pytest.mark.parametrize(
    ("values", "clusters", "complaint"),
    [
        ([], [], "n >= 1"),
        ([1.0, 2.0], [1], "expected values and clusters"),
        ([[1.0]], [[1]], "expected values and clusters"),
        ([1.0, float("nan")], [1, 2], "not finite"),
        ([1.0, float("inf")], [1, 2], "not finite"),
    ],
)
def test_what_has_no_mean_is_refused(values: list, clusters: list, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        cluster_bootstrap(np.array(values), np.array(clusters))


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"level": 0.0}, {"level": 1.0}])
def test_numbers_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="expected rounds"):
        cluster_bootstrap(np.array([1.0]), np.array([1]), **wrong)
