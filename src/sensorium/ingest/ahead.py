"""Work that is done ahead, in a thread of its own, while what it gave before is being used."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


def ahead(values: Iterable[T], places: int, weight: Callable[[T], int] = lambda value: 1) -> Generator[T]:
    """Iterates `values` in another thread, so far ahead that at most `places` of them wait for the caller.

    weight: how many places a value takes; one that takes more than there are waits alone. What `values` raises is
    raised here, after the values before it. The thread has ended when this generator has: close it
    (`contextlib.closing`) to leave early.

    >>> list(ahead(range(3), places=2))
    [0, 1, 2]
    """
    line: _Line[T] = _Line(places, weight)
    thread = threading.Thread(target=line.fill, args=(values,), name="sensorium-read")
    thread.start()
    try:
        yield from line.values()
    finally:
        line.leave()
        thread.join()


class _Line(Generic[T]):
    """A queue of bounded weight between two threads."""

    def __init__(self, places: int, weight: Callable[[T], int]) -> None:
        self._places = places
        self._weight = weight
        self._waiting: deque[T] = deque()
        self._load = 0
        self._moved = threading.Condition()
        self._leaving = False
        self._ended = False
        self._error: BaseException | None = None

    def fill(self, values: Iterable[T]) -> None:
        """The thread's side."""
        try:
            for value in values:
                if not self._put(value):
                    break
        except BaseException as error:  # noqa: BLE001 the edge of a thread: raised again where the values are used
            self._error = error
        with self._moved:
            self._ended = True
            self._moved.notify_all()

    def values(self) -> Generator[T]:
        """The caller's side."""
        while True:
            with self._moved:
                self._moved.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    break
                value = self._waiting.popleft()
                self._load -= self._weight(value)
                self._moved.notify_all()
            yield value
        if self._error is not None:
            raise self._error

    def leave(self) -> None:
        """Ends the thread with the value that it is making."""
        with self._moved:
            self._leaving = True
            self._moved.notify_all()

    def _put(self, value: T) -> bool:
        """False when nobody wants more."""
        taken = self._weight(value)
        with self._moved:
            self._moved.wait_for(lambda: self._leaving or not self._waiting or self._load + taken <= self._places)
            if self._leaving:
                return False
            self._waiting.append(value)
            self._load += taken
            self._moved.notify_all()
            return True
