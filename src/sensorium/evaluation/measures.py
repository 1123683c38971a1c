"""Ranks and what is told of them. Every measure takes the ranks of the first right answers, one for each question.

A rank counts from 1. What was never found has the rank `NOT_FOUND`, which lies beyond every k.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ranks = npt.NDArray[np.int64]
"""int64 [questions]: the rank of the first right answer, from 1, or NOT_FOUND."""

NOT_FOUND = int(np.iinfo(np.int64).max)

TIE = 1e-6
"""Scores this close are equal: a matrix product gives equal rows products that differ in the last bits."""


def first_right_ranks(scores: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> Ranks:
    """The rank of the best right answer of each question, where a tie counts against it.

    scores, right: [questions, answers], in any order. The rank is one more than the number of wrong answers that
    score as high as the best right one or higher, so that an encoder that says the same of everything is last, and
    the order in which an index lists equals does not matter.

    By hand: the right answer has 0.5, and two wrong ones have 0.9 and 0.5, so it is third.

    >>> first_right_ranks(np.float32([[0.9, 0.5, 0.5, 0.1]]), np.array([[False, True, False, False]])).tolist()
    [3]
    """
    if scores.shape != right.shape or scores.ndim != 2:
        raise ValueError(f"expected two arrays [questions, answers], got {scores.shape} and {right.shape}")
    best = np.max(np.where(right, scores, -np.inf), axis=1, initial=-np.inf, keepdims=True)
    ahead = np.count_nonzero(~right & (scores >= best - TIE), axis=1)
    return np.where(right.any(axis=1), ahead + 1, NOT_FOUND).astype(np.int64)


def recall_at_k(ranks: Ranks, k: int) -> float:
    """The share of questions with any right answer among the first k, 0..1 (any-hit).

    This is the R@K of picture and sentence retrieval (Hodosh, Young and Hockenmaier 2013, JAIR 47). Where a question
    has several right answers it is not the share of them that was found; information retrieval calls it success at k.

    By hand: of four questions two have their answer among the first five.

    >>> recall_at_k(np.array([1, 5, 6, NOT_FOUND]), k=5)
    0.5
    """
    if k < 1:
        raise ValueError(f"k counts from 1, got {k}")
    return float(np.mean(_checked(ranks) <= k))


def mean_reciprocal_rank(ranks: Ranks) -> float:
    """The mean of 1 / rank, 0..1, with 0 for what was not found (Voorhees 1999, TREC-8 question answering track).

    By hand: (1/1 + 1/4 + 0) / 3 = 0.4166...

    >>> round(mean_reciprocal_rank(np.array([1, 4, NOT_FOUND])), 4)
    0.4167
    """
    ranks = _checked(ranks)
    return float(np.mean(np.where(ranks == NOT_FOUND, 0.0, 1.0 / ranks)))


def median_rank(ranks: Ranks) -> float:
    """The rank that half of the questions reach, from 1; infinite when half of them found nothing.

    Hodosh, Young and Hockenmaier 2013, JAIR 47. Of an even number of questions it is the mean of the middle two.

    By hand: sorted 1, 2, 7, 9, the middle two are 2 and 7.

    >>> median_rank(np.array([9, 1, 7, 2]))
    4.5
    """
    ranks = _checked(ranks)
    return float(np.median(np.where(ranks == NOT_FOUND, np.inf, ranks)))


def _checked(ranks: Ranks) -> Ranks:
    if ranks.ndim != 1 or ranks.size == 0:
        raise ValueError(f"expected the ranks of at least one question, got shape {ranks.shape}")
    if ranks.min() < 1:
        raise ValueError(f"ranks count from 1, got {ranks.min()}")
    return ranks
