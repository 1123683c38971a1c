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
    product: Callable[[], object],
    yardstick: Callable[[], object],
    rounds: int,
    warm: int = 1,
    before: Callable[[], object] = lambda: None,
) -> tuple[Series, Series]:
    """Both, one after the other, `rounds` times, after `warm` rounds that do not count: what else the machine does
    falls on both alike. before: what each round needs, and takes no time of either."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(warm + rounds):
        before()
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


class Fresh:
    """Empty libraries, one after the other, of which everything has started that files like `warm` need: a yardstick
    has started, too."""

    def __init__(self, scratch: Path, warm: Path, settings: Settings) -> None:
        self._scratch, self._warm, self._settings = scratch, warm, settings
        self._library: sensorium.Library | None = None

    def begin(self) -> None:
        """Ends the last one and starts another."""
        self.end()
        place = self._scratch / f"{len(list(self._scratch.iterdir()))}.library"
        self._library = sensorium.open(place, settings=self._settings)
        self._library.add(self._warm)
        self._library.forget(str(self._warm))
        self._library.search("warm")

    def add(self, files: Sequence[Path]) -> None:
        """Adds files to the one that was begun."""
        assert self._library is not None
        self._library.add(*files)

    def end(self) -> None:
        """Closes the last one."""
        if self._library is not None:
            self._library.close()
            self._library = None
