"""What must hold of an item's attributes: one object, from the filter language, from Python or from JSON.

>>> cheap_and_blue = Compare("price", "<", 50) & OneOf("colour", ("blue", "navy"))
>>> cheap_and_blue == from_json(as_json(cheap_and_blue))
True

A predicate holds values and names alone. `core.matching.holds` says what it means; a store compiles it to statements
that bind each of them.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from sensorium.core.attributes import MOST_NAME, MOST_TEXT, Kind, Point, folded, name_of
from sensorium.core.errors import BadQuery

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
TextOperator = Literal["contains", "starts"]

MOST_CONDITIONS = 200
MOST_DEPTH = 32
MOST_VALUES = 1_000
"""Conditions in one predicate, predicates inside one another, and values of one list."""

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time as it is written: a year, a month, a day, a minute or a second (ISO 8601, UTC without a zone).

    >>> Moment("2024-03").end - Moment("2024-03").start == 31 * 86_400
    True
    >>> Moment("2024-13")
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadQuery: '2024-13' is no date; write 2024, 2024-03, 2024-03-01 or 2024-03-01T12:30
    """

    written: str
    start: float = field(init=False, repr=False)
    end: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            start, end = _stretch(self.written)
        except (ValueError, OverflowError):
            remedy = "write 2024, 2024-03, 2024-03-01 or 2024-03-01T12:30"
            raise BadQuery(f"{self.written[:40]!r} is no date", remedy=remedy) from None
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)


def _stretch(written: str) -> tuple[float, float]:
    """Unix seconds of its start and of what follows on its end. Raises ValueError, OverflowError."""
    found = _DATE.fullmatch(written)
    if found is None:
        raise ValueError(written)
    year, month, day, hour, _, second, _ = found.groups()
    if hour is not None:
        start = datetime.fromisoformat(written.replace("Z", "+00:00"))
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        end = start + timedelta(seconds=1 if second else 60)
    else:
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            end = start + timedelta(days=1)
        elif month:
            end = (start + timedelta(days=31)).replace(day=1)
        else:
            end = start.replace(year=start.year + 1)
    return start.timestamp(), end.timestamp()


Scalar = str | int | float | bool | Moment
"""What an attribute is compared with."""


