"""What made the derived rows: one row for each program or model, referred to by number."""

from __future__ import annotations

import sqlite3

from sensorium.core.items import Producer


def producer_id(connection: sqlite3.Connection, producer: Producer) -> int:
    """The number of a producer, which is written down the first time it is met."""
    values = (producer.name, producer.version, producer.digest)
    found = connection.execute(
        "SELECT id FROM producers WHERE name = ? AND version = ? AND digest = ?", values
    ).fetchone()
    if found is not None:
        return int(found[0])
    cursor = connection.execute("INSERT INTO producers (name, version, digest) VALUES (?, ?, ?)", values)
    assert cursor.lastrowid is not None
    return cursor.lastrowid
