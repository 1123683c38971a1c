"""The filter language: `price < 50 and colour in (blue, navy) and not sold` -> one predicate.

A grammar reads it (lark, LALR), so what is written is data from the first letter on. `docs/filters.md` describes it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sensorium.core.errors import BadQuery
from sensorium.core.predicates import (
    And,
    Compare,
    Condition,
    Has,
    Moment,
    Near,
    Not,
    OneOf,
    Or,
    Predicate,
    Scalar,
    TextMatch,
)

if TYPE_CHECKING:
    from lark import Lark, Token

MOST_CHARACTERS = 16_384
"""Longest filter that is read."""

UNITS = {"m": 1.0, "km": 1_000.0, "mi": 1_609.344}
"""Metres of one; a mile is the international one (1959)."""

EXAMPLE = "write it as `price < 50 and colour in (blue, navy) and not sold`"

GRAMMAR = r"""
?start: any
?any: all (_OR all)*
?all: one (_AND one)*
?one: _NOT one -> negated
    | "(" any ")"
    | condition

?condition: name OPERATOR value -> compared
    | name _IN "(" value ("," value)* ")" -> one_of
    | name _NOT _IN "(" value ("," value)* ")" -> none_of
    | name _IN value ".." value -> between
    | name _BETWEEN value _AND value -> between
    | name _CONTAINS text -> contained
    | name _STARTS text -> started
    | _HAS "(" name ")" -> there
    | name _EXISTS -> there
    | _NEAR "(" name "," NUMBER "," NUMBER "," NUMBER UNIT ")" -> near
    | name -> true

name: NAME | QUOTED_NAME
?value: text | NUMBER -> number | DATE -> date | TRUE -> yes | FALSE -> no
text: WORD | QUOTED

