"""Whether what searches show has the groups of people and things that there are to show.

Skew and NDKL of Geyik, Ambler and Kenthapadi 2019 (KDD, "Fairness-Aware Ranking in Search and Recommendation Systems
with Application to LinkedIn Talent Search"). The share that a group should have is its share of the items that were
labelled: what a ranking that does not look at groups would give on average.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import BadInput
from sensorium.evaluation.intervals import Interval, cluster_bootstrap
from sensorium.evaluation.reports import DIGITS, INTERVALS, as_triple

BIAS_SCHEMA = "sensorium.bias/1"
"""Name and version of the JSON of a `BiasReport`. New fields do not change the version."""

PSEUDO = 1.0
"""Items added to each ranking, split among the groups as they should be: a group that is absent has a finite skew."""

BIAS_DEFINITION = (
    "Skew@k of a group: natural logarithm of its share of the first k over its share of all labelled items, 0 being "
    "even, with one further item added that is split as all are; MinSkew@k and MaxSkew@k: the lowest and the highest "
    "of all groups; NDKL@k: 0 for even at every depth, higher the further from it; each is the mean over the queries"
)

Groups = npt.NDArray[np.int64]
"""int64 [k]: the number of the group of each item of a ranking, best first."""

Shares = npt.NDArray[np.float64]
"""float64 [groups]: above 0, summing to 1."""


def skews(ranking: Groups, desired: Shares, *, pseudo: float = 0.0) -> Shares:
    """Skew@k of each group over the whole of `ranking`, k being its length.

    ln(share of the group in the ranking / desired share). pseudo: items that are added, split as desired; 0 is the
    paper's own formula, by which an absent group has minus infinity. Raises ValueError for no ranking, a group without
    a share, and shares that are not above 0 or do not sum to 1.

    By hand: of four items three are of group 0, and half should be: ln(0.75 / 0.5) = 0.405, ln(0.25 / 0.5) = -0.693.

    >>> skews(np.array([0, 0, 1, 0]), np.array([0.5, 0.5])).round(3).tolist()
    [0.405, -0.693]

    With one further item, half of it of each group: ln(3.5 / 5 / 0.5) = 0.336, ln(1.5 / 5 / 0.5) = -0.511.

    >>> skews(np.array([0, 0, 1, 0]), np.array([0.5, 0.5]), pseudo=1.0).round(3).tolist()
    [0.336, -0.511]
    """
    _check(ranking, desired)
    counts = np.bincount(ranking, minlength=len(desired)) + pseudo * desired
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(counts / (len(ranking) + pseudo) / desired), dtype=np.float64)


def min_skew(ranking: Groups, desired: Shares, *, pseudo: float = 0.0) -> float:
    """The skew of the group that is worst off: 0 or less. See `skews`.

    >>> round(min_skew(np.array([0, 0, 1, 0]), np.array([0.5, 0.5])), 3)
    -0.693
    """
    return float(skews(ranking, desired, pseudo=pseudo).min())


def max_skew(ranking: Groups, desired: Shares, *, pseudo: float = 0.0) -> float:
    """The skew of the group that is best off: 0 or more. See `skews`.

    >>> round(max_skew(np.array([0, 0, 1, 0]), np.array([0.5, 0.5])), 3)
    0.405
    """
    return float(skews(ranking, desired, pseudo=pseudo).max())


def ndkl(ranking: Groups, desired: Shares) -> float:
    """Normalised discounted cumulative Kullback-Leibler divergence: 0 where every prefix is as desired.

    The divergence of each prefix of length i from the desired shares, weighed by 1 / log2(i + 1), over the sum of the
    weights. Natural logarithms. Raises ValueError as `skews` does.

    By hand, two items of groups 0 and 1, half of each desired: the first prefix has ln(1 / 0.5) = 0.693, the second
    is even and has 0; weights 1 and 1 / log2(3) = 0.631; 0.693 / 1.631 = 0.425.

    >>> round(ndkl(np.array([0, 1]), np.array([0.5, 0.5])), 3)
    0.425
    """
    _check(ranking, desired)
    lengths = np.arange(1, len(ranking) + 1)
    shares = np.cumsum(np.eye(len(desired))[ranking], axis=0) / lengths[:, np.newaxis]
    ratios = np.log(np.where(shares > 0, shares / desired, 1.0))
    weights = 1 / np.log2(lengths + 1)
    return float(weights @ (shares * ratios).sum(axis=1) / weights.sum())


def _check(ranking: Groups, desired: Shares) -> None:
    if ranking.ndim != 1 or ranking.size == 0:
        raise ValueError(f"expected the groups of at least one item, got shape {ranking.shape}")
    if ranking.min() < 0 or ranking.max() >= len(desired):
        raise ValueError(f"a group lies outside 0..{len(desired) - 1}")
    if not (desired > 0).all() or abs(desired.sum() - 1) > 1e-9:
        raise ValueError("desired shares are above 0 and sum to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigure:
    """One group. share: of the labelled items, which is what it should have. skew: over the queries."""

    name: str
    items: int
    share: float
    skew: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasReport:
    """How even the first k are, over all queries. unequal: queries that are furthest from even, worst first."""

    k: int
    queries: int
    items: int
    groups: tuple[GroupFigure, ...]
    min_skew: Interval
    max_skew: Interval
    ndkl: Interval
    unequal: tuple[tuple[str, float], ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `BIAS_SCHEMA`."""
        return {
            "schema": BIAS_SCHEMA,
            "k": self.k,
            "queries": self.queries,
            "items": self.items,
            "definition": BIAS_DEFINITION,
            "intervals": INTERVALS,
            "min_skew": as_triple(self.min_skew),
            "max_skew": as_triple(self.max_skew),
            "ndkl": as_triple(self.ndkl),
            "groups": [
                {
                    "name": group.name,
                    "items": group.items,
                    "share": round(group.share, DIGITS),
                    "skew": as_triple(group.skew),
                }
                for group in self.groups
            ],
            "unequal": [{"query": query, "ndkl": round(value, DIGITS)} for query, value in self.unequal],
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.queries:,} queries over {self.items:,} labelled items, first {self.k}, {self.seconds:.0f} s"
        for name, interval in (("MinSkew", self.min_skew), ("MaxSkew", self.max_skew), ("NDKL", self.ndkl)):
            yield f"{name + f'@{self.k}':14}{interval}"
        for group in self.groups:
            yield f"group {group.name}: {group.items:,} items, {100 * group.share:.1f} %, Skew@{self.k} {group.skew}"
        yield from (f"furthest from even: {query}, NDKL {value:.3f}" for query, value in self.unequal)
        yield BIAS_DEFINITION
        yield f"intervals: {INTERVALS}"


