"""What statements call that SQLite lacks: it folds ASCII alone, and knows no distances."""

from __future__ import annotations

import sqlite3

from sensorium.core.attributes import folded
from sensorium.core.matching import metres_between
from sensorium.stores.vocabulary import words_json


def define_functions(connection: sqlite3.Connection) -> None:
    """Makes these known: `fold(text)`, `file_name(source)`, `metres(latitude, longitude, latitude, longitude)`,
    `words_of(text)`."""
    connection.create_function("fold", 1, _fold, deterministic=True)
    connection.create_function("file_name", 1, _file_name, deterministic=True)
    connection.create_function("metres", 4, _metres, deterministic=True)
    connection.create_function("words_of", 1, words_json, deterministic=True)


def _fold(text: object) -> str:
    return folded(str(text))


def _file_name(source: bytes) -> str:
    return folded(source.rpartition(b"/")[2].decode("utf-8", "replace"))


def _metres(first: float | None, east: float | None, second: float, other: float) -> float | None:
    return None if first is None or east is None else metres_between(first, east, second, other)
