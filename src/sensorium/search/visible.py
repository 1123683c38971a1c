"""Which pieces a caller may see, remembered until the store changes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.core.store_ports import ItemStore

REMEMBERED = 32
"""Sets of keys kept. One of 100,000 keys is 0.8 MB."""


class VisibleKeys:
    """The predicate of scope and filter as a set of keys, ready to be pushed into an index.

    The memory is keyed by everything that the answer depends on, the whole scope included, and is dropped when the
    store's generation moves, so that a right taken away takes effect at once.
    """

    def __init__(self, store: ItemStore) -> None:
        self._store = store
        self._generation = -1
        self._sets: OrderedDict[tuple[Scope, Filter, str], Keys] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, generation: int, scope: Scope, filter: Filter, space_id: str) -> Keys:
        """Sorted keys of the pieces that may answer, as of `generation` or later."""
        name = (scope, filter, space_id)
        with self._lock:
            if generation != self._generation:
                self._sets.clear()
                self._generation = generation
            if name in self._sets:
                self._sets.move_to_end(name)
                return self._sets[name]
        keys = self._store.visible_keys(scope, filter, space_id)
        with self._lock:
            if generation == self._generation:
                self._sets[name] = keys
                while len(self._sets) > REMEMBERED:
                    self._sets.popitem(last=False)
        return keys
