"""Which pieces a caller may see, remembered until the store changes."""

from __future__ import annotations

from sensorium.core.remembering import UntilChanged
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.core.store_ports import ItemStore


class VisibleKeys:
    """The predicate of scope and filter as a set of keys, ready to be pushed into an index.

    The memory is keyed by everything that the answer depends on, the whole scope included.
    """

    def __init__(self, store: ItemStore) -> None:
        self._store = store
        self._sets: UntilChanged[Keys] = UntilChanged(len)

    def at(self, generation: int, scope: Scope, filter: Filter, space_id: str) -> Keys:
        """Sorted keys of the pieces that may answer, as of `generation` or later."""
        name = (scope, filter, space_id)
        return self._sets.at(generation, name, lambda: self._store.visible_keys(scope, filter, space_id))
