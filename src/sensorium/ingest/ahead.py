"""Work that is done ahead, in a thread of its own, while what it gave before is being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


def ahead(values: Iterable[T]) -> Generator[T]:
    """Iterates `values` in another thread, at most two values before the caller.

    What `values` raises is raised here, after the values before it. The thread has ended when this generator has:
    close it (`contextlib.closing`) to leave early.

    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    line: _Line[T] = _Line()
    thread = threading.Thread(target=line.fill, args=(values,), name="sensorium-read")
    thread.start()
    try:
        yield from line.values()
    finally:
        line.leave()
        thread.join()


class _Line(Generic[T]):
    """A queue of one place between two threads; None ends it."""

    def __init__(self) -> None:
        self._places: queue.Queue[tuple[T] | None] = queue.Queue(maxsize=1)
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
        """Lets the thread end: having seen `_leaving` it puts no more, before that at most one entry waits for room."""
        self._leaving.set()
        with suppress(queue.Empty):
            self._places.get_nowait()
