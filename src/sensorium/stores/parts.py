"""Encoded parts of long files whose end is not read yet: kept so that `add` goes on where it stopped."""

from __future__ import annotations

import sqlite3
import time

from sensorium.core.parts import KeptPart

KEPT_SECONDS = 30 * 86_400.0
"""How long the parts of a file that nobody adds to its end are kept."""


def keep(connection: sqlite3.Connection, item_id: str, recipe: str, part: KeptPart) -> None:
    """Keeps a part in place of one that starts there, and lets go of those that nobody came back for."""
    now = time.time()
    connection.execute("DELETE FROM parts WHERE kept_at < ?", (now - KEPT_SECONDS,))
    connection.execute(
        "INSERT OR REPLACE INTO parts (item, recipe, start, next, state, kept_at) VALUES (?, ?, ?, ?, ?, ?)",
        (item_id, recipe, part.start, part.next, part.state, now),
    )


def kept(connection: sqlite3.Connection, item_id: str, recipe: str) -> tuple[KeptPart, ...]:
    """The parts that follow each other from the start, in order."""
    rows = connection.execute(
        "SELECT start, next, state FROM parts WHERE item = ? AND recipe = ? ORDER BY start", (item_id, recipe)
    )
    found: list[KeptPart] = []
    reached = 0.0
    for start, following, state in rows:
        if start != reached:
            break
        found.append(KeptPart(start=start, next=following, state=state))
        reached = following
    return tuple(found)


def drop(connection: sqlite3.Connection, item_id: str) -> None:
    """Lets go of all parts of an item."""
    connection.execute("DELETE FROM parts WHERE item = ?", (item_id,))
