"""Full text: which visible pieces hold a word. SQLite gives no scores: its statistics are over hidden rows too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.stores.reading import sorted_keys
from sensorium.stores.visibility import needs_items, visible

BEGIN, END = "\ufdd0", "\ufdd1"
"""Marks around words that were found: code points that never are characters of a text (Unicode, 23.7)."""


def holding(connection: sqlite3.Connection, scope: Scope, filter: Filter, phrase: str) -> Keys:
    """Sorted keys of the visible pieces that hold the words of `phrase` one after the other, in any form of stem.

    A star at its end stands for the rest of its last word.
    """
    allowed = visible(scope, filter, "p", listing=True, each=True)
    (listed,) = connection.execute(
        "SELECT group_concat(p.key) FROM words w CROSS JOIN pieces p ON p.key = w.rowid"
        f"{_items(filter)} WHERE words MATCH :phrase AND {allowed.sql}",
        {"phrase": _quoted(phrase), **allowed.values},
    ).fetchone()
    return sorted_keys(listed)


def holds(connection: sqlite3.Connection, scope: Scope, phrase: str) -> bool:
    """Whether any visible piece does."""
    allowed = visible(scope, EVERYTHING, "p", listing=True, each=True)
    row = connection.execute(
        "SELECT 1 FROM words w CROSS JOIN pieces p ON p.key = w.rowid"
        f" WHERE words MATCH :phrase AND {allowed.sql} LIMIT 1",
        {"phrase": _quoted(phrase), **allowed.values},
    ).fetchone()
    return row is not None


def places(
    connection: sqlite3.Connection, scope: Scope, phrase: str, keys: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """Where the words of `phrase` stand in those of the pieces `keys` that are visible and hold them.

    In each text from its start, as half-open intervals of code points.
    """
    allowed = visible(scope, EVERYTHING, "p", listing=True, each=True)
    rows = connection.execute(
        "SELECT p.key, p.text, highlight(words, 0, :begin, :end) AS marked FROM words w CROSS JOIN pieces p"
        " ON p.key = w.rowid"
        f" WHERE words MATCH :phrase AND w.rowid IN (SELECT value FROM json_each(:keys)) AND {allowed.sql}",
        {
            "phrase": _quoted(phrase),
            "keys": json.dumps([int(key) for key in keys]),
            "begin": BEGIN,
            "end": END,
            **allowed.values,
        },
    )
    return {row["key"]: marked_places(row["marked"]) for row in rows if not {BEGIN, END} & set(row["text"])}


def marked_places(marked: str) -> list[tuple[int, int]]:
    """The intervals between marks, in the text without them.

    >>> marked_places(f"a {BEGIN}red{END} {BEGIN}dog{END}")
    [(2, 5), (6, 9)]
    """
    found: list[tuple[int, int]] = []
    start = position = 0
    for letter in marked:
        if letter == BEGIN:
            start = position
        elif letter == END:
            found.append((start, position))
        else:
            position += 1
    return found


def add(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Enters the texts of new pieces."""
    connection.execute(
        "INSERT INTO words (rowid, text) SELECT key, text FROM pieces"
        " WHERE key IN (SELECT value FROM json_each(?)) AND text IS NOT NULL",
        (json.dumps(list(keys)),),
    )


def remove(connection: sqlite3.Connection, items: Sequence[int]) -> None:
    """Takes out the texts of items, which have to be there still."""
    connection.execute(
        "INSERT INTO words (words, rowid, text) SELECT 'delete', key, text FROM pieces"
        " WHERE item IN (SELECT value FROM json_each(?)) AND text IS NOT NULL",
        (json.dumps(list(items)),),
    )


def count(connection: sqlite3.Connection, scope: Scope, filter: Filter) -> int:
    """How many visible pieces have a text."""
    allowed = visible(scope, filter, "p")
    (number,) = connection.execute(
        f"SELECT count(*) FROM pieces p{_items(filter)} WHERE p.modality = :text AND {allowed.sql}",
        {"text": str(Modality.TEXT), **allowed.values},
    ).fetchone()
    return int(number)


def _quoted(phrase: str) -> str:
    """As FTS5 takes it: every sign in it is a letter of a word or a blank between two, but for a star at its end."""
    words, begins = phrase.removesuffix("*"), phrase.endswith("*")
    return '"' + words.replace('"', " ").replace("\0", " ") + '"' + " *" * begins


def _items(filter: Filter) -> str:
    """The items table, joined where the filter speaks of it: without it, an index answers a count alone."""
    return " CROSS JOIN items i ON i.number = p.item" if needs_items(filter) else ""


def merge(connection: sqlite3.Connection) -> None:
    """Writes the index anew, so that it holds no deleted word."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