SHOWN = 5
"""Queries that are named as furthest from even."""


def audit(
    queries: Sequence[str], group_of: Mapping[str, str], k: int, ranked: Callable[[str], Sequence[str]]
) -> BiasReport:
    """How even the first k answers to each query are.

    queries: each once. group_of: item id -> name of its group, of all items that may be found. ranked: a query -> ids
    of labelled items, best first, at least k of them where there are so many.

    Raises BadInput for no query, one that finds nothing, k below 1 or so large that every labelled item is shown, and
    fewer than two groups.

    >>> both = {"a": "cats", "b": "dogs", "c": "cats", "d": "dogs"}
    >>> audit(["pet"], both, 2, lambda query: ["a", "c"]).groups[1].skew.mean < 0
    True
    """
    start = time.perf_counter()
    names = sorted(set(group_of.values()))
    _check_audit(queries, group_of, len(names), k)
    number = {name: place for place, name in enumerate(names)}
    sizes = np.bincount([number[group] for group in group_of.values()])
    desired = sizes / sizes.sum()
    rankings = [np.array([number[group_of[item]] for item in _first(ranked, query, k)]) for query in queries]
    by_group = np.stack([skews(ranking, desired, pseudo=PSEUDO) for ranking in rankings])
    divergences = np.array([ndkl(ranking, desired) for ranking in rankings])
    alone = np.arange(len(queries))
    return BiasReport(
        k=k,
        queries=len(queries),
        items=len(group_of),
        groups=tuple(
            GroupFigure(
                name=name,
                items=int(sizes[place]),
                share=float(desired[place]),
                skew=cluster_bootstrap(by_group[:, place], alone),
            )
            for name, place in number.items()
        ),
        min_skew=cluster_bootstrap(by_group.min(axis=1), alone),
        max_skew=cluster_bootstrap(by_group.max(axis=1), alone),
        ndkl=cluster_bootstrap(divergences, alone),
        unequal=tuple((queries[at], float(divergences[at])) for at in np.argsort(-divergences, kind="stable")[:SHOWN]),
        seconds=time.perf_counter() - start,
    )


def _first(ranked: Callable[[str], Sequence[str]], query: str, k: int) -> Sequence[str]:
    found = ranked(query)[:k]
    if not found:
        raise BadInput("it finds none of the labelled items", subject=query, remedy="add items that can be searched")
    return found


def _check_audit(queries: Sequence[str], group_of: Mapping[str, str], groups: int, k: int) -> None:
    if not queries:
        raise BadInput("there is no query", remedy="give at least one")
    if groups < 2:
        raise BadInput(
            f"the labelled items make {groups} group{'s'[: groups != 1]}", remedy="label items of at least two groups"
        )
    if not 1 <= k < len(group_of):
        raise BadInput(
            f"k is {k}, and {len(group_of)} items are labelled",
            remedy="give a k from 1 that is smaller than their number: where all are shown there is nothing to skew",
        )
