"""The last gate: candidates are verified against the store before anything downstream sees content.

The store answers with its own predicate, and the answer is checked again by the reference rule: an index that lags, a
cache that is stale or a store that errs gives fewer hits, never a leak.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensorium.core.candidates import Admitted, VisiblePiece
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import ItemStore
from sensorium.govern.policy import may_see


def verify(store: ItemStore, scope: Scope, filter: Filter, keys: Iterable[int]) -> dict[int, Admitted]:
    """Those of `keys` that `scope` may see now; all others do not exist for the caller.

    Nothing of their content is read: of a hundred candidates ten are shown.
    """
    found = store.admitted(scope, filter, _once(keys))
    return {key: one for key, one in found.items() if may_see(scope, one.tenant, one.rights)}


def opened(store: ItemStore, scope: Scope, filter: Filter, keys: Iterable[int]) -> dict[int, VisiblePiece]:
    """The same with what they hold, verified anew: between recall and here a piece may have gone, or its rights."""
    found = store.pieces(scope, filter, _once(keys))
    return {key: one for key, one in found.items() if may_see(scope, one.item.tenant, one.item.rights)}


def _once(keys: Iterable[int]) -> Sequence[int]:
    return list(dict.fromkeys(keys))