OPERATOR: "<=" | ">=" | "!=" | "<>" | "==" | "=" | "<" | ">"
_OR.9: /or\b/i
_AND.9: /and\b/i
_NOT.9: /not\b/i
_IN.9: /in\b/i
_BETWEEN.9: /between\b/i
_CONTAINS.9: /contains\b/i
_STARTS.9: /starts\s+with\b/i
_EXISTS.9: /exists\b/i
_HAS.9: /(has|exists)(?=\s*\()/i
_NEAR.9: /near(?=\s*\()/i
TRUE.9: /true\b(?!-)/i
FALSE.9: /false\b(?!-)/i
DATE.8: /\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?)?(?![\w-])/
WORD.7: /(?!(and|or|not|in)\b)[^\W\d][\w-]*|(?!\d+(\.\d+)?e[+-]?\d+\b)\d+[^\W\d_][\w-]*/i
NUMBER.6: /[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?/i
UNIT.8: /km\b|mi\b|m\b/i
NAME.7: /[^\W\d]\w*(\.\w+)*/
QUOTED_NAME: /`[^`\n]+`/
QUOTED: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s

%ignore /\s+/
"""

_SAID = {
    "OPERATOR": "a comparison such as <",
    "WORD": "a value",
    "QUOTED": "a value",
    "NUMBER": "a number",
    "DATE": "a value",
    "TRUE": "a value",
    "FALSE": "a value",
    "NAME": "the name of an attribute",
    "QUOTED_NAME": "the name of an attribute",
    "UNIT": "m, km or mi",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "_AND": "and",
    "_OR": "or",
    "_IN": "in",
    "$END": "the end",
}
"""What can stand at a place, as people say it; the rarer words are left out."""


def parse(text: str) -> Predicate:
    """The predicate that a filter says. Raises BadQuery, which names the column where it can not be read.

    >>> parse("price < 50 and not sold")
    And(parts=(Compare(name='price', operator='<', value=50), Not(part=Compare(name='sold', operator='=', value=True))))
    >>> parse("price < 50)")
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadQuery: at column 11: `)` does not go on from there: the end is expected; \
put texts of several words in quotes; write it as `price < 50 and colour in (blue, navy) and not sold`
    """
    from lark.exceptions import UnexpectedInput

    if len(text) > MOST_CHARACTERS:
        raise BadQuery(f"the filter has {len(text):,} characters", remedy=f"give at most {MOST_CHARACTERS:,}")
    try:
        predicate: Any = _parser().parse(text)
    except UnexpectedInput as error:
        raise _unreadable(text, error) from None
    found: Predicate = predicate  # what the transformer makes of the topmost rule
    return found


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False, transformer=_transformer())


def _transformer() -> Any:
    """Makes predicates as the grammar goes up, so that no tree is built and nothing recurses."""
    from lark import Transformer, v_args

    @v_args(inline=True)
    class Meaning(Transformer):  # type: ignore[type-arg]
        """One method for each rule."""

        def any(self, *parts: Predicate) -> Predicate:
            return Or(parts)

        def all(self, *parts: Predicate) -> Predicate:
            return And(parts)

        def negated(self, part: Predicate) -> Predicate:
            return Not(part)

        def name(self, token: Token) -> Token:
            return token.update(value=token.value.strip("`"))

        def text(self, token: Token) -> str:
            return _unquoted(token) if token.type == "QUOTED" else str(token)

        def number(self, token: Token) -> int | float:
            return _number(token)

        def date(self, token: Token) -> Moment:
            try:
                return Moment(str(token))
            except BadQuery as error:
                raise _at(token, error.what, error.remedy) from None

        def yes(self, token: Token) -> bool:
            return True

        def no(self, token: Token) -> bool:
            return False

        def compared(self, name: Token, operator: Token, value: Scalar) -> Condition:
            sign = {"==": "=", "<>": "!="}.get(str(operator), str(operator))
            return Compare(str(name), sign, value, at=_column(name))  # type: ignore[arg-type]

        def one_of(self, name: Token, *values: Scalar) -> Condition:
            return OneOf(str(name), values, at=_column(name))

        def none_of(self, name: Token, *values: Scalar) -> Predicate:
            return Not(OneOf(str(name), values, at=_column(name)))

        def between(self, name: Token, low: Scalar, high: Scalar) -> Predicate:
            at = _column(name)
            return And((Compare(str(name), ">=", low, at=at), Compare(str(name), "<=", high, at=at)))

        def contained(self, name: Token, text: str) -> Condition:
            return TextMatch(str(name), "contains", text, at=_column(name))

        def started(self, name: Token, text: str) -> Condition:
            return TextMatch(str(name), "starts", text, at=_column(name))

        def there(self, name: Token) -> Condition:
            return Has(str(name), at=_column(name))

        def near(self, name: Token, north: Token, east: Token, reach: Token, unit: Token) -> Condition:
            metres = float(reach) * UNITS[str(unit).lower()]
            return Near(str(name), float(north), float(east), metres, at=_column(name))

        def true(self, name: Token) -> Condition:
            return Compare(str(name), "=", True, at=_column(name))

    return Meaning()


def _column(token: Token) -> int:
    return 1 + (token.start_pos or 0)


def _number(token: Token) -> int | float:
    return int(token) if re.fullmatch(r"[+-]?\d{1,18}", str(token)) else float(token)


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", str(token)[1:-1], flags=re.DOTALL)


def _at(token: Token, what: str, remedy: str) -> BadQuery:
    return BadQuery(f"at column {_column(token)}: {what}", remedy=remedy)


def _unreadable(text: str, error: Any) -> BadQuery:
    """Where it stops making sense, and what could stand there."""
    position = error.pos_in_stream
    rest = text[position:] if position is not None and position >= 0 else ""
    if getattr(getattr(error, "token", None), "type", "") == "$END" or not rest.strip():
        position, rest = len(text.rstrip()), ""
    wanted: Any = getattr(error, "accepts", None) or getattr(error, "expected", None) or error.allowed or ()
    words = list(dict.fromkeys(_SAID[name] for name in sorted(wanted) if name in _SAID))
    there = f"`{' '.join(rest.split())[:20]}` does not go on from there" if rest else "it ends too early"
    could = f": {', '.join(words[:-1])}{' or ' if words[:-1] else ''}{words[-1]} is expected" if words else ""
    remedy = f"put texts of several words in quotes; {EXAMPLE}"
    return BadQuery(f"at column {position + 1}: {there}{could}", remedy=remedy)
