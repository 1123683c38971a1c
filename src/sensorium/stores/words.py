"""Full text: which visible pieces hold a word. SQLite gives no scores: its statistics are over hidden rows too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from sensorium.core.items import Modality
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.stores.visibility import visible

TABLES = "words w CROSS JOIN pieces p ON p.key = w.rowid CROSS JOIN items i ON i.number = p.item"


def holding(connection: sqlite3.Connection, scope: Scope, filter: Filter, phrase: str) -> Keys:
    """Sorted keys of the visible pieces that hold the words of `phrase` one after the other, in any form of stem."""
    allowed = visible(scope, filter, "p", listing=True)
    quoted = '"' + phrase.replace('"', " ").replace("\0", " ") + '"'
    (listed,) = connection.execute(
        f"SELECT group_concat(p.key) FROM {TABLES} WHERE words MATCH :phrase AND {allowed.sql}",
        {"phrase": quoted, **allowed.values},
    ).fetchone()
    keys = np.fromstring(listed or "", dtype=np.int64, sep=",")
    keys.sort()
    return keys


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
    tables = "pieces p CROSS JOIN items i ON i.number = p.item"
    (number,) = connection.execute(
        f"SELECT count(*) FROM {tables} WHERE p.modality = :text AND {allowed.sql}",
        {"text": str(Modality.TEXT), **allowed.values},
    ).fetchone()
    return int(number)


def merge(connection: sqlite3.Connection) -> None:
    """Writes the index anew, so that it holds no deleted word."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
