"""Work that is done ahead, in a thread of its own, while what it gave before is being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


def ahead(values: Iterable[T], places: int) -> Generator[T]:
    """Iterates `values` in another thread, so far ahead that at most `places` of them wait for the caller.

    What `values` raises is raised here, after the values before it. The thread has ended when this generator has:
    close it (`contextlib.closing`) to leave early.

    >>> list(ahead(range(3), places=2))
    [0, 1, 2]
    """
    line: _Line[T] = _Line(places)
    thread = threading.Thread(target=line.fill, args=(values,), name="sensorium-read")
    thread.start()
    try:
        yield from line.values()
    finally:
        line.leave()
        thread.join()


class _Line(Generic[T]):
    """A queue of bounded length between two threads; None ends it."""

    def __init__(self, places: int) -> None:
        self._places: queue.Queue[tuple[T] | None] = queue.Queue(maxsize=places)
        self._leaving = threading.Event()
        self._error: BaseException | None = None

    def fill(self, values: Iterable[T]) -> None:
        """The thread's side."""
        try:
            for value in values:
                self._places.put((value,))
                if self._leaving.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 the edge of a thread: raised again where the values are used
            self._error = error
        self._places.put(None)

    def values(self) -> Generator[T]:
        """The caller's side."""
        while (entry := self._places.get()) is not None:
            yield entry[0]
        if self._error is not None:
            raise self._error

    def leave(self) -> None:
        """Ends the thread: before it sees `_leaving` it puts at most one more entry, so one free place is enough."""
        self._leaving.set()
        with suppress(queue.Empty):
            self._places.get_nowait()
