"""Which file was seen where, and which was refused, as far as a scope may see."""

from __future__ import annotations

import sqlite3

from sensorium.core.items import Rights
from sensorium.core.receipts import Refusal, Sighting
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.stores.rows import path_bytes, path_text, refusal_of, rights_text, sighting_of
from sensorium.stores.visibility import visible

Position = tuple[bytes, int]
"""Where a listing of sources goes on: after this source of this item."""

START: Position = (b"", -1)


def sightings_after(
    connection: sqlite3.Connection, scope: Scope, under: str | None, after: Position, limit: int
) -> list[tuple[Position, Sighting]]:
    """The next known sources of visible items, by path; all, or those at or below `under`."""
    allowed = visible(scope, EVERYTHING, "i", listing=True)
    below = ""
    values: dict[str, str | bytes | float] = {"limit": limit, **allowed.values}
    if under is not None:
        # "0" is what follows "/": what lies below a path sorts from "path/" to before "path0", and what sorts between
        # the path and "path/" is "path-other".
        path = path_bytes(under).rstrip(b"/")
        below = " AND s.source < :behind AND (s.source = :path OR s.source >= :first)"
        values |= {"path": path, "first": path + b"/", "behind": path + b"0"}
        after = max(after, (path, START[1]))
    values |= {"source": after[0], "item": after[1]}
    rows = connection.execute(
        "SELECT s.source, s.item, i.id AS item_id, s.content_hash, s.size, s.modified_ns, s.seen_at"
        " FROM sources s CROSS JOIN items i ON i.number = s.item"
        f" WHERE (s.source, s.item) > (:source, :item){below} AND {allowed.sql}"
        " ORDER BY s.source, s.item LIMIT :limit",
        values,
    )
    return [((row["source"], row["item"]), sighting_of(row)) for row in rows]


def sources_of(connection: sqlite3.Connection, scope: Scope, item_id: str) -> tuple[str, ...]:
    """Every source that one visible item was seen at, sorted."""
    allowed = visible(scope, Filter(item_ids=frozenset({item_id})), "i")
    rows = connection.execute(
        f"SELECT s.source FROM items i JOIN sources s ON s.item = i.number WHERE {allowed.sql} ORDER BY s.source",
        allowed.values,
    )
    return tuple(path_text(row["source"]) for row in rows)


def refusals(connection: sqlite3.Connection, scope: Scope) -> list[Refusal]:
    """Files that were not added, by time."""
    allowed = visible(scope, EVERYTHING, "f")
    rows = connection.execute(
        "SELECT f.source, f.code, f.reason, f.refused_at, r.rights"
        " FROM refusals f JOIN rights r ON r.id = f.rights"
        f" WHERE {allowed.sql} ORDER BY f.refused_at, f.source",
        allowed.values,
    )
    return [refusal_of(row) for row in rows]


def known(connection: sqlite3.Connection, scope: Scope, content_hash: str, rights: Rights) -> str | None:
    """The id of the visible item that holds this content with these rights."""
    allowed = visible(scope, EVERYTHING, "i", listing=True)
    row = connection.execute(
        "SELECT i.id FROM items i WHERE i.content_hash = :hash"
        f" AND +i.rights = (SELECT id FROM rights WHERE tenant = :tenant AND rights = :wanted) AND {allowed.sql}",
        {"hash": content_hash, "wanted": rights_text(rights), **allowed.values},
    ).fetchone()
    return None if row is None else str(row["id"])
