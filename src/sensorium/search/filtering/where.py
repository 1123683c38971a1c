"""A filter as a caller gives it -> a predicate that fits what the caller can see."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from sensorium.core.attributes import BUILT_IN, READ_NUMBERS, Kind
from sensorium.core.errors import BadQuery
from sensorium.core.predicates import (
    Compare,
    Condition,
    Moment,
    Near,
    OneOf,
    Predicate,
    Scalar,
    TextMatch,
    changed,
    conditions_of,
    from_json,
)
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import AttributeStore

Where = str | Predicate | Mapping[str, Any]
"""A filter: in the filter language, as an object, or as JSON."""

TEXTS = frozenset({Kind.TEXT, Kind.LIST})
WORDS_OF_YES: Mapping[str, bool] = {"yes": True, "true": True, "no": False, "false": False}


def predicate_of(where: Where) -> Predicate:
    """The predicate that is meant. Raises BadQuery."""
    if isinstance(where, Predicate):
        return where
    if isinstance(where, str):
        from sensorium.search.filtering.language import parse

        return parse(where)
    return from_json(where)


def resolved(where: Where | None, scope: Scope, store: AttributeStore) -> Predicate | None:
    """The predicate that is meant, with its values as the attributes are that the scope can see.

    Raises BadQuery for what can not be read, for a name that no visible item has, and for a value of another kind. What
    is hidden changes neither: a name that only hidden items have is unknown.
    """
    if where is None:
        return None
    predicate = predicate_of(where)
    names = sorted({condition.name for condition in conditions_of(predicate)})
    known = kinds_of(names, store.attribute_kinds(scope, names))
    for condition in conditions_of(predicate):
        if condition.name not in known:
            raise _unknown(condition, {*store.attribute_kinds(scope), *BUILT_IN})
    return changed(predicate, lambda condition: fitted(condition, known[condition.name]))


def kinds_of(names: list[str], own: Mapping[str, frozenset[Kind]]) -> dict[str, frozenset[Kind]]:
    """The kinds that these names can have: of visible attributes, of what every item has, of what readers write."""
    known = {name: own.get(name, frozenset()) for name in names}
    for name in names:
        if name in BUILT_IN:
            known[name] |= {BUILT_IN[name]}
        elif name in READ_NUMBERS:
            known[name] |= {Kind.NUMBER}
    return {name: kinds for name, kinds in known.items() if kinds}


def fitted(condition: Condition, kinds: Set[Kind]) -> Condition:
    """The condition with its values read as the attribute's kind, where that is possible.

    >>> fitted(Compare("added", ">=", 2024), {Kind.DATE}).value
    Moment(written='2024')
    >>> fitted(Compare("price", "<", "cheap"), {Kind.NUMBER})
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadQuery: price: it is a number, and 'cheap' is none; compare it with a number
    """
    match condition:
        case Compare():
            return replace(condition, value=_fit(condition, condition.value, kinds))
        case OneOf():
            return replace(condition, values=tuple(_fit(condition, value, kinds) for value in condition.values))
        case TextMatch() if not kinds & TEXTS:
            raise condition.wrong(f"it is {_named(kinds)}, and holds no text", "compare it with = < or >")
        case Near() if Kind.POINT not in kinds:
            raise condition.wrong(f"it is {_named(kinds)}, and no place", "name an attribute that is a place")
    return condition


def _fit(condition: Condition, value: Scalar, kinds: Set[Kind]) -> Scalar:
    """The value as one of these kinds. Raises BadQuery where it can be none of them."""
    if _is_of(value, kinds):
        return value
    written = value.written if isinstance(value, Moment) else str(value)
    if isinstance(value, str | int) and not isinstance(value, bool) and Kind.DATE in kinds:
        try:
            return Moment(written.strip())
        except BadQuery:
            pass
    if isinstance(value, str) and Kind.BOOLEAN in kinds and written.casefold() in WORDS_OF_YES:
        return WORDS_OF_YES[written.casefold()]
    if isinstance(value, str) and Kind.NUMBER in kinds:
        try:
            return float(written)
        except ValueError:
            pass
    if isinstance(value, int | Moment) and not isinstance(value, bool) and kinds & TEXTS:
        return written
    said = ("yes" if value else "no") if isinstance(value, bool) else repr(written)
    remedy = f"compare it with {_named(kinds)}"
    if Kind.POINT in kinds:
        remedy = f"write near({condition.name}, 48.2, 16.4, 10 km)"
    raise condition.wrong(f"it is {_named(kinds)}, and {said} is none", remedy)


def _is_of(value: Scalar, kinds: Set[Kind]) -> bool:
    match value:
        case bool():
            return Kind.BOOLEAN in kinds
        case int() | float():
            return Kind.NUMBER in kinds
        case Moment():
            return Kind.DATE in kinds
    return bool(kinds & TEXTS)


_NAMED: Mapping[Kind, str] = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.BOOLEAN: "yes or no",
    Kind.LIST: "a list of texts",
    Kind.POINT: "a place",
}


def _named(kinds: Set[Kind]) -> str:
    return " or ".join(_NAMED[kind] for kind in Kind if kind in kinds)


def _unknown(condition: Condition, names: Set[str]) -> BadQuery:
    close = difflib.get_close_matches(condition.name, sorted(names), n=3, cutoff=0.6)
    known = ", ".join(close) if close else ", ".join(sorted(names)[:20])
    what = "no item has an attribute of this name"
    return condition.wrong(what, f"did you mean {known}?" if close else f"there are {known}")
