"""Typed facts of items: what can be filtered, counted and sorted by."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Kind(StrEnum):
    """The type of an attribute's value. A list holds texts; a point is a place on the earth."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth (WGS 84). latitude: -90..90 degrees, north positive; longitude: -180..180, east positive.

    >>> Point(48.2, 16.4).latitude
    48.2
    >>> Point(91, 0)
    Traceback (most recent call last):
    ...
    ValueError: a latitude lies in -90..90 and a longitude in -180..180, got 91 and 0
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(
                f"a latitude lies in -90..90 and a longitude in -180..180, got {self.latitude} and {self.longitude}"
            )


Value = str | int | float | bool | date | datetime | Point | tuple[str, ...]
"""What an attribute holds. A date without a time is a whole day; a time without a zone is taken as UTC."""

BUILT_IN: Mapping[str, Kind] = MappingProxyType(
    {
        "item": Kind.TEXT,
        "title": Kind.TEXT,
        "kind": Kind.TEXT,
        "media_type": Kind.TEXT,
        "file": Kind.TEXT,
        "size": Kind.NUMBER,
        "added": Kind.DATE,
        "modified": Kind.DATE,
    }
)
"""What every item has. `file` is the last part of its source, `size` in bytes; an item's own attribute of the same name
stands in front of these."""

COLLECTIONS = "collections"
"""The attribute that holds what collections an item is in, a list; people put it there, no reader and no catalogue."""

READ_NUMBERS = frozenset(
    {"width", "height", "seconds", "pages", "characters", "cues", "frame_rate", "sample_rate", "channels"}
)
"""Attributes that readers write as text and that mean numbers; whatever else they write is text."""

MOST_NAME = 100
MOST_TEXT = 1_000
"""Code points of a name, and of a text as far as it can be filtered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """New facts of an item that is there: nothing of it is read or encoded anew.

    modified_at: Unix seconds, of the source that says so.
    """

    item_id: str
    title: str
    attributes: Mapping[str, Value]
    modified_at: float


def kind_of(value: Value) -> Kind:
    """The type of a value. Raises TypeError for what is none.

    >>> kind_of(True), kind_of(3), kind_of(("a", "b")), kind_of(date(2024, 3, 1))
    (<Kind.BOOLEAN: 'boolean'>, <Kind.NUMBER: 'number'>, <Kind.LIST: 'list'>, <Kind.DATE: 'date'>)
    """
    for types, kind in _KINDS:
        if isinstance(value, types):
            return kind
    raise TypeError(f"an attribute can not be a {type(value).__name__}")


_KINDS: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
    (bool, Kind.BOOLEAN),
    ((int, float), Kind.NUMBER),
    (str, Kind.TEXT),
    ((date, datetime), Kind.DATE),
    (tuple, Kind.LIST),
    (Point, Kind.POINT),
)


def read_value(name: str, written: Value) -> Value:
    """The typed value of what a reader wrote as text.

    >>> read_value("width", "640"), read_value("video_codec", "h264"), read_value("width", "wide")
    (640.0, 'h264', 'wide')
    """
    if name in READ_NUMBERS and isinstance(written, str):
        try:
            number = float(written)
        except ValueError:
            return written
        return number if math.isfinite(number) else written
    return written


def seconds_of(day: date | datetime) -> float:
    """Unix seconds of a time, or of the start of a day (UTC).

    >>> seconds_of(date(1970, 1, 2))
    86400.0
    """
    if not isinstance(day, datetime):
        day = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()


def folded(text: str) -> str:
    """How texts are compared: without case, in one form of Unicode (NFKC), blanks as one.

    >>> folded(" Navy  BLUE "), folded("Straße")
    ('navy blue', 'strasse')
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:MOST_TEXT]


def name_of(label: str) -> str:
    """A name that can stand in a filter, made of a column's title; "" where nothing is left of it.

    >>> name_of("Price (EUR)"), name_of("Größe"), name_of("2nd colour"), name_of("price.eur")
    ('price_eur', 'grösse', '_2nd_colour', 'price.eur')
    """
    letters = unicodedata.normalize("NFKC", label).casefold()
    parts = "".join(letter if letter.isalnum() or letter in "_." else " " for letter in letters).split()
    name = "_".join(parts).strip(".")[:MOST_NAME]
    return f"_{name}" if name[:1].isdigit() else name


def value_json(value: Value) -> Any:
    """A value as JSON: dates and points as objects of one field, everything else as it is.

    >>> value_json(date(2024, 3, 1)), value_json(Point(48.2, 16.4)), value_json(("a", "b"))
    ({'date': '2024-03-01'}, {'point': [48.2, 16.4]}, ['a', 'b'])
    """
    if isinstance(value, date | datetime):
        return {"date": value.isoformat()}
    if isinstance(value, Point):
        return {"point": [value.latitude, value.longitude]}
    return list(value) if isinstance(value, tuple) else value


def value_from_json(written: Any) -> Value:
    """The inverse of `value_json`. Raises ValueError for what is no value.

    >>> value_from_json({"date": "2024-03-01"}), value_from_json(["a"])
    (datetime.date(2024, 3, 1), ('a',))
    """
    match written:
        case bool() | str() | int():
            return written
        case float() if math.isfinite(written):
            return written
        case {"date": str(day)} if len(written) == 1:
            return datetime.fromisoformat(day) if "T" in day or " " in day else date.fromisoformat(day)
        case {"point": [int() | float() as latitude, int() | float() as longitude]} if len(written) == 1:
            return Point(latitude, longitude)
        case [*entries] if all(isinstance(entry, str) for entry in entries):
            return tuple(entries)
    raise ValueError(f"this is no value of an attribute: {str(written)[:80]}")


def shown(value: Value) -> str:
    """A value as people read it.

    >>> shown(3.0), shown(True), shown(("red", "blue")), shown(Point(48.2, 16.4))
    ('3', 'yes', 'red, blue', '48.2, 16.4')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, Point):
        return f"{value.latitude:g}, {value.longitude:g}"
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)
