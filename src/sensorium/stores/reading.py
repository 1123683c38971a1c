"""What a scope may see of items, pieces and previews. Every function is one question inside one read transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from sensorium.core.candidates import Admitted, VisiblePiece
from sensorium.core.items import Item, Piece, Preview
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.stores.rows import (
    ITEM_COLUMNS,
    ITEM_TABLES,
    PIECE_COLUMNS,
    PIECE_TABLES,
    item_of,
    piece_of,
    preview_of,
    rights_of,
)
from sensorium.stores.visibility import OF_PIECES, is_storable, needs_items, speaks_of, visible


def visible_keys(connection: sqlite3.Connection, scope: Scope, filter: Filter, space_id: str) -> Keys:
    """Sorted keys of all pieces with a vector in that space that scope and filter allow.

    Answered from the index (space, rights, modality, piece) alone unless the filter speaks of items. The keys come as
    one text: 100,000 of them take 15 ms, and 40 as that many rows.
    """
    allowed = visible(scope, filter, "v")
    (listed,) = connection.execute(
        f"SELECT group_concat(v.piece) FROM {_vector_tables(filter)}"
        f" WHERE v.space = (SELECT number FROM spaces WHERE id = :space) AND {allowed.sql}",
        {"space": space_id, **allowed.values},
    ).fetchone()
    return sorted_keys(listed)


def sorted_keys(listed: str | None) -> Keys:
    """The keys of a `group_concat`; read-only, since callers keep and share them.

    >>> sorted_keys("3,1").tolist(), sorted_keys(None).tolist()
    ([1, 3], [])
    """
    keys = np.fromstring(listed or "", dtype=np.int64, sep=",")
    keys.sort()
    keys.setflags(write=False)
    return keys


def _vector_tables(filter: Filter) -> str:
    """What a question about vectors has to join, the most selective table first."""
    if filter.item_ids is not None or filter.where is not None:
        return "items i CROSS JOIN pieces p ON p.item = i.number CROSS JOIN vectors v ON v.piece = p.key"
    if needs_items(filter) or speaks_of(filter, OF_PIECES):
        return "vectors v CROSS JOIN pieces p ON p.key = v.piece CROSS JOIN items i ON i.number = p.item"
    return "vectors v"


def admitted(connection: sqlite3.Connection, scope: Scope, filter: Filter, keys: Sequence[int]) -> dict[int, Admitted]:
    """Those of `keys` that scope and filter allow, in the order of `keys`, without what they hold."""
    allowed = visible(scope, filter, "p", each=True)
    rows = connection.execute(
        "SELECT p.key, i.id, ir.tenant, ir.rights"
        " FROM pieces p JOIN items i ON i.number = p.item JOIN rights ir ON ir.id = i.rights"
        f" WHERE p.key IN (SELECT value FROM json_each(:keys)) AND {allowed.sql}",
        {"keys": json.dumps([int(key) for key in keys]), **allowed.values},
    )
    found = {
        key: Admitted(key=key, item_id=item_id, tenant=tenant, rights=rights_of(rights))
        for key, item_id, tenant, rights in rows
    }
    return {key: found[key] for key in map(int, keys) if key in found}


def pieces(
    connection: sqlite3.Connection, scope: Scope, filter: Filter, keys: Sequence[int]
) -> dict[int, VisiblePiece]:
    """Those of `keys` that scope and filter allow, in the order of `keys`."""
    allowed = visible(scope, filter, "p", each=True)
    chosen = {"keys": json.dumps([int(key) for key in keys])}
    rows = connection.execute(
        f"SELECT {PIECE_COLUMNS}, i.number AS item_number FROM {PIECE_TABLES}"
        f" WHERE p.key IN (SELECT value FROM json_each(:keys)) AND {allowed.sql}",
        {**chosen, **allowed.values},
    ).fetchall()
    numbers = json.dumps(sorted({row["item_number"] for row in rows}))
    items = {
        row["item_number"]: item_of(row)
        for row in connection.execute(
            f"SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES} WHERE i.number IN (SELECT value FROM json_each(?))", (numbers,)
        )
    }
    found = {
        row["key"]: VisiblePiece(key=row["key"], piece=piece_of(row), item=items[row["item_number"]]) for row in rows
    }
    return {key: found[key] for key in map(int, keys) if key in found}


def items_after(
    connection: sqlite3.Connection, scope: Scope, filter: Filter, after: int, limit: int
) -> list[tuple[int, Item]]:
    """The next visible items in the order they were added, each with the number to go on after.

    `filter.modalities` means the item's own modality here, and that of the piece everywhere else; `filter.aspects`,
    which is about pieces, has no say.
    """
    allowed = visible(scope, replace(filter, aspects=None, speakers=None), "i", listing=True, each=True)
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES}"
        f" WHERE i.number > :after AND {allowed.sql} ORDER BY i.number LIMIT :limit",
        {"after": after, "limit": limit, **allowed.values},
    )
    return [(row["item_number"], item_of(row)) for row in rows]


def latest(connection: sqlite3.Connection, scope: Scope, before: str | None, limit: int) -> list[Item]:
    """Visible items, the one that was added last first. before: the id of a visible item, to go on after it."""
    allowed = visible(scope, EVERYTHING, "i", listing=True, each=True)
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES} WHERE {allowed.sql} AND (:before IS NULL OR"
        " i.number < (SELECT number FROM items WHERE id = :before)) ORDER BY i.number DESC LIMIT :limit",
        {"before": before, "limit": limit, **allowed.values},
    )
    return [item_of(row) for row in rows]


def pieces_of(
    connection: sqlite3.Connection, scope: Scope, item_id: str, filter: Filter, pages: Collection[int]
) -> tuple[Piece, ...]:
    """The pieces of one visible item that the filter allows, in order; of these pages alone, where any are named."""
    allowed = visible(scope, replace(filter, item_ids=frozenset({item_id})), "p", listing=True, each=True)
    on_pages = " AND json_extract(p.place, '$.page') IN (SELECT value FROM json_each(:pages))" if pages else ""
    rows = connection.execute(
        f"SELECT {PIECE_COLUMNS} FROM {PIECE_TABLES} WHERE {allowed.sql}{on_pages} ORDER BY p.ordinal",
        {"pages": json.dumps(sorted(pages)), **allowed.values},
    )
    return tuple(piece_of(row) for row in rows)


def pieces_by_id(connection: sqlite3.Connection, scope: Scope, piece_ids: Sequence[str]) -> dict[str, VisiblePiece]:
    """Visible pieces by their public ids, each with its item; what is not there to see is left out."""
    allowed = visible(scope, EVERYTHING, "p", listing=True)
    wanted = [part for piece_id in piece_ids if (part := _item_and_ordinal(piece_id)) is not None]
    keys = [
        key
        for (key,) in connection.execute(
            "SELECT p.key FROM json_each(:wanted) j"
            " CROSS JOIN items i ON i.id = json_extract(j.value, '$[0]')"
            " CROSS JOIN pieces p ON p.item = i.number AND p.ordinal = json_extract(j.value, '$[1]')"
            f" WHERE {allowed.sql}",
            {"wanted": json.dumps(wanted), **allowed.values},
        )
    ]
    return {found.piece.id: found for found in pieces(connection, scope, EVERYTHING, keys).values()}


def previews(connection: sqlite3.Connection, scope: Scope, piece_ids: Sequence[str]) -> dict[str, Preview]:
    """Previews of visible pieces, by piece id; a piece without one, or that is not there to see, is left out."""
    allowed = visible(scope, EVERYTHING, "p")
    wanted = [part for piece_id in piece_ids if (part := _item_and_ordinal(piece_id)) is not None]
    rows = connection.execute(
        "SELECT i.id AS item_id, p.ordinal, w.media_type, w.width, w.height, w.data,"
        " c.name AS producer_name, c.version AS producer_version, c.digest AS producer_digest"
        " FROM json_each(:wanted) j"
        " JOIN items i ON i.id = json_extract(j.value, '$[0]')"
        " JOIN pieces p ON p.item = i.number AND p.ordinal = json_extract(j.value, '$[1]')"
        " JOIN previews w ON w.piece = p.key JOIN producers c ON c.id = w.producer"
        f" WHERE {allowed.sql}",
        {"wanted": json.dumps(wanted), **allowed.values},
    )
    return {f"{row['item_id']}.{row['ordinal']}": preview_of(row) for row in rows}


def _item_and_ordinal(piece_id: str) -> tuple[str, int] | None:
    """The parts of a piece id, None where it is none.

    >>> _item_and_ordinal("it_1.12"), _item_and_ordinal("it_1")
    (('it_1', 12), None)
    """
    item_id, _, ordinal = piece_id.rpartition(".")
    if not (item_id and ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 10 and is_storable(item_id)):
        return None
    return item_id, int(ordinal)
