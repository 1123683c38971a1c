"""What a call did, stage by stage: counts and times, for `--trace`, benchmarks and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sensorium.core.departures import Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a call. seconds: time on the clock. counts: numbers that the step reported by name."""

    name: str
    seconds: float
    counts: dict[str, int]


LATE, FAILED, UNCALIBRATED = "late", "failed", "uncalibrated"
"""Why something was left out: the time was up; it raised; there is no curve for what would have come out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a search could do without, and did. name: of the look. found: the modality that it would have looked at, ""
    for a whole list. why: `LATE`, `FAILED` or `UNCALIBRATED`. error: the class of what was raised, and nothing of what
    it said: that may hold contents.

    >>> LeftOut(name="late", found="image", why=FAILED, error="RuntimeError").words
    'late (image) was left out: failed, RuntimeError'
    """

    name: str
    found: str = ""
    why: str
    error: str = ""

    @property
    def words(self) -> str:
        """One line for people."""
        among = f" ({self.found})" if self.found else ""
        return f"{self.name}{among} was left out: {self.why}" + (f", {self.error}" if self.error else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPart:
    """One part of a question. words: as people read it. weight: as it was given. share: of all weights, 0..1."""

    words: str
    sense: str
    weight: float
    share: float


@dataclass(slots=True)
class Trace:
    """A list of stages in the order they ended. `clock` returns seconds and is an argument so that tests own it.

    within: what took time inside stages: each route, each closer look. left_out: what was not done, each once.
    departures: what left the machine. parts: of the question.

    >>> trace = Trace(clock=iter([0.0, 1.5]).__next__)
    >>> with trace.stage("recall") as counts:
    ...     counts["candidates"] = 3
    >>> trace.stages
    [Stage(name='recall', seconds=1.5, counts={'candidates': 3})]
    """

    clock: Callable[[], float] = time.perf_counter
    stages: list[Stage] = field(default_factory=list)
    within: list[Stage] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    parts: list[AskedPart] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, int]]:
        """Time what happens inside; the yielded dict takes counts. A stage that raises is recorded too."""
        counts: dict[str, int] = {}
        start = self.clock()
        try:
            yield counts
        finally:
            self.stages.append(Stage(name=name, seconds=self.clock() - start, counts=counts))

    def leave_out(self, *what: LeftOut) -> None:
        """Notes what was left out."""
        self.left_out.extend(one for one in dict.fromkeys(what) if one not in self.left_out)

    def seconds(self, name: str) -> float:
        """The time of all stages of this name together."""
        return sum(stage.seconds for stage in self.stages if stage.name == name)
