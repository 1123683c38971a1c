"""A predicate as a condition for a WHERE clause over the table of items, under the alias `i`.

The SQL is put together from the constants of this module alone; names and values of the predicate are bound. So what a
caller writes can change which rows match, and never what the statement does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from sensorium.core.attributes import BUILT_IN, Kind, folded
from sensorium.core.matching import EARTH_METRES
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

Bound = str | float
"""What a condition binds."""

COLUMNS: Mapping[str, str] = {
    "item": "i.id",
    "title": "fold(i.title)",
    "kind": "i.modality",
    "media_type": "i.media_type",
    "file": "i.file",
    "size": "i.size",
    "added": "i.added_at",
    "modified": "i.modified_at",
}
"""What every item has, by its name in a predicate; texts are folded."""

OPERATORS: Mapping[Operator, str] = {"=": "=", "!=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Compiler:
    """Compiles one predicate. rights: the rows of rights that the caller may read, as a subquery.

    each: the statement looks at few items, so each is asked for its attributes; otherwise the items that match are
    taken from the index at once.
    """

    def __init__(self, rights: str, *, each: bool) -> None:
        self.values: dict[str, Bound] = {}
        self._rights = rights
        self._each = each

    def sql(self, predicate: Predicate) -> str:
        """The condition; what it binds is in `values` afterwards."""
        match predicate:
            case And():
                return "(" + " AND ".join(map(self.sql, predicate.parts)) + ")"
            case Or():
                return "(" + " OR ".join(map(self.sql, predicate.parts)) + ")"
            case Not():
                return f"(NOT {self.sql(predicate.part)})"
            case Condition():
                return self._condition(predicate)
        raise TypeError(f"{type(predicate).__name__} is no predicate")

    def _condition(self, condition: Condition) -> str:
        name = self._bind(condition.name)
        is_there = self._any(name, "1")
        own = self._own(condition, name)
        if condition.name not in COLUMNS:
            return own
        return f"({own} OR (NOT {is_there} AND {self._built_in(condition)}))"

    def _own(self, condition: Condition, name: str) -> str:
        """Of the item's own attributes."""
        match condition:
            case Has():
                return self._any(name, "1")
            case Compare() if condition.operator == "!=":
                equal = self._any(name, self._compares(condition, _kinds(condition.value)))
                return f"({self._any(name, '1')} AND NOT {equal})"
            case Compare():
                return self._any(name, self._compares(condition, _kinds(condition.value)))
            case OneOf():
                return any_of([self._any(name, some) for some in self._choices(condition)])
            case TextMatch():
                return self._any(name, f"a.kind IN ('text', 'list') AND {self._matches('a.text', condition)}")
            case Near():
                return self._any(name, self._near(condition))
        raise TypeError(f"{type(condition).__name__} is no condition")

    def _built_in(self, condition: Condition) -> str:
        """Of what every item has."""
        column, kind = COLUMNS[condition.name], BUILT_IN[condition.name]
        match condition:
            case Has():
                return "1"
            case Compare():
                fits = condition.kind is kind
                stands = self._stands(column, condition.operator, condition.value) if fits else "0"
                return f"(NOT {stands})" if condition.operator == "!=" else stands
            case OneOf():
                fit = [value for value, of in zip(condition.values, condition.kinds, strict=True) if of is kind]
                return any_of([self._stands(column, "=", value) for value in fit])
            case TextMatch() if kind is Kind.TEXT:
                return self._matches(column, condition)
        return "0"

    def _any(self, name: str, holds: str) -> str:
        """Whether one of the attributes of that name is so."""
        if self._each:  # the plus sign keeps SQLite from the index by values, which would read those of all items
            holds = holds.replace("a.kind", "+a.kind")
            return f"EXISTS (SELECT 1 FROM attributes a WHERE a.item = i.number AND a.name = :{name} AND {holds})"
        return (
            f"i.number IN (SELECT a.item FROM attributes a WHERE a.name = :{name} AND a.rights IN {self._rights}"
            f" AND {holds})"
        )

    def _compares(self, condition: Compare, kinds: str) -> str:
        is_text = condition.kind is Kind.TEXT
        column, rest = ("a.text", "") if is_text else ("a.number", "a.text = '' AND ")
        return f"a.kind {kinds} AND {rest}{self._stands(column, condition.operator, condition.value)}"

    def _choices(self, condition: OneOf) -> list[str]:
        """One condition for the texts, one for the numbers, and one for each stretch of time and each yes or no."""
        texts = [folded(value) for value in condition.values if isinstance(value, str)]
        numbers = [value for value in condition.values if _is_number(value)]
        choices = []
        if texts:
            choices.append(
                f"a.kind IN ('text', 'list') AND a.text IN (SELECT value FROM json_each(:{self._list(texts)}))"
            )
        if numbers:
            bound = self._list(numbers)
            choices.append(f"a.kind = 'number' AND a.text = '' AND a.number IN (SELECT value FROM json_each(:{bound}))")
        for value in condition.values:
            if isinstance(value, bool | Moment):
                choices.append(self._compares(Compare(condition.name, "=", value), _kinds(value)))
        return choices

    def _stands(self, column: str, operator: Operator, value: Scalar) -> str:
        """How a column of texts, numbers or seconds stands to a value; `!=` is what is not equal, for the caller."""
        if isinstance(value, Moment):
            return self._lies(column, operator, value)
        bound = folded(value) if isinstance(value, str) else float(value)
        return f"{column} {OPERATORS[operator]} :{self._bind(bound)}"

    def _lies(self, column: str, operator: Operator, moment: Moment) -> str:
        match operator:
            case "<":
                return f"{column} < :{self._bind(moment.start)}"
            case "<=":
                return f"{column} < :{self._bind(moment.end)}"
            case ">":
                return f"{column} >= :{self._bind(moment.end)}"
            case ">=":
                return f"{column} >= :{self._bind(moment.start)}"
        return f"({column} >= :{self._bind(moment.start)} AND {column} < :{self._bind(moment.end)})"

    def _matches(self, column: str, condition: TextMatch) -> str:
        wanted = folded(condition.text)
        if condition.operator != "starts":
            return f"instr({column}, :{self._bind(wanted)}) > 0"
        if (end := past_all_beginning_with(wanted)) is None:
            return f"instr({column}, :{self._bind(wanted)}) = 1"
        return f"({column} >= :{self._bind(wanted)} AND {column} < :{self._bind(end)})"

    def _near(self, condition: Near) -> str:
        reach = math.degrees(condition.metres / EARTH_METRES) + 1e-9
        south, north = self._bind(condition.latitude - reach), self._bind(condition.latitude + reach)
        here = f":{self._bind(condition.latitude)}, :{self._bind(condition.longitude)}"
        return (
            f"a.kind = 'point' AND a.text = '' AND a.number BETWEEN :{south} AND :{north}"
            f" AND metres({here}, a.number, a.east) <= :{self._bind(condition.metres)}"
        )

    def _bind(self, value: Bound) -> str:
        name = f"w{len(self.values)}"
        self.values[name] = value
        return name

    def _list(self, values: Sequence[Scalar]) -> str:
        return self._bind(json.dumps(values))


