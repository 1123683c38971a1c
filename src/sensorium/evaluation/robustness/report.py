"""What damage does to retrieval, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sensorium.evaluation.intervals import Clusters, Interval, cluster_bootstrap
from sensorium.evaluation.measures import Ranks, success_at_k
from sensorium.evaluation.reports import DIGITS, INTERVALS, TIES, as_triple

ROBUST_SCHEMA = "sensorium.robust/1"
"""Name and version of the JSON of a `RobustReport`. New fields do not change the version."""

KS = (1, 10)

ROBUST_DEFINITION = (
    "a caption counts at k when its picture is among the first k of the gallery; relative robustness is the mean of "
    "R@1 over the five severities, divided by R@1 of what is undamaged"
)

NEGATION_DEFINITION = (
    "a pair is right when the picture whose captions never speak of X scores higher for `no X` than one whose captions "
    "do; asked for `X`, the other way round"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One severity of one damage. severity: 1..5, 0 for none. amount: in the curve's unit. recall: R@k by k, 0..1."""

    severity: int
    amount: float
    recall: dict[int, Interval]

    @classmethod
    def of(cls, severity: int, amount: float, ranks: Ranks, clusters: Clusters) -> Point:
        """The figures of these ranks. clusters: int64 [questions], the picture that each is of."""
        recall = {k: cluster_bootstrap(success_at_k(ranks, k), clusters) for k in KS}
        return cls(severity=severity, amount=amount, recall=recall)

    def as_json(self) -> dict[str, Any]:
        """Recall as `recall@k`: mean, low, high."""
        told = {f"recall@{k}": as_triple(interval) for k, interval in self.recall.items()}
        return {"severity": self.severity, "amount": self.amount, **told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One damage in all its severities. damaged: "pictures" or "queries". relative: None where nothing was found."""

    name: str
    damaged: str
    unit: str
    points: tuple[Point, ...]
    relative: float | None

    @classmethod
    def of(cls, name: str, damaged: str, unit: str, points: tuple[Point, ...], clean: Point) -> Curve:
        """With its relative robustness (after Hendrycks and Dietterich 2019, who compare errors with those of AlexNet).

        By hand: R@1 of 0.2 and 0.4 after damage and 0.5 before it give 0.3 / 0.5 = 0.6.

        >>> def point(recall): return Point(severity=1, amount=1, recall={1: Interval(mean=recall, low=0, high=1)})
        >>> Curve.of("blur", "pictures", "px", (point(0.2), point(0.4)), clean=point(0.5)).relative
        0.6
        """
        whole = clean.recall[1].mean
        mean = float(np.mean([point.recall[1].mean for point in points]))
        relative = round(mean / whole, DIGITS) if whole > 0 else None
        return cls(name=name, damaged=damaged, unit=unit, points=points, relative=relative)

    def as_json(self) -> dict[str, Any]:
        """The curve from severity 1 to 5."""
        return {
            "name": self.name,
            "damaged": self.damaged,
            "unit": self.unit,
            "relative_robustness": self.relative,
            "points": [point.as_json() for point in self.points],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    """How often a "no" is understood.

    pairs: of a picture with and one without, asked in each form. accuracy: shares of them that are right when it is
    asked for what is not there; affirmed: when it is asked for what is, which says how well the thing is known at all.
    """

    pairs: int
    things: int
    accuracy: Interval
    affirmed: Interval

    def as_json(self) -> dict[str, Any]:
        """Shares as mean, low, high."""
        return {
            "pairs": self.pairs,
            "things": self.things,
            "accuracy": as_triple(self.accuracy),
            "affirmed": as_triple(self.affirmed),
            "definition": NEGATION_DEFINITION,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustReport:
    """How retrieval stands damage. pictures: in the gallery. skipped: what was not measured, and why."""

    split: str
    space_id: str
    pictures: int
    questions: int
    clean: Point
    curves: tuple[Curve, ...]
    negation: Negation | None
    skipped: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `ROBUST_SCHEMA`."""
        return {
            "schema": ROBUST_SCHEMA,
            "split": self.split,
            "space": self.space_id,
            "gallery": self.pictures,
            "questions": self.questions,
            "definition": ROBUST_DEFINITION,
            "ties": TIES,
            "intervals": INTERVALS,
            "clean": self.clean.as_json(),
            "curves": [curve.as_json() for curve in self.curves],
            "negation": None if self.negation is None else self.negation.as_json(),
            "skipped": list(self.skipped),
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Split {self.split}, space {self.space_id}, {self.seconds:.0f} s"
        yield f"text -> image: {self.questions:,} captions, gallery {self.pictures:,}"
        yield f"{'':12}{'severity':>8}{'amount':>8}  {'R@1':22}  R@10"
        yield _row("undamaged", self.clean)
        for curve in self.curves:
            yield from (_row(curve.name, point) for point in curve.points)
            relative = "not defined" if curve.relative is None else f"{curve.relative:.3f}"
            yield f"{'':12}relative robustness {relative}; amount: {curve.unit}"
        if self.negation is not None:
            pairs = f"{self.negation.pairs:,} pairs, {self.negation.things} things"
            yield f"{'negation':12}right for `no X` {self.negation.accuracy}, for `X` {self.negation.affirmed}; {pairs}"
            yield f"{'':12}{NEGATION_DEFINITION}"
        yield from (f"not measured: {reason}" for reason in self.skipped)
        yield f"R@k: {ROBUST_DEFINITION}"
        yield f"ties: {TIES}"
        yield f"intervals: {INTERVALS}"


def _row(name: str, point: Point) -> str:
    severity, amount = (str(point.severity), f"{point.amount:g}") if point.severity else ("", "")
    return f"{name:12}{severity:>8}{amount:>8}  {point.recall[1]!s:22}  {point.recall[10]}"
