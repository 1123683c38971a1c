"""What is told of ranked answers, query by query.

Names are those of the field: `nDCG@10`, `AP`, `RR`, `R@1` for the share of a query's right answers that was found, and
`Success@1` for whether any was. nDCG, AP and R are trec_eval's own, through `ir_measures` (the extra `evaluate`). What
follows from the rank of the first right answer alone is worked out here, since `evaluate pairs` needs no extra.

A rank counts from 1. What was never found has the rank `NOT_FOUND`, which lies beyond every k.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import ExtraMissing
from sensorium.evaluation.intervals import Values

Ranks = npt.NDArray[np.int64]
"""int64 [queries]: the rank of the first right answer, from 1, or NOT_FOUND."""

Grades = npt.NDArray[np.int64]
"""int64 [queries, depth]: the grade of the answer at each rank, best first; 0 for a wrong one and for none."""

NOT_FOUND = int(np.iinfo(np.int64).max)

TIE = 1e-6
"""Scores this close are equal: a matrix product gives equal rows products that differ in the last bits."""

QUERIES_AT_ONCE = 256
"""How many queries' answers become Python objects at once: bounds the memory that `ir_measures` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Ranked answers with their grades.

    grades: int64 [queries, depth]. right: for each query the grades of all its right answers, each 1 or more, found or
    not, in any order.
    """

    grades: Grades
    right: Sequence[Sequence[int]] = field(repr=False)

    def __post_init__(self) -> None:
        if self.grades.ndim != 2 or len(self.grades) != len(self.right) or not len(self.grades):
            raise ValueError(f"expected grades [queries, depth] of {len(self.right)} queries, got {self.grades.shape}")

    @property
    def first(self) -> Ranks:
        """The ranks of the first right answers."""
        is_right = self.grades > 0
        return np.where(is_right.any(axis=1), is_right.argmax(axis=1) + 1, NOT_FOUND).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure for each query, 0..1, more is better. words: what it says. paper: where it was defined."""

    name: str
    words: str
    paper: str


def measure(name: str) -> Measure:
    """The measure of that name, with any k from 1. Raises ValueError for a name that is none.

    >>> measure("R@5").words
    'share of the right answers that are among the first 5'
    """
    match = re.fullmatch(r"(?:(Success|R|nDCG)@([1-9][0-9]*|k)|RR|AP)", name)
    if match is None:
        raise ValueError(f"{name!r} is no measure; there are Success@k, R@k, nDCG@k, RR and AP")
    words, paper = _ABOUT[match[1] or name]
    return Measure(name=name, words=words.format(k=match[2]), paper=paper)


def families(names: Iterable[str]) -> list[Measure]:
    """The measures of these names, those that differ in k alone as one.

    >>> [family.name for family in families(["R@1", "R@5", "RR"])]
    ['R@k', 'RR']
    """
    return [measure(name) for name in dict.fromkeys(re.sub("@.*", "@k", name) for name in names)]


_ABOUT = {
    "nDCG": (
        "sum of grade / log2(rank + 1) over the first {k}, as a share of the most that could be had",
        "Järvelin and Kekäläinen 2002, ACM TOIS 20(4)",
    ),
    "Success": ("1 where any right answer is among the first {k}, else 0", "Hodosh et al. 2013, JAIR 47, as recall"),
    "R": ("share of the right answers that are among the first {k}", "Cleverdon 1967, Aslib Proceedings 19(6)"),
    "RR": ("1 / rank of the first right answer, 0 where none was found", "Voorhees 1999, TREC-8"),
    "AP": ("mean over all right answers of the share of right ones up to its rank", "Buckley and Voorhees 2000, SIGIR"),
}

MEASURES = ("nDCG@10", "Success@1", "Success@5", "Success@10", "R@1", "R@5", "R@10", "RR", "AP")
"""What a report tells, besides the median rank."""


def per_query(judged: Judged, names: Sequence[str]) -> dict[str, Values]:
    """float64 [queries] for each of these names. Raises ExtraMissing where `ir_measures` is needed and not there."""
    first = judged.first
    own = {name: _of_first(first, name) for name in names if name == "RR" or name.startswith("Success@")}
    asked = own | _by_ir_measures(judged, [name for name in names if name not in own])
    return {name: asked[name] for name in names}


def _of_first(first: Ranks, name: str) -> Values:
    return reciprocal_rank(first) if name == "RR" else success_at_k(first, int(name.partition("@")[2]))


def success_at_k(ranks: Ranks, k: int) -> Values:
    """1 for each query with any right answer among the first k, else 0 (any-hit).

    The R@K of picture and sentence retrieval (Hodosh, Young and Hockenmaier 2013, JAIR 47). Where a query has several
    right answers it is not the share of them that was found: see `recall_at_k`.

    By hand: two of four queries have an answer among the first five.

    >>> success_at_k(np.array([1, 5, 6, NOT_FOUND]), k=5)
    array([1., 1., 0., 0.])
    """
    if k < 1:
        raise ValueError(f"k counts from 1, got {k}")
    return (_checked(ranks) <= k).astype(np.float64)


