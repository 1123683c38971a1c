"""How far a server is with what it does before its first question.

`/healthz` answers at once. Questions that come early wait for the search that warms the library, answers for all of
it, and `/readyz` says 503 meanwhile, so that whatever spreads requests sends none here yet.
"""

from __future__ import annotations

import threading
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread

from sensorium.core.errors import SensoriumError
from sensorium.library import Library
from sensorium.server.problems import Problem
from sensorium.server.telemetry.logs import Journal

SEARCHES = "search"
"""The step after which a search takes no longer than later ones."""


class Warmth:
    """Lives in one event loop, from the start of an application to its end. clear: already warm.

    over: for threads, set once there is no more to wait for. failure: the code of what went wrong, or "".
    """

    def __init__(self, *, clear: bool) -> None:
        self._searches = anyio.Event()
        self._all = anyio.Event()
        self.over = threading.Event()
        self.failure = ""
        if clear:
            self._end()

    async def warm(self, library: Library, journal: Journal) -> None:
        """Warms the library in a thread. What fails is kept in `failure` as a code, and each caller meets it anew."""
        try:
            await anyio.to_thread.run_sync(partial(library.warm, partial(self._told, journal)))
        except SensoriumError as error:
            self.failure = error.code
            journal.said("warming failed", code=error.code)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: a server that is not warm serves on
            self.failure = "error"
            journal.broken("warming", error)
        else:
            journal.said("ready")
        self._end()

    async def searches(self) -> None:
        """Waits until a search would find all warm."""
        await self._searches.wait()

    async def answers(self) -> None:
        """Waits until an answer would find all warm."""
        await self._all.wait()

    def require(self) -> None:
        """Raises Problem 503 while it is not ready."""
        if self.failure:
            remedy = "look into the log of the server, or run `sensorium doctor`"
            raise Problem(503, "not-ready", f"it could not get ready ({self.failure})", remedy, {"Retry-After": "30"})
        if not self._all.is_set():
            raise Problem(503, "warming", "the model is being loaded", "ask again in a moment", {"Retry-After": "2"})

    def _end(self) -> None:
        self._searches.set()
        self._all.set()
        self.over.set()

    def _told(self, journal: Journal, step: str, seconds: float) -> None:
        journal.said("warmed", step=step, seconds=round(seconds, 3))
        if step == SEARCHES:
            anyio.from_thread.run_sync(self._searches.set)
