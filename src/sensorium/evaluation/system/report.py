"""What was found of a whole library: quality after each stage, the index against the truth, time by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sensorium.core.trace import Trace
from sensorium.evaluation.index_recall import IndexRecall
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.measures import families
from sensorium.evaluation.reports import INTERVALS, TIES, System, as_triple

SYSTEM_SCHEMA = "sensorium.system/1"
"""Name and version of the JSON of a `SystemReport`. New fields do not change the version."""

PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageQuality:
    """What the answers are worth after a stage. about: what was asked for. figures: empty where `lacking` says why."""

    stage: str
    about: str
    figures: Mapping[str, Interval]
    lacking: str = ""

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `stages`."""
        figures = {name: as_triple(interval) for name, interval in self.figures.items()}
        return {"stage": self.stage, "about": self.about, "figures": figures, "lacking": self.lacking}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Time on the clock of one stage of a search. calls: searches that had it. milliseconds: by percentile."""

    stage: str
    calls: int
    milliseconds: Mapping[int, float]

    @classmethod
    def of(cls, stage: str, seconds: Sequence[float]) -> Latency:
        """The percentiles of these times, between two of them by a straight line."""
        found = np.percentile(np.array(seconds) * 1000, PERCENTILES)
        return cls(stage=stage, calls=len(seconds), milliseconds=dict(zip(PERCENTILES, found.tolist(), strict=True)))

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `latency`."""
        return {
            "stage": self.stage,
            "calls": self.calls,
            **{f"p{percentile}": round(value, 3) for percentile, value in self.milliseconds.items()},
        }


def latencies(traces: Sequence[Trace]) -> tuple[Latency, ...]:
    """Of each stage, and of all stages together as `search`.

    >>> trace = Trace(clock=iter([0.0, 0.25]).__next__)
    >>> with trace.stage("recall"):
    ...     pass
    >>> [(latency.stage, latency.milliseconds[50]) for latency in latencies([trace])]
    [('recall', 250.0), ('search', 250.0)]
    """
    seconds: dict[str, list[float]] = {}
    for trace in traces:
        for stage in dict.fromkeys(stage.name for stage in trace.stages):
            seconds.setdefault(stage, []).append(trace.seconds(stage))
    whole = [sum(stage.seconds for stage in trace.stages) for trace in traces]
    return tuple(Latency.of(stage, own) for stage, own in (*seconds.items(), ("search", whole)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReport:
    """One task, asked of a library that holds its gallery.

    pieces: in the library. asked_of: how many queries the task has, of which `queries` were drawn. k: hits asked for.
    """

    suite: str
    task: str
    system: System
    pieces: int
    queries: int
    asked_of: int
    clusters: int
    gallery: int
    k: int
    stages: tuple[StageQuality, ...]
    index_recall: tuple[IndexRecall, ...]
    latency: tuple[Latency, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `SYSTEM_SCHEMA`."""
        return {
            "schema": SYSTEM_SCHEMA,
            "suite": self.suite,
            "task": self.task,
            "system": self.system.as_json(),
            "pieces": self.pieces,
            "queries": self.queries,
            "asked_of": self.asked_of,
            "clusters": self.clusters,
            "gallery": self.gallery,
            "k": self.k,
            "stages": [stage.as_json() for stage in self.stages],
            "index_recall": [row.as_json() for row in self.index_recall],
            "latency": [row.as_json() for row in self.latency],
            "measures": {
                family.name: {"definition": family.words, "paper": family.paper} for family in families(self._names)
            },
            "ties": TIES,
            "intervals": INTERVALS,
            "seconds": round(self.seconds, 1),
        }

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for stage in self.stages for name in stage.figures))