def kind_of_scalar(value: Scalar) -> Kind:
    """The kind of attribute that can equal this. Raises BadQuery for what is none."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, Moment):
        return Kind.DATE
    if isinstance(value, str):
        return Kind.TEXT
    raise BadQuery(f"a {type(value).__name__} is nothing to compare with", remedy="give a text, a number or a date")


@dataclass(frozen=True, slots=True)
class Predicate:
    """The root of all. `&`, `|` and `~` join them.

    conditions, depth: how large it is; what is larger than `MOST_CONDITIONS` and `MOST_DEPTH` can not be made.
    """

    conditions: int = field(init=False, compare=False, repr=False, default=1)
    depth: int = field(init=False, compare=False, repr=False, default=1)

    def __and__(self, other: Predicate) -> Predicate:
        return And((self, other))

    def __or__(self, other: Predicate) -> Predicate:
        return Or((self, other))

    def __invert__(self) -> Predicate:
        return Not(self)


@dataclass(frozen=True, slots=True)
class Condition(Predicate):
    """What is said of one attribute. name: of the attribute, as `core.attributes.name_of` makes it. at: the column
    (from 1) where it stands in a filter that was written, 0 where none was."""

    name: str
    at: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        given = isinstance(self.name, str) and len(self.name) <= MOST_NAME and _is_storable(self.name)
        name = name_of(self.name) if given else ""
        if not name:
            at = f"at column {self.at}: " if self.at else ""
            raise BadQuery(f"{at}{str(self.name)[:40]!r} names no attribute", remedy="give the name of a column")
        object.__setattr__(self, "name", name)

    def wrong(self, what: str, remedy: str) -> BadQuery:
        """The error that says where in the filter something is wrong."""
        return BadQuery(f"at column {self.at}: {what}" if self.at else what, subject=self.name, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """The attribute stands so to a value. `!=`: it is there, and none of its values equals.

    Texts are compared without case. A date is compared with a stretch of time: `=` in it, `<` before, `>` after it.

    >>> Compare("sold", "=", True) == Compare("sold", "=", 1)
    False
    """

    operator: Operator
    value: Scalar
    kind: Kind = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super(Compare, self).__post_init__()
        if self.operator not in get_args(Operator):
            raise self.wrong(f"{self.operator!r} compares nothing", "use one of = != < <= > >=")
        kind = _check(self, self.value)
        object.__setattr__(self, "kind", kind)
        if kind is Kind.BOOLEAN and self.operator not in ("=", "!="):
            raise self.wrong("yes and no have no order", "use = or !=")


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """The attribute, or an entry of it where it is a list, equals one of these."""

    values: tuple[Scalar, ...]
    kinds: tuple[Kind, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super(OneOf, self).__post_init__()
        object.__setattr__(self, "values", tuple(self.values))
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise self.wrong(f"{len(self.values)} values to choose from", f"give from 1 to {MOST_VALUES:,}")
        object.__setattr__(self, "kinds", tuple(_check(self, value) for value in self.values))


@dataclass(frozen=True, slots=True)
class TextMatch(Condition):
    """A text, or an entry of a list, holds this text or starts with it, without case."""

    operator: TextOperator
    text: str

    def __post_init__(self) -> None:
        super(TextMatch, self).__post_init__()
        if self.operator not in get_args(TextOperator):
            raise self.wrong(f"{self.operator!r} looks for nothing", "use `contains` or `starts with`")
        if _check(self, self.text) is not Kind.TEXT or not folded(self.text):
            raise self.wrong("there is no text to look for", 'give one in quotes: title contains "tea"')


@dataclass(frozen=True, slots=True)
class Has(Condition):
    """The attribute is there, whatever it says."""


@dataclass(frozen=True, slots=True)
class Near(Condition):
    """The attribute is a place within this many metres, as the crow flies over a sphere."""

    latitude: float
    longitude: float
    metres: float

    def __post_init__(self) -> None:
        super(Near, self).__post_init__()
        try:
            Point(self.latitude, self.longitude)
            if not 0 <= self.metres < math.inf:
                raise ValueError("a distance is a number from 0")
        except (ValueError, TypeError) as error:
            raise self.wrong(str(error), "write near(place, 48.2, 16.4, 10 km)") from None


@dataclass(frozen=True, slots=True)
class And(Predicate):
    """All of these hold."""

    parts: tuple[Predicate, ...]

    def __post_init__(self) -> None:
        _join(self, self.parts)


@dataclass(frozen=True, slots=True)
class Or(Predicate):
    """One of these holds."""

    parts: tuple[Predicate, ...]

    def __post_init__(self) -> None:
        _join(self, self.parts)


@dataclass(frozen=True, slots=True)
class Not(Predicate):
    """This does not hold. Of what is missing nothing holds, so `not sold` is true of items that do not say."""

    part: Predicate

    def __post_init__(self) -> None:
        _join(self, (self.part,))


def _join(whole: Predicate, parts: Sequence[Predicate]) -> None:
    if not parts or not all(isinstance(part, Predicate) for part in parts):
        raise BadQuery("nothing is joined", remedy="give at least one condition")
    conditions, depth = sum(part.conditions for part in parts), 1 + max(part.depth for part in parts)
    if conditions > MOST_CONDITIONS or depth > MOST_DEPTH:
        remedy = f"at most {MOST_CONDITIONS} conditions, {MOST_DEPTH} deep; use `in (...)` for many values"
        raise BadQuery("the filter is too large", remedy=remedy)
    object.__setattr__(whole, "conditions", conditions)
    object.__setattr__(whole, "depth", depth)


def _check(condition: Condition, value: Scalar) -> Kind:
    kind = kind_of_scalar(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise condition.wrong("a number has no end", "give a number such as 50 or 9.99")
    if isinstance(value, int) and abs(value) > 2**63:
        raise condition.wrong("a number is too large", "give a number such as 50 or 9.99")
    if isinstance(value, str) and (len(value) > MOST_TEXT or not _is_storable(value)):
        raise condition.wrong("a text is too long or can not be stored", f"give at most {MOST_TEXT:,} characters")
    return kind


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def conditions_of(predicate: Predicate) -> Iterator[Condition]:
    """Every condition in it, from left to right.

    >>> [condition.name for condition in conditions_of(Compare("a", "=", 1) & ~Has("b"))]
    ['a', 'b']
    """
    if isinstance(predicate, Condition):
        yield predicate
    for part in parts_of(predicate):
        yield from conditions_of(part)


def parts_of(predicate: Predicate) -> tuple[Predicate, ...]:
    """What it joins; none for a condition."""
    if isinstance(predicate, And | Or):
        return predicate.parts
    return (predicate.part,) if isinstance(predicate, Not) else ()


def changed(predicate: Predicate, change: Callable[[Condition], Predicate]) -> Predicate:
    """The same predicate with each condition put through `change`."""
    match predicate:
        case Condition():
            return change(predicate)
        case And() | Or():
            return replace(predicate, parts=tuple(changed(part, change) for part in predicate.parts))
        case Not():
            return Not(changed(predicate.part, change))
    raise TypeError(f"{type(predicate).__name__} is no predicate")


def as_json(predicate: Predicate) -> dict[str, Any]:
    """The predicate as JSON.

    >>> as_json(Compare("added", ">=", Moment("2024-03")))
    {'name': 'added', 'op': '>=', 'value': {'date': '2024-03'}}
    """
    if isinstance(predicate, Condition):
        return {"name": predicate.name, **_said(predicate)}
    parts = [as_json(part) for part in parts_of(predicate)]
    if isinstance(predicate, Not):
        return {"not": parts[0]}
    return {"and" if isinstance(predicate, And) else "or": parts}


def _said(condition: Condition) -> dict[str, Any]:
    match condition:
        case Compare():
            return {"op": condition.operator, "value": _scalar_json(condition.value)}
        case OneOf():
            return {"op": "in", "values": [_scalar_json(value) for value in condition.values]}
        case TextMatch():
            return {"op": condition.operator, "value": condition.text}
        case Near():
            where = {"latitude": condition.latitude, "longitude": condition.longitude, "metres": condition.metres}
            return {"op": "near", **where}
    return {"op": "has"}


def _scalar_json(value: Scalar) -> Any:
    return {"date": value.written} if isinstance(value, Moment) else value


def from_json(written: Any, _depth: int = 0) -> Predicate:
    """The inverse of `as_json`. Raises BadQuery for everything else.

    >>> from_json({"not": {"name": "sold", "op": "=", "value": True}})
    Not(part=Compare(name='sold', operator='=', value=True))
    """
    if _depth > MOST_DEPTH or not isinstance(written, Mapping):
        raise _unread(written)
    match dict(written):
        case {"and": [*parts], **rest} if not rest:
            return And(tuple(from_json(part, _depth + 1) for part in parts))
        case {"or": [*parts], **rest} if not rest:
            return Or(tuple(from_json(part, _depth + 1) for part in parts))
        case {"not": part, **rest} if not rest:
            return Not(from_json(part, _depth + 1))
        case {"name": str(name), "op": str(operator), **rest}:
            return _condition(name, operator, rest)
    raise _unread(written)


def _condition(name: str, operator: str, rest: Mapping[str, Any]) -> Condition:
    match operator, dict(rest):
        case "has", {**left} if not left:
            return Has(name)
        case "in", {"values": [*values], **left} if not left:
            return OneOf(name, tuple(map(_scalar, values)))
        case "contains" | "starts", {"value": str(text), **left} if not left:
            return TextMatch(name, operator, text)
        case "near", {"latitude": latitude, "longitude": longitude, "metres": metres, **left} if not left:
            return Near(name, _number(latitude), _number(longitude), _number(metres))
        case _, {"value": value, **left} if not left:
            return Compare(name, operator, _scalar(value))  # type: ignore[arg-type]
    raise _unread({"name": name, "op": operator, **rest})


def _scalar(written: Any) -> Scalar:
    match written:
        case bool() | int() | float() | str():
            return written
        case {"date": str(day), **rest} if not rest:
            return Moment(day)
    raise _unread(written)


def _number(written: Any) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise _unread(written)
    return float(written)


def _unread(written: Any) -> BadQuery:
    remedy = 'give {"name": "price", "op": "<", "value": 50}, or {"and": [...]}, {"or": [...]}, {"not": {...}}'
    return BadQuery(f"this is no filter: {reprlib.repr(written)}", remedy=remedy)