def reciprocal_rank(ranks: Ranks) -> Values:
    """1 / rank of the first right answer, 0..1, 0 for what was not found (Voorhees 1999, TREC-8 question answering).

    >>> reciprocal_rank(np.array([1, 4, NOT_FOUND]))
    array([1.  , 0.25, 0.  ])
    """
    ranks = _checked(ranks)
    return np.where(ranks == NOT_FOUND, 0.0, 1.0 / ranks)


def median_rank(ranks: Ranks) -> float:
    """The rank that half of the queries reach, from 1; infinite when half of them found nothing.

    Hodosh, Young and Hockenmaier 2013, JAIR 47. Of an even number of queries it is the mean of the middle two.

    By hand: sorted 1, 2, 7, 9, the middle two are 2 and 7.

    >>> median_rank(np.array([9, 1, 7, 2]))
    4.5
    """
    ranks = _checked(ranks)
    return float(np.median(np.where(ranks == NOT_FOUND, np.inf, ranks)))


def recall_at_k(judged: Judged, k: int) -> Values:
    """The share of a query's right answers that are among the first k, 0..1 (Cleverdon 1967, Aslib Proceedings 19(6)).

    With n right answers it reaches 1 only from k = n on. Grades do not matter. TREC's `recall_k`.

    By hand: of three right answers the first two ranks hold one.

    >>> recall_at_k(Judged(grades=np.array([[0, 1, 0, 2]]), right=[[1, 2, 1]]), k=2).round(4)
    array([0.3333])
    """
    return per_query(judged, [f"R@{k}"])[f"R@{k}"]


def average_precision(judged: Judged) -> Values:
    """The mean, over all right answers, of the share of right answers up to its rank, 0..1; 0 for one not found.

    Buckley and Voorhees 2000, SIGIR, "Evaluating Evaluation Measure Stability". Its mean over queries is MAP.

    By hand: right answers at ranks 1 and 3, a third one not found: (1/1 + 2/3 + 0) / 3.

    >>> average_precision(Judged(grades=np.array([[1, 0, 1]]), right=[[1, 1, 1]])).round(4)
    array([0.5556])
    """
    return per_query(judged, ["AP"])["AP"]


def ndcg_at_k(judged: Judged, k: int) -> Values:
    """The discounted cumulated gain of the first k, as a share of that of the best order, 0..1.

    The gain is the grade itself (not 2 ** grade - 1), the discount 1 / log2(rank + 1).
    Järvelin and Kekäläinen 2002, ACM TOIS 20(4), with the discount of trec_eval.

    By hand: grades 1 then 3, best 3 then 1: (1/1 + 3/1.585) / (3/1 + 1/1.585) = 2.8928 / 3.6309.

    >>> ndcg_at_k(Judged(grades=np.array([[1, 3]]), right=[[3, 1]]), k=10).round(4)
    array([0.7967])
    """
    return per_query(judged, [f"nDCG@{k}"])[f"nDCG@{k}"]


def _checked(ranks: Ranks) -> Ranks:
    if ranks.ndim != 1 or ranks.size == 0:
        raise ValueError(f"expected the ranks of at least one query, got shape {ranks.shape}")
    if ranks.min() < 1:
        raise ValueError(f"ranks count from 1, got {ranks.min()}")
    return ranks


def _by_ir_measures(judged: Judged, names: Sequence[str]) -> dict[str, Values]:
    """What `ir_measures` says; its scores are the ranks themselves, so that nothing is left to its way with ties."""
    values = {name: np.zeros(len(judged.right)) for name in names}
    if not names:
        return values
    try:
        import ir_measures
    except ImportError as error:
        raise ExtraMissing(
            f"{', '.join(names)} need {error.name}, which is not installed",
            remedy="install it by `pip install 'sensorium[evaluate]'`",
        ) from None
    asked = [ir_measures.parse_measure(name) for name in names]
    for qrels, run in _as_trec(judged):
        for found in ir_measures.iter_calc(asked, qrels, run):
            values[str(found.measure)][int(found.query_id)] = found.value
    return values


def _as_trec(judged: Judged) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Some queries at once, as qrels and run: the answer at rank r is named r, and one not found is named `missed`."""
    depth = judged.grades.shape[1]
    names, scores = [str(rank) for rank in range(depth)], [float(depth - rank) for rank in range(depth)]
    answers = dict(zip(names, scores, strict=True))
    for start in range(0, len(judged.right), QUERIES_AT_ONCE):
        qrels, run = {}, {}
        for query in range(start, min(start + QUERIES_AT_ONCE, len(judged.right))):
            found = {names[rank]: int(judged.grades[query, rank]) for rank in np.flatnonzero(judged.grades[query])}
            missed = list(judged.right[query])
            for grade in found.values():
                missed.remove(grade)
            qrels[str(query)] = found | {f"missed {n}": int(grade) for n, grade in enumerate(missed)}
            run[str(query)] = answers
        yield qrels, run
