"""Hubs: answers that are near to every question, and so stand before the right ones. Telling and correcting them.

In spaces of many dimensions some points are among the nearest of very many others (Radovanović, Nanopoulos and Ivanović
2010, JMLR 11), and one that is made to be is an attack (Zhang, Suya, Jha, Eisenhofer and Shmatikov 2024, "Adversarial
Hubness in Multi-Modal Retrieval"). Everything here works on matrices of scores [questions, items]. The corrections need
a bank: scores of other questions against the same items, from data of their own, never from the questions measured.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
"""[questions, items]: inner products of unit vectors, higher for nearer."""

Counts = npt.NDArray[np.int64]
"""int64 [items]: for how many questions each item is among the first k."""

BETA = 20.0
NEIGHBOURS = 10

DEVIATIONS = 5.0
LEAST_DEVIATION = float(np.log(1.5))
LEAST_SHARE = 0.05
OFTEN = 3

RULE = (
    f"flagged: among the first k of at least {LEAST_SHARE:.0%} of the questions and at least {OFTEN} times as often as "
    f"the mean item, and log(1 + count) more than {DEVIATIONS:g} robust deviations (1.4826 times the median "
    "absolute deviation, at least log 1.5) above the median"
)


# -- telling ---------------------------------------------------------------------------------------------------------


def k_occurrences(scores: Scores, k: int) -> Counts:
    """N_k of each item: for how many questions it is among the first k. Of equal scores the earlier item is first.

    ValueError unless 1 <= k <= items and there is a question.

    By hand: the first item wins both questions.

    >>> k_occurrences(np.array([[0.9, 0.1, 0.2], [0.8, 0.7, 0.1]]), k=1).tolist()
    [2, 0, 0]
    """
    if scores.ndim != 2 or not scores.size or not 1 <= k <= scores.shape[1]:
        raise ValueError(f"expected scores [questions, items] and k from 1 to items, got {scores.shape} and {k}")
    first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.bincount(first.ravel(), minlength=scores.shape[1])


def skewness(counts: Counts) -> float:
    """The third standardised moment of the counts; 0 when all are equal (Radovanović et al. 2010, equation 1).

    0 for an even spread about the mean, well above 0 where few items are found by many questions.

    By hand: 0, 0, 3 have mean 1, deviations -1, -1, 2; their cubes have mean 2, their squares 2: 2 / 2 ** 1.5 = 0.707.

    >>> round(skewness(np.array([0, 0, 3])), 3)
    0.707
    """
    deviations = counts - counts.mean()
    variance = float((deviations**2).mean())
    return float((deviations**3).mean() / variance**1.5) if variance > 0 else 0.0


def share_never_found(counts: Counts) -> float:
    """The share of items that no question has among its first k, 0..1 (antihubs).

    >>> share_never_found(np.array([0, 0, 3, 1]))
    0.5
    """
    return float((counts == 0).mean())


def flagged(counts: Counts, questions: int) -> npt.NDArray[np.int64]:
    """The items that are found so often that somebody should look at them, most often first. The rule is `RULE`.

    Counts are taken as logarithms, since those of natural hubs spread over orders of magnitude. No item can be found
    more often than items / k times as often as the mean, so in a gallery of less than about 10 k items nothing is
    flagged. ValueError for counts that so many questions can not give.

    >>> flagged(np.array([1, 2, 0, 1, 3, 2, 0, 1, 2, 100]), questions=112).tolist()
    [9]
    """
    if questions < 1 or counts.max(initial=0) > questions:
        raise ValueError(f"a count is above the number of questions, {questions}")
    heights = np.log1p(counts)
    deviation = max(1.4826 * float(np.median(np.abs(heights - np.median(heights)))), LEAST_DEVIATION)
    high = heights > np.median(heights) + DEVIATIONS * deviation
    often = counts >= max(LEAST_SHARE * questions, OFTEN * counts.mean())
    found = np.flatnonzero(high & often)
    return found[np.argsort(-counts[found], kind="stable")]


# -- correcting ------------------------------------------------------------------------------------------------------


def inverted_softmax(scores: Scores, bank: Scores, beta: float = BETA) -> Scores:
    """Scores less how near each item is to the bank as a whole (Smith, Turban, Hamblin and Hammerla 2017, ICLR).

    `log(exp(beta * s) / mean over the bank of exp(beta * b)) / beta`: the logarithm of a softmax over questions in
    place of items, on the scale of the scores; each question's order is that of the softmax itself. bank: [bank
    questions, items], at least one. beta: above 0; the larger, the more the nearest questions alone count. ValueError.

    By hand, with one question in the bank, the item's score for it is taken away.

    >>> inverted_softmax(np.array([[0.5, 0.4]]), np.array([[0.4, 0.1]])).round(3).tolist()
    [[0.1, 0.3]]
    """
    _check(scores, bank)
    if not beta > 0:
        raise ValueError(f"beta is above 0, got {beta}")
    scaled = beta * bank.astype(np.float64)
    most = scaled.max(axis=0)
    near = (np.log(np.exp(scaled - most).mean(axis=0)) + most) / beta
    return np.asarray(scores - near)


def csls(scores: Scores, bank: Scores, neighbours: int = NEIGHBOURS) -> Scores:
    """Cross-domain similarity local scaling (Conneau, Lample, Ranzato, Denoyer and Jégou 2018, ICLR).

    `2 s - r(question) - r(item)`: r(item) is the mean of its highest scores in the bank, r(question) that of the
    question's highest scores among the items, which changes no order. neighbours: how many highest, from 1; where
    there are fewer, all. ValueError.

    By hand, with one neighbour: r(question) = 0.5, r(item) = 0.4 and 0.1: 1 - 0.5 - 0.4 and 0.8 - 0.5 - 0.1.

    >>> csls(np.array([[0.5, 0.4]]), np.array([[0.4, 0.1]]), neighbours=1).round(3).tolist()
    [[0.1, 0.2]]
    """
    _check(scores, bank)
    if neighbours < 1:
        raise ValueError(f"neighbours count from 1, got {neighbours}")
    of_item = np.sort(bank.astype(np.float64), axis=0)[-neighbours:].mean(axis=0)
    of_question = np.sort(scores.astype(np.float64), axis=1)[:, -neighbours:].mean(axis=1)
    return np.asarray(2 * scores - of_question[:, np.newaxis] - of_item)


def dynamic_inverted_softmax(scores: Scores, bank: Scores, beta: float = BETA) -> Scores:
    """Query-bank normalisation (Bogolin, Croitoru, Jin, Liu and Albanie 2022, CVPR).

    The inverted softmax for those questions alone whose first item is first for a question of the bank too; others
    keep their scores, so that a bank of other questions does no harm. Scores of two questions are not comparable
    afterwards, each question's own are. ValueError.

    By hand: the bank's question has the first item first, so the first question is corrected and the second is not.

    >>> bank = np.array([[0.4, 0.1]])
    >>> dynamic_inverted_softmax(np.array([[0.5, 0.4], [0.2, 0.6]]), bank).round(3).tolist()
    [[0.1, 0.3], [0.2, 0.6]]
    """
    corrected = inverted_softmax(scores, bank, beta)
    hubs = np.unique(bank.argmax(axis=1))
    touched = np.isin(scores.argmax(axis=1), hubs)
    return np.where(touched[:, np.newaxis], corrected, scores)


def _check(scores: Scores, bank: Scores) -> None:
    if scores.ndim != 2 or bank.ndim != 2 or scores.shape[1] != bank.shape[1] or not len(bank) or not scores.size:
        raise ValueError(f"expected scores and bank over the same items, got {scores.shape} and {bank.shape}")
