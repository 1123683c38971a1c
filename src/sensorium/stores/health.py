"""What the store can say of its own state: numbers for `info`, findings for `doctor`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.stores.visibility import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much a scope may see, by modality; modalities without any are left out."""

    items: dict[Modality, int]
    pieces: dict[Modality, int]


def counts(connection: sqlite3.Connection, scope: Scope) -> Counts:
    """How many items and pieces this scope may see."""
    return Counts(items=_count(connection, scope, "items"), pieces=_count(connection, scope, "pieces"))


def _count(connection: sqlite3.Connection, scope: Scope, table: str) -> dict[Modality, int]:
    allowed = visible(scope, EVERYTHING, "x")
    rows = connection.execute(
        f"SELECT x.modality, count(*) FROM {table} x WHERE {allowed.sql} GROUP BY x.modality ORDER BY x.modality",
        allowed.values,
    )
    return {Modality(modality): count for modality, count in rows}


def findings(connection: sqlite3.Connection) -> Iterator[str]:
    """Everything that is wrong with the database, one sentence each; nothing when it is whole."""
    for (message,) in connection.execute("PRAGMA integrity_check(20)"):
        if message != "ok":
            yield f"the database is damaged: {message}"
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} refers to a row of {parent} that is not there"
    for space_id, count in connection.execute(_WRONG_WIDTH):
        yield f"{count} vectors of space {space_id} have another width than the space"
    for item_id, count in connection.execute(_PIECES_MISSING):
        yield f"item {item_id} has {count} pieces, and they are not numbered from 0"


_WRONG_WIDTH = """
    SELECT s.id, count(*) FROM vectors v JOIN spaces s ON s.number = v.space
    WHERE length(v.vector) <> s.width * 4 GROUP BY s.id"""

_PIECES_MISSING = """
    SELECT i.id, count(p.key) FROM items i LEFT JOIN pieces p ON p.item = i.number
    GROUP BY i.number HAVING count(p.key) <> ifnull(max(p.ordinal) + 1, 0) LIMIT 20"""


def pieces_without_vectors(connection: sqlite3.Connection) -> dict[str, int]:
    """For each space, how many pieces have no vector in it: of modalities that its encoder does not speak, or lost."""
    total = int(connection.execute("SELECT count(*) FROM pieces").fetchone()[0])
    rows = connection.execute(
        "SELECT s.id, count(v.id) FROM spaces s LEFT JOIN vectors v ON v.space = s.number GROUP BY s.number"
    )
    return {space_id: total - count for space_id, count in rows}
