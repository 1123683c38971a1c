"""What is remembered until the store changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")

MOST = 8_000_000
"""What all values together may weigh: for sets of keys 64 MB."""

VALUES = 32
"""How many values are kept: a name may hold a filter of a thousand values, which weighs more than what it names."""


class UntilChanged(Generic[V]):
    """Values, each by the name of all that it depends on besides the store's generation. Safe across threads.

    Whatever moves the generation drops all of them, so that a right taken away takes effect at once. weigh: of a
    value, in keys of eight bytes. The values that were not asked for longest go first where all weigh more than `most`
    or are more than `values`; one that weighs more than `most` alone is not kept.

    >>> import numpy as np
    >>> sets = UntilChanged(len)
    >>> sets.at(1, "all", lambda: np.arange(3)) is sets.at(1, "all", lambda: np.arange(4))
    True
    >>> len(sets.at(2, "all", lambda: np.arange(4)))
    4
    """

    def __init__(self, weigh: Callable[[V], int], most: int = MOST, values: int = VALUES) -> None:
        self._weigh, self._most, self._count = weigh, most, values
        self._generation = -1
        self._held = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, generation: int, name: Hashable, make: Callable[[], V]) -> V:
        """The value of this name as of `generation`. make: gives it, as of then or later, where it is not there."""
        with self._lock:
            if generation != self._generation:
                self._values.clear()
                self._generation, self._held = generation, 0
            if name in self._values:
                self._values.move_to_end(name)
                return self._values[name]
        value = make()
        with self._lock:
            if generation == self._generation and name not in self._values:
                self._values[name] = value
                self._held += self._weigh(value)
                while self._held > self._most or len(self._values) > self._count:
                    self._held -= self._weigh(self._values.popitem(last=False)[1])
        return value
