"""docs/json.md as tables: the fields of each document, and the examples that the page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
SECTIONS: dict[str, str] = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", PAGE.read_text("utf-8"), re.MULTILINE))
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<type>[^|]+?) \|", re.MULTILINE)
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
EXAMPLE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)

TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "string or null": lambda value: value is None or isinstance(value, str),
    "number": lambda value: isinstance(value, int | float),
    "number, 0 or more": lambda value: value >= 0,
    "number, 1 or more": lambda value: value >= 1,
    "number, 0 to 1": lambda value: 0 <= value <= 1,
    "integer": lambda value: isinstance(value, int),
    "integer, 1 or more": lambda value: isinstance(value, int) and value >= 1,
    "boolean": lambda value: isinstance(value, bool),
    "integer or null": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool)),
    "boolean or null": lambda value: value is None or isinstance(value, bool),
    "integer, 0 or more": lambda value: isinstance(value, int) and value >= 0,
    "number or null": lambda value: value is None or isinstance(value, int | float),
    "array or null": lambda value: value is None or isinstance(value, list),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "object or null": lambda value: value is None or isinstance(value, dict),
    "[number, number]": lambda value: [type(part) for part in value] == [float] * 2,
    "[number, number, number, number]": lambda value: [type(part) for part in value] == [float] * 4,
    "[integer, integer]": lambda value: [type(part) for part in value] == [int] * 2,
}

Table = dict[str, str]


def tables(section: str) -> list[Table]:
    """The tables of a section, in order: type by name of the field."""
    return [{row["name"]: row["type"] for row in ROW.finditer(table)} for table in TABLE.findall(SECTIONS[section])]


def example(section: str) -> dict[str, Any]:
    """The one document that a section shows."""
    (shown,) = EXAMPLE.findall(SECTIONS[section])
    read: dict[str, Any] = json.loads(shown)
    return read


def fits(table: Table, document: dict[str, Any]) -> bool:
    """Whether the document has exactly the table's fields, in its order, each of its type."""
    return list(table) == list(document) and all(TYPES[table[name]](value) for name, value in document.items())


def as_read(document: dict[str, Any]) -> dict[str, Any]:
    """The document as a program reads it."""
    read: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    return read
