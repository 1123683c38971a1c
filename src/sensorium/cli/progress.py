"""How long work shows that it gets on, and how a person ends it early."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from sensorium.cli.output import note, watched
from sensorium.core.receipts import Outcome, Receipt, ReceiptLine

if TYPE_CHECKING:
    from sensorium.core.ports import ProgressListener

EVERY_SECONDS = 5.0


class NowAndThen:
    """Says a line when some seconds have passed since the last one, and is silent otherwise."""

    def __init__(self, say: Callable[[str], None] = note, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._said_at = clock()

    def __call__(self, line: Callable[[], str]) -> None:
        """line: called only when it is time."""
        if self._clock() - self._said_at >= EVERY_SECONDS:
            self._said_at = self._clock()
            self._say(line())


class LineProgress:
    """A ProgressListener that prints a line every few seconds, for logs and pipes."""

    def __init__(self, tell: NowAndThen | None = None) -> None:
        self._tell = tell or NowAndThen()
        self._counts: Counter[Outcome] = Counter()
        self._files = 0

    def discovered(self, files: int) -> None:
        """Remembered for the next line."""
        self._files = files

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """Said when it is time: one long file can take longer than many others."""
        whole = f" of {length:,.0f}" if length else ""
        self._tell(lambda: f"{Path(source).name}: {reached:,.0f}{whole}")

    def settled(self, line: ReceiptLine) -> None:
        """Counted, and said when it is time."""
        self._counts[line.outcome] += 1
        self._tell(lambda: f"{self._files:,} files: {counted(self._counts)}")


def counted(counts: Counter[Outcome]) -> str:
    """Outcomes in their order, with how many there are.

    >>> counted(Counter({Outcome.KNOWN: 20, Outcome.ADDED: 100}))
    '100 added, 20 known'
    """
    return ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in Outcome if counts[outcome])


@contextmanager
def progress() -> Iterator[ProgressListener]:
    """A bar with rate and remaining time where a person watches, lines otherwise; both on stderr."""
    if not watched(sys.stderr):
        yield LineProgress()
        return
    from sensorium.cli.bar import bar

    with bar() as shown:
        yield shown


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that the work ends in order; the second ends it at once."""
    stop = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        note("stopping after this batch; again to stop at once")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def worked(work: Callable[[ProgressListener, threading.Event], Receipt]) -> Receipt:
    """The receipt of a work that is watched and can be ended early."""
    with interruptible() as stop, progress() as listener:
        return work(listener, stop)
