"""Sets of keys that are remembered until the store changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from sensorium.core.spaces import Keys

MOST_KEYS = 8_000_000
"""Keys of all sets together: 64 MB."""

COST = 64
"""Keys that a set is counted for besides its own: an empty one takes memory too."""


class KeySets:
    """Sets of keys, each by the name of all that it depends on besides the store's generation. Safe across threads.

    Whatever moves the generation drops all of them, so that a right taken away takes effect at once. The sets that
    were not asked for longest go first where there are more than `most` keys; a set larger than that is not kept.

    >>> import numpy as np
    >>> sets = KeySets()
    >>> sets.at(1, "all", lambda: np.arange(3)) is sets.at(1, "all", lambda: np.arange(4))
    True
    >>> len(sets.at(2, "all", lambda: np.arange(4)))
    4
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._generation = -1
        self._held = 0
        self._sets: OrderedDict[Hashable, Keys] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, generation: int, name: Hashable, make: Callable[[], Keys]) -> Keys:
        """The set of this name as of `generation`. make: gives it, as of then or later, where it is not remembered."""
        with self._lock:
            if generation != self._generation:
                self._sets.clear()
                self._generation, self._held = generation, 0
            if name in self._sets:
                self._sets.move_to_end(name)
                return self._sets[name]
        keys = make()
        with self._lock:
            if generation == self._generation and name not in self._sets:
                self._sets[name] = keys
                self._held += len(keys) + COST
                while self._held > self._most:
                    self._held -= len(self._sets.popitem(last=False)[1]) + COST
        return keys
