"""Timings in turns, and the figures made of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sensorium
from sensorium.core.settings import Settings

MILLI = 1000.0
QUIET = Settings.from_environment({"SENSORIUM_WRITING": "0", "SENSORIUM_SPEECH": "0"})
"""Neither writing nor speech is read, which cost more than all the rest and have yardsticks of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """quick: little data and few rounds. scratch: an empty folder. media: demo media. pictures: many files to add."""

    quick: bool
    scratch: Path
    media: Path
    pictures: Sequence[Path]

    def rounds(self, whole: int) -> int:
        """How often to repeat."""
        return max(2, whole // 10) if self.quick else whole


@dataclass(frozen=True, slots=True)
class Series:
    """Repeated measurements of one thing, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.seconds, 95))

    def __str__(self) -> str:
        """Minimum / median / 95th percentile / maximum."""
        values = (min(self.seconds), self.median, self.p95, max(self.seconds))
        if self.median >= 1:
            return " / ".join(f"{value:.2f}" for value in values) + " s"
        return " / ".join(f"{MILLI * value:.2f}" for value in values) + " ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. ratio: product to yardstick, or what the goal speaks of. met: None without a goal."""

    subject: str
    product: str
    yardstick: str
    ratio: str
    goal: str = ""
    met: bool | None = None


def in_turns(
    product: Callable[[], object], yardstick: Callable[[], object], rounds: int, warm: int = 1
) -> tuple[Series, Series]:
    """Both, one after the other, `rounds` times, after `warm` rounds that do not count: what else the machine does
    falls on both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(warm + rounds):
        for call, kept in zip((product, yardstick), taken, strict=True):
            seconds = timed(call)
            if number >= warm:
                kept.append(seconds)
    return Series(tuple(taken[0])), Series(tuple(taken[1]))


def timed(call: Callable[[], object]) -> float:
    """The seconds that one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def fresh(scratch: Path, warm: Path, settings: Settings) -> sensorium.Library:
    """An empty library of which everything has started that files like `warm` need: its yardstick has, too."""
    library = sensorium.open(scratch / f"{len(list(scratch.iterdir()))}.library", settings=settings)
    library.add(warm)
    library.forget(str(warm))
    library.search("warm")
    return library
