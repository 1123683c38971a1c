"""Details: the finer vectors of pieces, with the rights of the piece and gone with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.stores.visibility import visible


def add_details(connection: sqlite3.Connection, space_id: str, details: Mapping[int, bytes]) -> None:
    """Adds the details of pieces, by key. Raises ValueError for a piece that has no vector in that space."""
    cursor = connection.executemany(
        "INSERT INTO details (space, piece, rights, modality, detail)"
        " SELECT v.space, v.piece, v.rights, v.modality, ? FROM vectors v JOIN spaces s ON s.number = v.space"
        " WHERE v.piece = ? AND s.id = ?",
        [(detail, key, space_id) for key, detail in details.items()],
    )
    if details and cursor.rowcount != len(details):
        raise ValueError(f"details of a piece that has no vector in space {space_id}")


def details(connection: sqlite3.Connection, scope: Scope, space_id: str, keys: Sequence[int]) -> dict[int, bytes]:
    """The details of those of `keys` that the scope may see and that have some in that space, by key."""
    allowed = visible(scope, EVERYTHING, "d", listing=True)
    rows = connection.execute(
        "SELECT d.piece, d.detail FROM json_each(:keys) j CROSS JOIN details d ON d.piece = j.value"
        f" WHERE d.space = (SELECT number FROM spaces WHERE id = :space) AND {allowed.sql}",
        {"keys": json.dumps([int(key) for key in keys]), "space": space_id, **allowed.values},
    )
    return {row["piece"]: row["detail"] for row in rows}


def pieces_without_details(connection: sqlite3.Connection, space_id: str, modality: Modality) -> int:
    """How many pieces of a modality have a vector in that space, and no details."""
    row = connection.execute(
        "SELECT count(*) FROM vectors v JOIN pieces p ON p.key = v.piece"
        " LEFT JOIN details d ON d.piece = v.piece AND d.space = v.space"
        " WHERE v.space = (SELECT number FROM spaces WHERE id = ?) AND v.modality = ? AND d.id IS NULL"
        " AND p.aspect <> 'shot'",  # whose vector is the mean of its frames'
        (space_id, modality),
    ).fetchone()
    return int(row[0])
