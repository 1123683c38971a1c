"""The last gate: candidates are verified against the store before anything downstream sees content."""

from __future__ import annotations

from collections.abc import Sequence

from sensorium.core.candidates import Candidate, VisiblePiece
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import ItemStore
from sensorium.govern.policy import may_see


def verify(store: ItemStore, scope: Scope, filter: Filter, candidates: Sequence[Candidate]) -> dict[int, VisiblePiece]:
    """The pieces of `candidates` that `scope` may see now, by key; all others do not exist for the caller.

    The store answers with its own predicate, and the answer is checked again by the reference rule: an index that
    lags, a cache that is stale or a store that errs gives fewer hits, never a leak.
    """
    keys = list(dict.fromkeys(candidate.key for candidate in candidates))
    visible = store.pieces(scope, filter, keys)
    return {key: found for key, found in visible.items() if may_see(scope, found.item.tenant, found.item.rights)}
