"""Typed attributes of items: the rows that filters and facets are answered from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from sensorium.core.attributes import (
    MOST_TEXT,
    Amendment,
    Kind,
    Point,
    Value,
    folded,
    kind_of,
    name_of,
    read_value,
    seconds_of,
    value_from_json,
    value_json,
)
from sensorium.core.scopes import Scope
from sensorium.stores.visibility import VISIBLE_RIGHTS, json_list, seen_by

Row = tuple[str, int, str, str, str, float | None, float | None]
"""name, position, kind, text, label, number, east."""

ADD = (
    "INSERT OR REPLACE INTO attributes (item, rights, name, position, kind, text, label, number, east)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def add(connection: sqlite3.Connection, item: int, rights: int, attributes: Mapping[str, Value]) -> None:
    """Enters the attributes of one item. Raises TypeError for a value that is none."""
    connection.executemany(ADD, [(item, rights, *row) for row in _rows(attributes)])


def amend(connection: sqlite3.Connection, scope: Scope, amendments: Sequence[Amendment]) -> int:
    """New facts for those of the items that the scope can see; returns how many there were."""
    changed = 0
    for amendment in amendments:
        found = connection.execute(
            "UPDATE items SET title = :title, attributes = :attributes, modified_at = :modified"
            f" WHERE id IN (SELECT value FROM json_each(:ids)) AND rights IN {VISIBLE_RIGHTS}"
            " RETURNING number, rights",
            {
                "title": amendment.title,
                "attributes": attributes_json(amendment.attributes),
                "modified": amendment.modified_at,
                "ids": json_list([amendment.item_id]),
                **seen_by(scope),
            },
        ).fetchall()
        for number, rights in found:
            connection.execute("DELETE FROM attributes WHERE item = ?", (number,))
            add(connection, number, rights, amendment.attributes)
            changed += 1
    return changed


def kinds(connection: sqlite3.Connection, scope: Scope, names: Sequence[str]) -> dict[str, frozenset[Kind]]:
    """The kinds that attributes of these names have among what the scope can see; names without any are left out."""
    rows = connection.execute(
        "SELECT n.value AS name, k.value AS kind FROM json_each(:names) n CROSS JOIN json_each(:kinds) k"
        " WHERE EXISTS (SELECT 1 FROM attributes a WHERE a.name = n.value AND a.kind = k.value"
        f" AND a.rights IN {VISIBLE_RIGHTS})",
        {"names": json_list(set(names)), "kinds": json_list(Kind), **seen_by(scope)},
    )
    return _gathered(rows)


def all_kinds(connection: sqlite3.Connection, scope: Scope) -> dict[str, frozenset[Kind]]:
    """All names of attributes that the scope can see, with their kinds."""
    rows = connection.execute(
        f"SELECT DISTINCT a.name, a.kind FROM attributes a WHERE a.rights IN {VISIBLE_RIGHTS} ORDER BY a.name",
        seen_by(scope),
    )
    return _gathered(rows)


def _gathered(rows: sqlite3.Cursor) -> dict[str, frozenset[Kind]]:
    found: dict[str, set[Kind]] = {}
    for name, kind in rows:
        found.setdefault(name, set()).add(Kind(kind))
    return {name: frozenset(kinds) for name, kinds in found.items()}


def texts_json(labels: Sequence[str]) -> str:
    """Texts as one bound value, folded as they are compared."""
    return json.dumps([folded(label) for label in labels])


def attributes_json(attributes: Mapping[str, Value]) -> str:
    """Attributes as an item's row holds them."""
    return json.dumps(
        {name: value_json(value) for name, value in attributes.items()}, sort_keys=True, separators=(",", ":")
    )


def attributes_of(written: str) -> dict[str, Value]:
    """The inverse of `attributes_json`."""
    return {name: value_from_json(value) for name, value in json.loads(written).items()}


def _rows(attributes: Mapping[str, Value]) -> Iterator[Row]:
    for name, written in attributes.items():
        value = read_value(name, written)
        kind = kind_of(value)
        for position, entry in enumerate(value if isinstance(value, tuple) else (value,)):
            yield name_of(name), position, kind, *_columns(entry)


def _columns(value: Value) -> tuple[str, str, float | None, float | None]:
    """text, label, number, east."""
    if isinstance(value, str):
        return folded(value), value[:MOST_TEXT], None, None
    if isinstance(value, Point):
        return "", "", value.latitude, value.longitude
    if isinstance(value, int | float):
        return "", "", float(value), None
    assert not isinstance(value, tuple)
    return "", "", seconds_of(value), None
