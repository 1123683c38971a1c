"""Two saved reports, query by query: is one system better, or was it luck?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.evaluation.intervals import LEVEL, ROUNDS, Interval, cluster_bootstrap, cluster_sums
from sensorium.evaluation.reports import DIGITS, as_triple, cluster_numbers
from sensorium.evaluation.saving import SavedReport, SavedTask
from sensorium.evaluation.significance import PERMUTATIONS, holm, sign_flip_p

COMPARE_SCHEMA = "sensorium.comparison/1"
"""Name and version of the JSON of a `Comparison`. New fields do not change the version."""

CHANCE = 0.05
"""A difference that luck gives more rarely, after the correction, is called clear."""

DIFFERENCE = (
    f"b - a over the same queries, with an interval of {100 * LEVEL:g} % by the bootstrap over clusters, {ROUNDS:,}"
    " rounds, seed 0 (Efron 1979; Field and Welsh 2007)"
)
TEST = (
    f"two-sided randomisation test by the signs of whole clusters, {PERMUTATIONS:,} draws or all, seed 0 (Smucker,"
    " Allan and Carterette 2007), corrected over all rows (Holm 1979)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One measure of one task.

    a, b: of each system. change: b - a. p: how often luck alone gives so large a change. p_holm: corrected for how many
    were looked at. same_as: further measures with the same values throughout, which are not tested again.
    """

    task: str
    measure: str
    same_as: tuple[str, ...]
    queries: int
    clusters: int
    a: Interval
    b: Interval
    change: Interval
    p: float
    p_holm: float

    @property
    def is_clear(self) -> bool:
        """Whether luck is an unlikely reason."""
        return self.p_holm < CHANCE

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `differences`."""
        return {
            "task": self.task,
            "measure": self.measure,
            "same_as": list(self.same_as),
            "queries": self.queries,
            "clusters": self.clusters,
            "a": as_triple(self.a),
            "b": as_triple(self.b),
            "change": as_triple(self.change),
            "p": round(self.p, DIGITS),
            "p_holm": round(self.p_holm, DIGITS),
            "clear": self.is_clear,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two systems on the same queries. a, b: what was measured, in words."""

    suite: str
    a: str
    b: str
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """The comparison in the schema `COMPARE_SCHEMA`."""
        return {
            "schema": COMPARE_SCHEMA,
            "suite": self.suite,
            "a": self.a,
            "b": self.b,
            "difference": DIFFERENCE,
            "test": TEST,
            "differences": [difference.as_json() for difference in self.differences],
        }


def compare(a: SavedReport, b: SavedReport) -> Comparison:
    """Every measure of every task of two reports.

    Raises BadInput where their tasks, queries, galleries, judgments or depths differ: such figures say nothing of each
    other.
    """
    rows = [row for ours, theirs in _paired(a, b) for row in _differences(ours, theirs)]
    corrected = holm([row.p for row in rows])
    told = tuple(replace(row, p_holm=p) for row, p in zip(rows, corrected, strict=True))
    return Comparison(suite=a.suite, a=a.system, b=b.system, differences=told)


def _paired(a: SavedReport, b: SavedReport) -> Iterator[tuple[SavedTask, SavedTask]]:
    names = [[task.name for task in report.tasks] for report in (a, b)]
    if names[0] != names[1]:
        raise _other(b, f"it has the tasks {', '.join(names[1])}, and {a.path} has {', '.join(names[0])}")
    for ours, theirs in zip(a.tasks, b.tasks, strict=True):
        if ours.data != theirs.data or list(ours.ids) != list(theirs.ids):
            what = f"{ours.name} has other queries, answers, judgments or another depth than in {a.path}"
            raise _other(b, what)
        if ours.values.keys() != theirs.values.keys():
            raise _other(b, f"{ours.name} has other measures than in {a.path}")
        yield ours, theirs


def _differences(a: SavedTask, b: SavedTask) -> Iterator[Difference]:
    clusters = cluster_numbers(a.clusters)
    alike = _alike(a, b)
    changes = {name: b.values[name] - a.values[name] for name in alike}
    chances = sign_flip_p(np.stack([cluster_sums(change, clusters)[0] for change in changes.values()], axis=1))
    for (name, change), p in zip(changes.items(), chances.tolist(), strict=True):
        yield Difference(
            task=a.name,
            measure=name,
            same_as=alike[name],
            queries=len(a.ids),
            clusters=len(set(a.clusters)),
            a=cluster_bootstrap(a.values[name], clusters),
            b=cluster_bootstrap(b.values[name], clusters),
            change=cluster_bootstrap(change, clusters),
            p=p,
            p_holm=p,
        )


def _alike(a: SavedTask, b: SavedTask) -> Mapping[str, tuple[str, ...]]:
    """The first of each set of measures that say the same of every query in both reports, with the others."""
    alike: dict[bytes, list[str]] = {}
    for name in a.values:
        alike.setdefault(a.values[name].tobytes() + b.values[name].tobytes(), []).append(name)
    return {first: tuple(others) for first, *others in alike.values()}


def _other(report: SavedReport, what: str) -> BadInput:
    return BadInput(what, subject=str(report.path), remedy="compare reports of one suite over the same data")
