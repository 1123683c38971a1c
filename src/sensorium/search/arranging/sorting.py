"""Sorting by an attribute of the items, by score or by when they were added."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date
from typing import Any

from sensorium.core.arrangement import Sort
from sensorium.core.attributes import BUILT_IN, Kind, Value, folded, name_of, seconds_of
from sensorium.core.candidates import Ranked
from sensorium.core.errors import BadQuery
from sensorium.core.matching import values_of
from sensorium.core.rules import ADDED_AT
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import AttributeStore
from sensorium.search.filtering.where import kinds_of

BY_SCORE = "score"

NEAREST = 24
"""Hits that are sorted where none matches: the nearest alone, since behind them stands whatever there is."""

SORTABLE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN})


def sortable(said: str, scope: Scope, store: AttributeStore) -> Sort:
    """The order that is meant by `price:desc`. Raises BadQuery for what no visible item can be sorted by."""
    sort = Sort.parsed(said)
    if sort.attribute in (BY_SCORE, ADDED_AT):
        return sort
    name = name_of(sort.attribute)
    kinds = kinds_of([name], store.attribute_kinds(scope, [name])).get(name, frozenset()) if name else frozenset()
    if kinds & SORTABLE:
        return Sort(attribute=name, descending=sort.descending)
    if kinds:
        raise BadQuery("lists and places have no order", subject=name, remedy="sort by a number, a date or a text")
    known = sorted({*store.attribute_kinds(scope), *BUILT_IN, BY_SCORE, ADDED_AT})
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    remedy = f"did you mean {', '.join(close)}?" if close else f"there are {', '.join(known[:20])}"
    raise BadQuery("no item has an attribute of this name", subject=sort.attribute, remedy=remedy)


def in_sorted_order(hits: Sequence[Ranked], sort: Sort) -> list[Ranked]:
    """What matches, sorted, then the rest as it stands; where nothing matches, the nearest sorted and the rest.

    Equals stay as they stand, and what has no value comes last, whichever way it is sorted. Numbers come before dates,
    dates before texts, where a name means several.
    """
    best = [hit for hit in hits if hit.matches]
    rest = [hit for hit in hits if not hit.matches]
    if not best:
        best, rest = rest[:NEAREST], rest[NEAREST:]
    keyed = [(_key(hit, sort.attribute), hit) for hit in best]
    valued = sorted((pair for pair in keyed if pair[0]), key=lambda pair: pair[0], reverse=sort.descending)
    # A reversed sort of Python keeps equals as they stand, so both ways are stable.
    return [*(hit for _, hit in valued), *(hit for key, hit in keyed if not key), *rest]


def _key(hit: Ranked, attribute: str) -> tuple[Any, ...]:
    """What a hit is sorted by; empty where it has no value."""
    if attribute == BY_SCORE:
        return (hit.score,)
    if attribute == ADDED_AT:
        return (hit.found.item.lineage.added_at,)
    value: Value | None = values_of(hit.found.item).get(attribute)
    match value:
        case bool() | int() | float():
            return (0, float(value))
        case date():
            return (1, seconds_of(value))
        case str():
            return (2, folded(value))
    return ()
