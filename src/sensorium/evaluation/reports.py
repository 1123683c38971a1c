"""What an evaluation found, for people, for programs, and to be compared later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sensorium.evaluation.intervals import LEVEL, ROUNDS, Interval, Values, cluster_bootstrap
from sensorium.evaluation.measures import MEASURES, Judged, families, measure, median_rank, per_query
from sensorium.evaluation.tasks import Entry, Task, senses
from sensorium.evaluation.texts import figure_lines

SUITE_SCHEMA = "sensorium.suite/1"
"""Name and version of the JSON of a `SuiteReport`. New fields do not change the version."""

TIES = "an answer that is worse and scores as high, to within a millionth, stands before the right one"
INTERVALS = (
    f"{100 * LEVEL:g} % by the percentile bootstrap over clusters of queries, {ROUNDS:,} rounds, seed 0"
    " (Efron 1979; Field and Welsh 2007)"
)

DIGITS = 6
"""Figures are rounded to so many places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What was measured. space: the id of the embedding space. index: adapter and format version.

    settings: what else decides the answers, by name.
    """

    space: str
    index: str
    settings: Mapping[str, str | int | float]

    def as_json(self) -> dict[str, Any]:
        """As the schema's `system`."""
        return {"space": self.space, "index": self.index, "settings": dict(self.settings)}

    def __str__(self) -> str:
        settings = "".join(f", {name} {value}" for name, value in self.settings.items())
        return f"space {self.space}, index {self.index}{settings}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """What was found of one task.

    asked, found: the senses. queries, clusters, gallery, depth: how many. data: a hash of queries, gallery and
    judgments: figures of two reports can be compared where it is the same. figures: mean and interval by measure.
    median_rank: None where half of the queries found nothing within `depth`. ids, cluster_of, values: query by query.
    """

    name: str
    asked: str
    found: str
    queries: int
    clusters: int
    gallery: int
    depth: int
    data: str
    note: str
    figures: Mapping[str, Interval]
    median_rank: float | None
    ids: tuple[str, ...] = field(repr=False)
    cluster_of: tuple[str, ...] = field(repr=False)
    values: Mapping[str, Values] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `tasks`."""
        return {
            "task": self.name,
            "asked": self.asked,
            "found": self.found,
            "queries": self.queries,
            "clusters": self.clusters,
            "gallery": self.gallery,
            "depth": self.depth,
            "data": self.data,
            "note": self.note,
            "figures": {name: as_triple(interval) for name, interval in self.figures.items()},
            "median_rank": self.median_rank,
        }

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {self.asked} -> {self.found}",
            f"  {self.queries:,} queries in {self.clusters:,} clusters, gallery {self.gallery:,}, depth {self.depth:,}",
            *([f"  {self.note}"] if self.note else []),
            *figure_lines(self.figures, self.median_rank),
        ]
        return "\n".join(lines)

    def per_query_json(self) -> dict[str, Any]:
        """One of the schema's `per_query`."""
        return {
            "task": self.name,
            "ids": list(self.ids),
            "clusters": list(self.cluster_of),
            "values": {name: [round(value, DIGITS) for value in own.tolist()] for name, own in self.values.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """What was found of all tasks of a suite. seconds: what it took, encoding included."""

    suite: str
    kind: str
    system: System
    tasks: tuple[TaskReport, ...]
    seconds: float

    def as_json(self, *, per_query: bool = False) -> dict[str, Any]:
        """The report in the schema `SUITE_SCHEMA`. per_query: with the field that comparisons need."""
        document = {
            "schema": SUITE_SCHEMA,
            "suite": self.suite,
            "kind": self.kind,
            "system": self.system.as_json(),
            "tasks": [task.as_json() for task in self.tasks],
            "measures": {
                name: {"definition": measure(name).words, "paper": measure(name).paper}
                for name in dict.fromkeys(name for task in self.tasks for name in task.figures)
            },
            "ties": TIES,
            "intervals": INTERVALS,
            "seconds": round(self.seconds, 1),
        }
        return document | ({"per_query": [task.per_query_json() for task in self.tasks]} if per_query else {})

    def __str__(self) -> str:
        told = dict.fromkeys(name for task in self.tasks for name in task.figures)
        lines = [
            f"Suite {self.suite} ({self.kind}), {self.seconds:.0f} s",
            str(self.system),
            *(str(task) for task in self.tasks),
            *(f"{family.name}: {family.words} ({family.paper})" for family in families(told)),
            f"ties: {TIES}",
            f"intervals: {INTERVALS}",
        ]
        return "\n".join(lines)


def report_of(task: Task, judged: Judged, gallery: int, depth: int) -> TaskReport:
    """The figures of a task's ranked answers. gallery: how many answers there were to choose from."""
    values = per_query(judged, MEASURES)
    clusters = cluster_numbers(task.clusters)
    median = median_rank(judged.first)
    return TaskReport(
        name=task.name,
        asked=senses(task.queries),
        found="page" if task.by_page else senses(task.gallery),
        queries=len(task.queries),
        clusters=len(set(task.clusters)),
        gallery=gallery,
        depth=min(depth, gallery),
        data=fingerprint(task, min(depth, gallery)),
        note=task.note,
        figures={name: cluster_bootstrap(own, clusters) for name, own in values.items()},
        median_rank=median if np.isfinite(median) else None,
        ids=tuple(query.id for query in task.queries),
        cluster_of=task.clusters,
        values=values,
    )


def fingerprint(task: Task, depth: int) -> str:
    """A hash of everything that figures depend on besides the system: queries, gallery, judgments, clusters, depth.

    Files are told by their names, not by their bytes.
    """
    told = [
        [_told(entry) for entry in task.queries],
        [_told(entry) for entry in task.gallery],
        [sorted(grades.items()) for grades in task.grades],
        task.clusters,
        [task.leave_out, task.by_page, depth],
    ]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()[:16]


def cluster_numbers(clusters: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Names of clusters as numbers.

    >>> cluster_numbers(["a", "b", "a"])
    array([0, 1, 0])
    """
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in clusters], dtype=np.int64)


def as_triple(interval: Interval) -> list[float]:
    """Mean, low and high, rounded."""
    return [round(value, DIGITS) for value in (interval.mean, interval.low, interval.high)]


def _told(entry: Entry) -> list[str | None]:
    return [entry.id, str(entry.modality), entry.text]
