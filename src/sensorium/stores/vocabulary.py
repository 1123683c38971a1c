"""The words that texts are written with, kept by rights: what a scope may be shown as the spelling of a word."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence

from sensorium.core.scopes import Scope
from sensorium.stores.visibility import VISIBLE_RIGHTS, seen_by

LAST = "\U0010ffff"
"""Sorts after every letter."""

# Spelled out, so that it means the same under every version of Unicode: what was counted when a text came has to be
# what is taken away when it goes.
_LETTERS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"  # Latin
    "\u0370-\u0373\u0376\u0377\u0386-\u03ff"  # Greek
    "\u0400-\u0481\u048a-\u04ff"  # Cyrillic
)
_WORD = re.compile(f"(?<![{_LETTERS}0-9_])[{_LETTERS}]{{3,32}}(?![{_LETTERS}0-9_])")


def words_of(text: str) -> list[str]:
    """The words of a text in alphabets where letters are mistyped: Latin, Greek, Cyrillic; small, each once, sorted.

    Of three letters at least. What holds a digit is a code, and no word.

    >>> words_of("The Größe of INV-2024 and x7 is THE size")
    ['and', 'größe', 'inv', 'size', 'the']
    """
    return sorted({word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text))})


def words_json(text: object) -> str:
    """The same for statements: a JSON list."""
    return json.dumps(words_of(str(text)))


_COUNTED = "SELECT p.rights, j.value AS word, count(*) AS number FROM pieces p, json_each(words_of(p.text)) j"


def add(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Counts the words of new pieces."""
    connection.execute(
        f"INSERT INTO vocabulary (rights, word, pieces) {_COUNTED}"
        " WHERE p.key IN (SELECT value FROM json_each(?)) AND p.text IS NOT NULL GROUP BY p.rights, j.value"
        " ON CONFLICT (rights, word) DO UPDATE SET pieces = pieces + excluded.pieces",
        (json.dumps(list(keys)),),
    )


def remove(connection: sqlite3.Connection, items: Sequence[int]) -> None:
    """Takes away the words of items, which have to be there still; what no piece holds any more is gone."""
    connection.execute(
        f"UPDATE vocabulary SET pieces = pieces - c.number FROM ({_COUNTED}"
        " WHERE p.item IN (SELECT value FROM json_each(?)) AND p.text IS NOT NULL GROUP BY p.rights, j.value) c"
        " WHERE vocabulary.rights = c.rights AND vocabulary.word = c.word",
        (json.dumps(list(items)),),
    )
    connection.execute("DELETE FROM vocabulary WHERE pieces <= 0")


def words_like(
    connection: sqlite3.Connection, scope: Scope, beginning: str, lengths: tuple[int, int], most: int
) -> list[tuple[str, int]]:
    """Words of visible texts with this beginning and a length in `lengths`, both ends included.

    Each with the number of visible pieces that hold it; the `most` that stand in the most pieces, those first.
    """
    rows = connection.execute(
        f"SELECT word, sum(pieces) AS number FROM vocabulary WHERE rights IN {VISIBLE_RIGHTS}"
        " AND word >= :beginning AND word < :end AND length(word) BETWEEN :shortest AND :longest"
        " GROUP BY word ORDER BY number DESC, word LIMIT :most",
        {
            "beginning": beginning,
            "end": beginning + LAST,
            "shortest": lengths[0],
            "longest": lengths[1],
            "most": most,
            **seen_by(scope),
        },
    )
    return [(row["word"], row["number"]) for row in rows]
