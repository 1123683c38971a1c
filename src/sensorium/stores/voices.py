"""Voices by name, and what single pieces say of their speaker.

A voice is the mean of its samples: vectors of pieces that all have the same rights, which are the voice's own. So it is
seen by whoever sees what it was taken from and by nobody else, and it is erased with that.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sensorium.core.items import Rights
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.spaces import Vectors
from sensorium.stores.rows import compact_json
from sensorium.stores.visibility import VISIBLE_RIGHTS, seen_by, visible

STORED = np.dtype("<f4")


def keep(connection: sqlite3.Connection, scope: Scope, space_id: str, name: str, samples: Sequence[int]) -> None:
    """Gives the voice of these pieces a name, in place of the one that had it; other voices lose these samples.

    Raises ValueError unless the scope sees all of the pieces, and all have one and the same rights.
    """
    allowed = visible(scope, EVERYTHING, "p", listing=True)
    keys = json.dumps(sorted(set(samples)))
    rows = connection.execute(
        f"SELECT p.rights FROM pieces p WHERE p.key IN (SELECT value FROM json_each(:keys)) AND {allowed.sql}",
        {"keys": keys, **allowed.values},
    ).fetchall()
    rights = {number for (number,) in rows}
    if len(rights) != 1 or len(rows) != len(set(samples)):
        raise ValueError("samples of a voice are visible pieces with the same rights")
    (number,) = rights
    others = connection.execute(
        "DELETE FROM samples WHERE piece IN (SELECT value FROM json_each(?)) RETURNING voice", (keys,)
    ).fetchall()
    connection.execute("DELETE FROM voices WHERE rights = ? AND space = ? AND name = ?", (number, space_id, name))
    cursor = connection.execute(
        "INSERT INTO voices (rights, space, name, vector) VALUES (?, ?, ?, x'')", (number, space_id, name)
    )
    voice = cursor.lastrowid
    assert voice is not None
    connection.executemany("INSERT INTO samples (voice, piece) VALUES (?, ?)", [(voice, key) for key in set(samples)])
    take_anew(connection, [voice, *(other for (other,) in others)])


def known(connection: sqlite3.Connection, scope: Scope, space_id: str, told_to: Rights | None) -> dict[str, Vectors]:
    """The voices that a scope may see, by name.

    told_to: only those whose names everybody may know who reads what has these rights; None for all.
    """
    rows = connection.execute(
        "SELECT v.name, v.vector, r.rights FROM voices v JOIN rights r ON r.id = v.rights"
        f" WHERE v.space = :space AND v.rights IN {VISIBLE_RIGHTS} ORDER BY v.name, v.id",
        {"space": space_id, **seen_by(scope)},
    )
    return {
        name: np.frombuffer(vector, STORED).astype(np.float32)
        for name, vector, rights in rows
        if told_to is None or told_to.within(Rights.from_json(json.loads(rights)))
    }


def drop(connection: sqlite3.Connection, scope: Scope, name: str) -> int:
    """Lets go of a name; returns how many voices had it."""
    cursor = connection.execute(
        f"DELETE FROM voices WHERE name = :name AND rights IN {VISIBLE_RIGHTS}", {"name": name, **seen_by(scope)}
    )
    return cursor.rowcount


def taken_from(connection: sqlite3.Connection, items: Sequence[int]) -> list[int]:
    """The voices that have samples in these items."""
    rows = connection.execute(
        "SELECT DISTINCT s.voice FROM samples s JOIN pieces p ON p.key = s.piece"
        " WHERE p.item IN (SELECT value FROM json_each(?))",
        (json.dumps(list(items)),),
    )
    return [voice for (voice,) in rows]


def take_anew(connection: sqlite3.Connection, voices: Iterable[int]) -> None:
    """Makes voices the mean of the samples that they have left; one without any is erased."""
    for voice in sorted(set(voices)):
        rows = connection.execute(
            "SELECT x.vector FROM voices v JOIN samples a ON a.voice = v.id JOIN pieces p ON p.key = a.piece"
            " JOIN spaces s ON s.id = v.space JOIN vectors x ON x.piece = p.key AND x.space = s.number"
            " AND x.rights = p.rights AND x.modality = p.modality WHERE v.id = ? ORDER BY p.key",
            (voice,),
        ).fetchall()
        if rows:
            mean = _mean(np.stack([np.frombuffer(vector, STORED) for (vector,) in rows]))
            connection.execute("UPDATE voices SET vector = ? WHERE id = ?", (mean.astype(STORED).tobytes(), voice))
        else:
            connection.execute("DELETE FROM voices WHERE id = ?", (voice,))


def set_speakers(connection: sqlite3.Connection, scope: Scope, speakers: Mapping[int, str]) -> int:
    """Says of visible pieces, by key, who speaks in them; returns of how many."""
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
    return len(changed)


def _mean(vectors: Vectors) -> Vectors:
    """float32 [d], unit length. vectors: float32 [n, d]."""
    total = vectors.sum(axis=0, dtype=np.float64)
    unit: Vectors = (total / max(float(np.linalg.norm(total)), 1e-12)).astype(np.float32)
    return unit
