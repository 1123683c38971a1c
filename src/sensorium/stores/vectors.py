"""Vectors and what an index is built from: spaces, changes since a generation, stamps of index files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np

from sensorium.core.candidates import IndexStamp, VectorChanges
from sensorium.core.errors import IndexDamaged, StoreDamaged
from sensorium.core.items import Producer
from sensorium.core.spaces import Keys, Space, Vectors, check_vectors
from sensorium.stores.connection import Database
from sensorium.stores.producers import producer_id

BLOCK = 4_096
"""Vectors read at once: 8 MB of width 512."""

STORED = np.dtype("<f4")


def generation(connection: sqlite3.Connection) -> int:
    """The store's generation."""
    return int(connection.execute("SELECT generation FROM library").fetchone()[0])


# -- writing ---------------------------------------------------------------------------------------------------------


def add_space(connection: sqlite3.Connection, space: Space) -> None:
    """Registers a space. Raises StoreDamaged if its id is known with other values."""
    found = find_space(connection, space.id)
    if found is None:
        producer = producer_id(connection, Producer(name=space.name, version=space.version, digest=space.digest))
        connection.execute(
            "INSERT INTO spaces (id, width, producer) VALUES (?, ?, ?)", (space.id, space.width, producer)
        )
    elif found[1] != space:
        raise StoreDamaged(
            "the library knows this space with other values",
            subject=space.id,
            remedy="use the model that the library was made with, or a new library",
        )


def add_vectors(
    connection: sqlite3.Connection, space_id: str, pieces: Sequence[int], vectors: Vectors, generation: int
) -> None:
    """Adds one row for each piece, float32 [len(pieces), width]. Raises ValueError where these do not fit."""
    found = find_space(connection, space_id)
    if found is None:
        raise ValueError(f"space {space_id} has to be added before its first vector")
    number, space = found
    rows = check_vectors(vectors, space.width).astype(STORED, copy=False)
    if len(rows) != len(pieces):
        raise ValueError(f"{len(rows)} vectors for {len(pieces)} pieces in space {space_id}")
    connection.executemany(
        "INSERT INTO vectors (space, piece, rights, modality, generation, vector)"
        " SELECT ?, key, rights, modality, ?, ? FROM pieces WHERE key = ?",
        [(number, generation, row.tobytes(), key) for key, row in zip(pieces, rows, strict=True)],
    )


def set_stamp(connection: sqlite3.Connection, stamp: IndexStamp) -> None:
    """Remembers an index file, and lets go of the removals that the file has already seen."""
    found = find_space(connection, stamp.space_id)
    if found is None:
        raise ValueError(f"space {stamp.space_id} has to be added before its index is stamped")
    number, _ = found
    connection.execute(
        "INSERT OR REPLACE INTO stamps (space, adapter, generation, count, size, digest) VALUES (?, ?, ?, ?, ?, ?)",
        (number, stamp.adapter, stamp.generation, stamp.count, stamp.size, stamp.digest),
    )
    connection.execute("DELETE FROM removed WHERE space = ? AND generation <= ?", (number, stamp.generation))
    connection.execute("UPDATE spaces SET horizon = max(horizon, ?) WHERE number = ?", (stamp.generation, number))


# -- reading ---------------------------------------------------------------------------------------------------------


def spaces(connection: sqlite3.Connection) -> tuple[Space, ...]:
    """Every space, in the order they were added."""
    rows = connection.execute("SELECT id FROM spaces ORDER BY number").fetchall()
    found = (find_space(connection, space_id) for (space_id,) in rows)
    return tuple(pair[1] for pair in found if pair is not None)


def find_space(connection: sqlite3.Connection, space_id: str) -> tuple[int, Space] | None:
    """The number and the record of a space."""
    row = connection.execute(
        "SELECT s.number, s.width, c.name, c.version, c.digest"
        " FROM spaces s JOIN producers c ON c.id = s.producer WHERE s.id = ?",
        (space_id,),
    ).fetchone()
    if row is None:
        return None
    return row["number"], Space(name=row["name"], version=row["version"], width=row["width"], digest=row["digest"])


