"""What is told of two encoders before searches go over from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Triple = tuple[float, float, float]
"""A mean, and the low and the high end of its interval."""

DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure of the same judged queries, asked by the present encoder and by the other one.

    change: new - old, query by query, with its interval by the bootstrap. decides: whether the gate looks at this one.
    """

    task: str
    measure: str
    queries: int
    old: Triple
    new: Triple
    change: Triple
    decides: bool

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval of the change lies below zero."""
        return self.change[2] < 0

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "task": self.task,
            "measure": self.measure,
            "queries": self.queries,
            "old": [round(value, DIGITS) for value in self.old],
            "new": [round(value, DIGITS) for value in self.new],
            "change": [round(value, DIGITS) for value in self.change],
            "decides": self.decides,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How much two encoders find the same, where nobody judged what is right: no measure of quality.

    questions: made of the library's own titles and texts. depth: hits of each that are compared. overlap: mean share of
    hits that both find, 0..1. same_first: share of questions with the same first hit.
    """

    questions: int
    depth: int
    overlap: float
    same_first: float

    def as_json(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "questions": self.questions,
            "depth": self.depth,
            "overlap": round(self.overlap, DIGITS),
            "same_first": round(self.same_first, DIGITS),
            "is": "no measure of quality",
        }