def any_of(conditions: Sequence[str]) -> str:
    """One of these holds; none of none. In halves, since SQLite takes no condition that is a thousand deep.

    >>> any_of(["a", "b", "c"]), any_of([])
    ('(a OR (b OR c))', '0')
    """
    if len(conditions) < 2:
        return conditions[0] if conditions else "0"
    middle = len(conditions) // 2
    return f"({any_of(conditions[:middle])} OR {any_of(conditions[middle:])})"


def past_all_beginning_with(beginning: str) -> str | None:
    """The first text behind those that begin so, in the order of code points, which is that of SQLite's columns; an
    index has a range for it. None where there is no such text.

    >>> past_all_beginning_with("img_"), past_all_beginning_with(""), past_all_beginning_with("a\U0010ffff")
    ('img`', None, None)
    """
    last = ord(beginning[-1]) + 1 if beginning else 0x110000
    if last == 0xD800:  # the surrogates, which stand for no character
        last = 0xE000
    return beginning[:-1] + chr(last) if last < 0x110000 else None


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kinds(value: Scalar) -> str:
    """The kinds of attributes that can equal a value."""
    if isinstance(value, str):
        return "IN ('text', 'list')"
    if isinstance(value, bool):
        return "= 'boolean'"
    return "= 'date'" if isinstance(value, Moment) else "= 'number'"
