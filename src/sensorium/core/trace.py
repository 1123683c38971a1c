"""What a call did, stage by stage: counts and times, for `--trace`, benchmarks and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a call. seconds: time on the clock. counts: numbers that the step reported by name."""

    name: str
    seconds: float
    counts: dict[str, int]


@dataclass(slots=True)
class Trace:
    """A list of stages in the order they ended. `clock` returns seconds and is an argument so that tests own it.

    >>> trace = Trace(clock=iter([0.0, 1.5]).__next__)
    >>> with trace.stage("recall") as counts:
    ...     counts["candidates"] = 3
    >>> trace.stages
    [Stage(name='recall', seconds=1.5, counts={'candidates': 3})]
    """

    clock: Callable[[], float] = time.perf_counter
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, int]]:
        """Time what happens inside; the yielded dict takes counts. A stage that raises is recorded too."""
        counts: dict[str, int] = {}
        start = self.clock()
        try:
            yield counts
        finally:
            self.stages.append(Stage(name=name, seconds=self.clock() - start, counts=counts))

    def seconds(self, name: str) -> float:
        """The time of all stages of this name together."""
        return sum(stage.seconds for stage in self.stages if stage.name == name)
