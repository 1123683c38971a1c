"""A piece that the library holds as a part of a question: more like this, less like that, without its file."""

from __future__ import annotations

from sensorium.core.errors import ItemNotFound
from sensorium.core.queries import QueryPart
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Space
from sensorium.core.store_ports import ItemStore, VectorStore


def stored_part(scope: Scope, store: ItemStore, vectors: VectorStore, space: Space, piece_id: str) -> QueryPart:
    """The piece with the vector that is kept of it in `space`. Raises ItemNotFound where the scope sees none."""
    filter = Filter(item_ids=frozenset({piece_id.rpartition(".")[0]}))
    keys = store.visible_keys(scope, filter, space.id)
    for key, found in store.pieces(scope, filter, keys.tolist()).items():
        kept = vectors.vectors_of(space.id, [key])
        if found.piece.id == piece_id and key in kept:
            label = f"like {found.item.title or 'a stored piece'}"
            return QueryPart(
                modality=found.piece.modality,
                content=(found.piece.text or "").strip() or label,
                label=label,
                known={space.id: kept[key]},
            )
    raise ItemNotFound("no such piece", subject=piece_id, remedy="give the id of a piece that a search showed")
