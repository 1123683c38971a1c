"""Which spaces a library has, which one it searches by, and what lacks a vector in one of them.

Inside transactions that the caller opens. What is counted here without a scope is told to nobody.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.receipts import JOINED
from sensorium.core.reembedding import KeyedPiece, Lacking, Shortfall
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.spaces import KnownSpace, Space, SpaceRole, Vectors, check_vectors
from sensorium.stores.rows import (
    ITEM_COLUMNS,
    ITEM_TABLES,
    PIECE_COLUMNS,
    PIECE_TABLES,
    item_of,
    piece_of,
    sighting_of,
)
from sensorium.stores.vectors import STORED, add_space, find_space
from sensorium.stores.visibility import VISIBLE_RIGHTS, json_list, seen_by, visible

_KNOWN = """
    SELECT s.id, s.width, s.role, s.encoder, s.number IS l.active AS is_active, s.number IS l.previous AS is_previous,
    c.name, c.version, c.digest
    FROM library l CROSS JOIN spaces s JOIN producers c ON c.id = s.producer"""


def known(connection: sqlite3.Connection) -> tuple[KnownSpace, ...]:
    """Every space, in the order they were added."""
    return tuple(map(_known_space, connection.execute(f"{_KNOWN} ORDER BY s.number")))


def active(connection: sqlite3.Connection) -> KnownSpace | None:
    """The space that searches are by; None while nothing was added."""
    row = connection.execute(f"{_KNOWN} WHERE s.number = l.active").fetchone()
    return None if row is None else _known_space(row)


def begin(connection: sqlite3.Connection, space: Space, encoder: str) -> None:
    """Registers the space of an encoder: a new library searches by it, another one has it to be built."""
    is_new = find_space(connection, space.id) is None
    add_space(connection, space)
    number = _number(connection, space.id)
    first = connection.execute("SELECT active IS NULL FROM library").fetchone()[0]
    if first:
        connection.execute("UPDATE spaces SET role = 'searched' WHERE number = ?", (number,))
        connection.execute("UPDATE library SET active = ?", (number,))
    elif is_new:
        connection.execute("UPDATE spaces SET role = 'building' WHERE number = ?", (number,))
    if encoder:
        connection.execute("UPDATE spaces SET encoder = ? WHERE number = ?", (encoder, number))


def switch(connection: sqlite3.Connection, space_id: str) -> None:
    """Searches are by that space from now on; the one before is remembered. Changes nothing where they are already."""
    connection.execute("UPDATE spaces SET role = 'searched' WHERE id = ?", (space_id,))
    connection.execute(
        "UPDATE library SET previous = active, active = :number WHERE active IS NOT :number",
        {"number": _number(connection, space_id)},
    )


def drop(connection: sqlite3.Connection, space_id: str) -> int:
    """Erases a space with all its vectors and details; returns their bytes. Raises BadInput for one in use."""
    number = _number(connection, space_id)
    role, is_active = connection.execute(
        "SELECT s.role, s.number IS l.active FROM library l CROSS JOIN spaces s WHERE s.number = ?", (number,)
    ).fetchone()
    if is_active or role == SpaceRole.BROUGHT:
        what = "searches are by this space" if is_active else "these are voices, which no other encoder makes"
        raise BadInput(what, subject=space_id, remedy="drop another space; `sensorium info` lists them")
    size = sum(
        int(connection.execute(f"SELECT ifnull(sum(length({c})), 0) FROM {t} WHERE space = ?", (number,)).fetchone()[0])
        for t, c in (("details", "detail"), ("vectors", "vector"))
    )
    for table in ("details", "vectors", "removed", "stamps"):
        connection.execute(f"DELETE FROM {table} WHERE space = ?", (number,))
    connection.execute("UPDATE library SET previous = NULL WHERE previous = ?", (number,))
    connection.execute("DELETE FROM spaces WHERE number = ?", (number,))
    connection.execute("UPDATE library SET scrub_due = 1")
    return size


def embed(
    connection: sqlite3.Connection,
    space_id: str,
    vectors: Mapping[int, Vectors],
    details: Mapping[int, bytes],
    generation: int,
) -> int:
    """Adds vectors and details of pieces by key; returns how many vectors were new.

    What has one already keeps it, and a piece that was erased meanwhile gets none. Raises ValueError for a vector that
    does not fit the space.
    """
    found = find_space(connection, space_id)
    if found is None:
        raise ValueError(f"space {space_id} has to be added before its first vector")
    number, space = found
    keys = list(vectors)
    rows = check_vectors(_stacked([vectors[key] for key in keys], space.width), space.width).astype(STORED, copy=False)
    cursor = connection.executemany(
        "INSERT OR IGNORE INTO vectors (space, piece, rights, modality, generation, vector)"
        " SELECT ?, key, rights, modality, ?, ? FROM pieces WHERE key = ?",
        [(number, generation, row.tobytes(), key) for key, row in zip(keys, rows, strict=True)],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO details (space, piece, rights, modality, detail)"
        " SELECT space, piece, rights, modality, ? FROM vectors WHERE piece = ? AND space = ?",
        [(detail, key, number) for key, detail in details.items()],
    )
    return cursor.rowcount


# -- what is there and what is not -----------------------------------------------------------------------------------


def coverage(connection: sqlite3.Connection, scope: Scope) -> dict[str, int]:
    """For each space, how many pieces that the scope may see have a vector in it."""
    allowed = visible(scope, EVERYTHING, "v")
    rows = connection.execute(
        "SELECT s.id, count(v.id) FROM spaces s LEFT JOIN vectors v ON v.space = s.number"
        f" AND {allowed.sql} GROUP BY s.number",
        allowed.values,
    )
    return dict(map(tuple, rows))


def shortfall(connection: sqlite3.Connection, scope: Scope, space_id: str) -> Shortfall:
    """What a switch to that space would leave behind."""
    counts = {0: (0, 0), 1: (0, 0)}
    rows = connection.execute(
        f"SELECT v.rights IN {VISIBLE_RIGHTS} AS seen, count(*), count(*) - count(o.id) FROM library l"
        " CROSS JOIN vectors v ON v.space = l.active"
        " LEFT JOIN vectors o ON o.piece = v.piece AND o.space = :space GROUP BY seen",
        {"space": _number(connection, space_id), **seen_by(scope)},
    )
    counts |= {int(seen): (found, lost) for seen, found, lost in rows}
    (others_found, others_lost), (found, lost) = counts[0], counts[1]
    return Shortfall(found=found, lost=lost, others_found=others_found, others_lost=others_lost)


def lacking(
    connection: sqlite3.Connection,
    scope: Scope,
    space_id: str,
    modalities: Collection[Modality],
    after: int,
    limit: int,
) -> list[Lacking]:
    """The next items that have pieces of these modalities without a vector in that space, whoever may see them."""
    wanted: dict[str, int | str] = {
        "space": _number(connection, space_id),
        "modalities": json_list(modalities),
        "after": after,
    }
    numbers = connection.execute(
        f"SELECT DISTINCT p.item FROM pieces p WHERE p.item > :after AND {_LACKS} ORDER BY p.item LIMIT :limit",
        {**wanted, "limit": limit},
    ).fetchall()
    return [_lacking(connection, scope, number, wanted) for (number,) in numbers]


_LACKS = """p.modality IN (SELECT value FROM json_each(:modalities)) AND (p.modality <> 'text' OR p.text IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.piece = p.key AND v.space = :space)"""


def _lacking(connection: sqlite3.Connection, scope: Scope, number: int, wanted: Mapping[str, int | str]) -> Lacking:
    row = connection.execute(
        f"SELECT {ITEM_COLUMNS}, i.rights IN {VISIBLE_RIGHTS} AS seen FROM {ITEM_TABLES} WHERE i.number = :number",
        {"number": number, **seen_by(scope)},
    ).fetchone()
    pieces = connection.execute(
        f"SELECT {PIECE_COLUMNS}, ({_LACKS}) AS lacks FROM {PIECE_TABLES} WHERE p.item = :number ORDER BY p.ordinal",
        {"number": number, **wanted},
    )
    sightings = connection.execute(
        "SELECT s.source, i.id AS item_id, s.content_hash, s.size, s.modified_ns, s.seen_at FROM sources s"
        " JOIN items i ON i.number = s.item WHERE s.item = ? ORDER BY s.content_hash GLOB ?, s.seen_at DESC, s.source",
        (number, JOINED + "*"),
    )
    return Lacking(
        number=number,
        item=item_of(row),
        is_visible=bool(row["seen"]),
        pieces=tuple(KeyedPiece(key=one["key"], piece=piece_of(one), lacks=bool(one["lacks"])) for one in pieces),
        sightings=tuple(map(sighting_of, sightings)),
    )


def count_lacking(
    connection: sqlite3.Connection, scope: Scope, space_id: str, modalities: Collection[Modality]
) -> tuple[int, int]:
    """How many pieces lack a vector in that space: of those that the scope may see, and of all."""
    row = connection.execute(
        f"SELECT ifnull(sum(p.rights IN {VISIBLE_RIGHTS}), 0), count(*) FROM pieces p WHERE {_LACKS}",
        {"space": _number(connection, space_id), "modalities": json_list(modalities), **seen_by(scope)},
    ).fetchone()
    return int(row[0]), int(row[1])


def preview_bytes(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, bytes]:
    """The small pictures of these pieces, by key, for who makes their vectors."""
    rows = connection.execute(
        "SELECT piece, data FROM previews WHERE piece IN (SELECT value FROM json_each(?))",
        (json.dumps([int(key) for key in keys]),),
    )
    return {row["piece"]: row["data"] for row in rows}


def _number(connection: sqlite3.Connection, space_id: str) -> int:
    row = connection.execute("SELECT number FROM spaces WHERE id = ?", (space_id,)).fetchone()
    if row is None:
        raise BadInput("the library has no such space", subject=space_id, remedy="`sensorium info` lists its spaces")
    return int(row[0])


def _known_space(row: sqlite3.Row) -> KnownSpace:
    return KnownSpace(
        space=Space(name=row["name"], version=row["version"], width=row["width"], digest=row["digest"]),
        role=SpaceRole(row["role"]),
        encoder=row["encoder"],
        is_active=bool(row["is_active"]),
        is_previous=bool(row["is_previous"]),
    )


def _stacked(rows: Sequence[Vectors], width: int) -> Vectors:
    return np.stack(rows) if rows else np.empty((0, width), dtype=np.float32)
