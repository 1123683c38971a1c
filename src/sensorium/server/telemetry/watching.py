"""Looks at the index now and then, beside the questions: what `/metrics` tells of its health."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sensorium.core.errors import SensoriumError
from sensorium.core.reports import IndexFigures
from sensorium.server.telemetry.logs import Journal

EVERY_SECONDS = 900.0
"""Between two measurements of a library that changes: each reads all vectors. One that does not change is not measured
again."""


class IndexWatch:
    """measure: takes the figures. generation: changes of the library so far. told: gets the figures. clock: seconds.

    Safe across threads; one measurement runs at a time.
    """

    def __init__(
        self,
        measure: Callable[[], IndexFigures],
        generation: Callable[[], int],
        told: Callable[[IndexFigures], None],
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._generation = generation
        self._told = told
        self._journal = journal
        self._clock = clock
        self._busy = threading.Lock()
        self._at: float | None = None
        self._seen = -1
        self._thread: threading.Thread | None = None

    @property
    def is_due(self) -> bool:
        """Whether the library has changed since the last measurement, and that is a while ago."""
        is_rested = self._at is None or self._clock() - self._at >= EVERY_SECONDS
        return is_rested and self._generation() != self._seen

    def begin(self) -> None:
        """Looks in a thread of its own, where that is due."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self.look, name="sensorium-index")
            self._thread.start()

    def end(self) -> None:
        """Waits for the look that is under way."""
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Measures where that is due and nobody does it yet. Whatever fails is logged and tried again later."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            if self.is_due:
                self._at, self._seen = self._clock(), self._generation()
                self._told(self._measure())
        except SensoriumError as error:
            self._journal.said("index not measured", code=error.code)
        finally:
            self._busy.release()
