"""What a predicate means. Stores compile the same to statements; a contract test compares the two."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from sensorium.core.attributes import Point, Value, folded, name_of, read_value, seconds_of
from sensorium.core.items import Item
from sensorium.core.predicates import (
    And,
    Compare,
    Condition,
    Has,
    Moment,
    Near,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Scalar,
    TextMatch,
)

EARTH_METRES = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


def metres_between(first: float, first_east: float, second: float, second_east: float) -> float:
    """The distance of two places on a sphere, given by latitude and longitude in degrees (haversine formula).

    >>> round(metres_between(48.2082, 16.3738, 48.1486, 17.1077) / 1000)
    55
    """
    north, other = math.radians(first), math.radians(second)
    half = math.sin((other - north) / 2) ** 2
    half += math.cos(north) * math.cos(other) * math.sin(math.radians(second_east - first_east) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def values_of(item: Item) -> dict[str, Value]:
    """All that a predicate may ask of an item: what every item has, and its own attributes before that."""
    lineage = item.lineage
    own = {name_of(name): read_value(name, value) for name, value in item.attributes.items()}
    every: dict[str, Value] = {
        "item": item.id,
        "title": item.title,
        "kind": str(item.modality),
        "media_type": item.media_type,
        "file": lineage.source.rpartition("/")[2],
        "size": lineage.size,
        "added": datetime.fromtimestamp(lineage.added_at, UTC),
        "modified": datetime.fromtimestamp(lineage.modified_at, UTC),
    }
    return every | own


def holds(predicate: Predicate, values: Mapping[str, Value]) -> bool:
    """Whether it holds of an item with these attributes, the built-in ones among them.

    >>> holds(Compare("price", "<", 50), {"price": 20}), holds(Compare("price", "<", 50), {})
    (True, False)
    """
    match predicate:
        case And():
            return all(holds(part, values) for part in predicate.parts)
        case Or():
            return any(holds(part, values) for part in predicate.parts)
        case Not():
            return not holds(predicate.part, values)
        case Condition():
            return predicate.name in values and _holds_of(predicate, values[predicate.name])
    raise TypeError(f"{type(predicate).__name__} is no predicate")


def _holds_of(condition: Condition, value: Value) -> bool:
    entries = value if isinstance(value, tuple) else (value,)
    match condition:
        case Has():
            return True
        case Compare() if condition.operator == "!=":
            return not any(_compares(entry, "=", condition.value) for entry in entries)
        case Compare():
            return any(_compares(entry, condition.operator, condition.value) for entry in entries)
        case OneOf():
            return any(_compares(entry, "=", wanted) for entry in entries for wanted in condition.values)
        case TextMatch():
            wanted = folded(condition.text)
            texts = [folded(entry) for entry in entries if isinstance(entry, str)]
            return any(
                wanted in text if condition.operator == "contains" else text.startswith(wanted) for text in texts
            )
        case Near():
            here = condition.latitude, condition.longitude
            return any(
                isinstance(entry, Point) and metres_between(*here, entry.latitude, entry.longitude) <= condition.metres
                for entry in entries
            )
    raise TypeError(f"{type(condition).__name__} is no condition")


def _compares(value: Value, operator: Operator, wanted: Scalar) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return isinstance(wanted, bool) and isinstance(value, bool) and value is wanted
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return _ORDER[operator](value, wanted)
    if isinstance(wanted, str) and isinstance(value, str):
        return _ORDER[operator](folded(value), folded(wanted))
    if isinstance(wanted, Moment) and isinstance(value, date | datetime):
        return _lies(seconds_of(value), operator, wanted)
    return False


def _lies(seconds: float, operator: Operator, moment: Moment) -> bool:
    match operator:
        case "<":
            return seconds < moment.start
        case "<=":
            return seconds < moment.end
        case ">":
            return seconds >= moment.end
        case ">=":
            return seconds >= moment.start
    return moment.start <= seconds < moment.end


_ORDER: Mapping[str, Callable[[object, object], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,  # type: ignore[operator]
    "<=": lambda one, other: one <= other,  # type: ignore[operator]
    ">": lambda one, other: one > other,  # type: ignore[operator]
    ">=": lambda one, other: one >= other,  # type: ignore[operator]
}
