"""Voices by name, and what single pieces say of their speaker."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

import numpy as np

from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.spaces import Vectors
from sensorium.stores.rows import compact_json
from sensorium.stores.visibility import VISIBLE_RIGHTS, seen_by, visible

STORED = np.dtype("<f4")


def keep(connection: sqlite3.Connection, rights: int, space_id: str, name: str, voice: Vectors) -> None:
    """Gives a voice a name, in place of the one that had it."""
    connection.execute(
        "INSERT OR REPLACE INTO voices (rights, space, name, vector) VALUES (?, ?, ?, ?)",
        (rights, space_id, name, voice.astype(STORED).tobytes()),
    )


def known(connection: sqlite3.Connection, scope: Scope, space_id: str) -> dict[str, Vectors]:
    """The voices that a scope may see, by name."""
    rows = connection.execute(
        f"SELECT name, vector FROM voices WHERE space = :space AND rights IN {VISIBLE_RIGHTS} ORDER BY name",
        {"space": space_id, **seen_by(scope)},
    )
    return {name: np.frombuffer(vector, STORED).astype(np.float32) for name, vector in rows}


def drop(connection: sqlite3.Connection, scope: Scope, name: str) -> int:
    """Lets go of a name; returns how many voices had it."""
    cursor = connection.execute(
        f"DELETE FROM voices WHERE name = :name AND rights IN {VISIBLE_RIGHTS}", {"name": name, **seen_by(scope)}
    )
    return cursor.rowcount


def set_speakers(connection: sqlite3.Connection, scope: Scope, speakers: Mapping[int, str]) -> None:
    """Says of visible pieces, by key, who speaks in them."""
    allowed = visible(scope, EVERYTHING, "p", listing=True)
    keys = json.dumps(list(speakers))
    rows = connection.execute(
        "SELECT p.key, p.attributes FROM pieces p"
        f" WHERE p.key IN (SELECT value FROM json_each(:keys)) AND {allowed.sql}",
        {"keys": keys, **allowed.values},
    ).fetchall()
    changed = [
        (compact_json({**json.loads(row["attributes"]), "speaker": speakers[row["key"]]}), row["key"]) for row in rows
    ]
    connection.executemany("UPDATE pieces SET attributes = ? WHERE key = ?", changed)