def stamp(connection: sqlite3.Connection, space_id: str) -> IndexStamp | None:
    """What was last said of this space's index file."""
    row = connection.execute(
        "SELECT t.adapter, t.generation, t.count, t.size, t.digest"
        " FROM stamps t JOIN spaces s ON s.number = t.space WHERE s.id = ?",
        (space_id,),
    ).fetchone()
    return None if row is None else IndexStamp(space_id=space_id, **dict(row))


def vectors_of(connection: sqlite3.Connection, space_id: str, keys: Sequence[int]) -> dict[int, Vectors]:
    """The vectors of these pieces, float32 [width], by key; what is not there is left out."""
    found = find_space(connection, space_id)
    if found is None:
        return {}
    number, space = found
    rows = connection.execute(
        "SELECT piece, vector FROM vectors WHERE space = ? AND piece IN (SELECT value FROM json_each(?))",
        (number, json.dumps([int(key) for key in keys])),
    ).fetchall()
    vectors = _rows_of([row["vector"] for row in rows], space.width)
    return {int(row["piece"]): vector for row, vector in zip(rows, vectors, strict=True)}


def changes(database: Database, space_id: str, since: int) -> Iterator[VectorChanges]:
    """Blocks from generation `since` to the present one.

    No transaction stays open between blocks: what is erased meanwhile is simply not there any more, and the
    generation that erased it is one that the index still has to ask for. All blocks but the last stand at `since`,
    so that an index which is interrupted between two of them asks again; adding a key twice must be adding it once.
    """
    with database.reading() as connection:
        target = generation(connection)
        found = find_space(connection, space_id)
        if since == target or found is None:
            return
        number, space = found
        removed = _removed(connection, number, since, target)
    after = (since + 1, 0)  # keys count from 1
    while True:
        with database.reading() as connection:
            rows = connection.execute(
                "SELECT generation, piece, vector FROM vectors WHERE space = ?"
                " AND (generation, piece) > (?, ?) AND generation <= ? ORDER BY generation, piece LIMIT ?",
                (number, *after, target, BLOCK),
            ).fetchall()
        is_last = len(rows) < BLOCK
        yield VectorChanges(
            generation=target if is_last else since,
            keys=np.array([row["piece"] for row in rows], dtype=np.int64),
            vectors=_rows_of([row["vector"] for row in rows], space.width),
            removed=removed,
        )
        if is_last:
            return
        removed = removed[:0]
        after = (rows[-1]["generation"], rows[-1]["piece"])


def _removed(connection: sqlite3.Connection, space: int, since: int, target: int) -> Keys:
    """What an index of generation `since` holds too much; raises IndexDamaged when that is not known any more."""
    if since == 0:
        return np.empty(0, dtype=np.int64)
    horizon = int(connection.execute("SELECT horizon FROM spaces WHERE number = ?", (space,)).fetchone()[0])
    if since < horizon or since > target:
        raise IndexDamaged(
            f"the index stands at generation {since}; the store can tell changes from {horizon} to {target} only",
            remedy="load the index file again, or rebuild it from the store",
        )
    rows = connection.execute(
        "SELECT piece FROM removed WHERE space = ? AND generation > ? ORDER BY piece", (space, since)
    ).fetchall()
    return np.array([key for (key,) in rows], dtype=np.int64)


def _rows_of(blobs: list[bytes], width: int) -> Vectors:
    joined = b"".join(blobs)
    if len(joined) != len(blobs) * width * STORED.itemsize:
        raise StoreDamaged(
            "a vector in the store has another width than its space",
            remedy="put back a copy of the library's folder, or add the files again to a new library",
        )
    return np.frombuffer(joined, dtype=STORED).reshape(len(blobs), width).astype(np.float32, copy=False)
