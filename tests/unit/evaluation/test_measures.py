"""Measures: figures worked by hand, and what must hold for any ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.evaluation.measures import (
    NOT_FOUND,
    first_right_ranks,
    mean_reciprocal_rank,
    median_rank,
    recall_at_k,
)

RANKS = st.lists(st.integers(1, 50) | st.just(NOT_FOUND), min_size=1).map(np.array)


def ranks_of(scores: list[list[float]], right: list[list[int]]) -> list[int]:
    return first_right_ranks(np.array(scores, dtype=np.float32), np.array(right, dtype=bool)).tolist()


def test_the_best_of_several_right_answers_counts() -> None:
    assert ranks_of([[0.9, 0.8, 0.7, 0.1]], [[0, 1, 0, 1]]) == [2]


def test_other_right_answers_do_not_push_the_best_one_back() -> None:
    assert ranks_of([[0.8, 0.8, 0.7]], [[1, 1, 0]]) == [1]


def test_ties_count_against_the_right_answer() -> None:
    assert ranks_of([[0.5, 0.5, 0.5, 0.5]], [[1, 0, 0, 0]]) == [4]


def test_scores_that_differ_by_rounding_alone_are_ties() -> None:
    assert ranks_of([[0.5, 0.5 - 1e-7]], [[1, 0]]) == [2]


def test_a_question_without_a_right_answer_is_not_found() -> None:
    assert ranks_of([[0.9, 0.1], [0.9, 0.1]], [[0, 0], [1, 0]]) == [NOT_FOUND, 1]


def test_a_gallery_without_answers_finds_nothing() -> None:
    assert (
        first_right_ranks(np.empty((2, 0), dtype=np.float32), np.empty((2, 0), dtype=bool)).tolist() == [NOT_FOUND] * 2
    )


def test_the_order_of_the_gallery_does_not_matter() -> None:
    random = np.random.default_rng(7)
    scores = random.integers(0, 4, (20, 9)).astype(np.float32)
    right = random.random((20, 9)) < 0.3
    shuffled = random.permutation(9)
    assert (
        first_right_ranks(scores, right).tolist() == first_right_ranks(scores[:, shuffled], right[:, shuffled]).tolist()
    )


def test_scores_and_right_answers_must_have_one_shape() -> None:
    with pytest.raises(ValueError, match="two arrays"):
        first_right_ranks(np.zeros((1, 2), dtype=np.float32), np.zeros((2, 1), dtype=bool))


@pytest.mark.parametrize(("k", "share"), [(1, 0.25), (5, 0.5), (6, 0.75), (1000, 0.75)])
def test_recall_is_the_share_found_by_rank_k(k: int, share: float) -> None:
    assert recall_at_k(np.array([1, 5, 6, NOT_FOUND]), k) == share


def test_recall_at_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="from 1"):
        recall_at_k(np.array([1]), 0)


def test_reciprocal_ranks_are_averaged_over_all_questions() -> None:
    assert mean_reciprocal_rank(np.array([1, 2, 4, NOT_FOUND])) == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert median_rank(np.array([1, 2, 7, 100])) == 4.5


def test_the_median_is_infinite_when_most_questions_find_nothing() -> None:
    assert median_rank(np.array([1, NOT_FOUND, NOT_FOUND])) == float("inf")


@pytest.mark.parametrize("measure", [mean_reciprocal_rank, median_rank, lambda ranks: recall_at_k(ranks, 1)])
@pytest.mark.parametrize("ranks", [np.array([], dtype=np.int64), np.array([0, 1]), np.array([[1]])])
def test_what_are_no_ranks_is_refused(measure, ranks: np.ndarray) -> None:
    with pytest.raises(ValueError, match="rank"):
        measure(ranks)


@given(RANKS)
def test_recall_grows_with_k_and_stays_within_0_and_1(ranks: np.ndarray) -> None:
    shares = [recall_at_k(ranks, k) for k in (1, 2, 5, 10, 50)]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1


@given(RANKS)
def test_the_mean_reciprocal_rank_lies_between_recall_at_1_and_1(ranks: np.ndarray) -> None:
    assert recall_at_k(ranks, 1) - 1e-12 <= mean_reciprocal_rank(ranks) <= 1
