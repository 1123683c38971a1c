"""Facets of a library: which names are counted, and of which items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sensorium.core.attributes import BUILT_IN, Kind, name_of
from sensorium.core.errors import BadQuery
from sensorium.core.facets import Facet, Facets
from sensorium.core.results import SearchResults
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import AttributeStore

USUAL = ("kind", "media_type", "added", "size")
"""Of what every item has, what is counted when nobody names anything."""

MOST_NAMES = 40
MOST_VALUES = 1_000
TELLING = 0.5
"""A text of which more than this share of items has its own, like a number of an order, is counted on request only."""

FEW_ITEMS = 20


def counted(scope: Scope, store: AttributeStore, filter: Filter, fields: Sequence[str] | None, most: int) -> Facets:
    """The facets of `fields` over what `filter` leaves; None: of the usual names and of all attributes that tell things
    apart. Raises BadQuery for a name that no visible item has."""
    if not 1 <= most <= MOST_VALUES:
        raise BadQuery(f"{most} values of each", remedy=f"ask for 1 to {MOST_VALUES:,}")
    if fields is not None:
        items, found = store.facets(scope, filter, _named(scope, store, fields), most)
        return Facets(items=items, facets=tuple(found))
    names = [*USUAL, *sorted(store.attribute_kinds(scope).keys() - set(USUAL))][:MOST_NAMES]
    items, found = store.facets(scope, filter, names, most)
    return Facets(items=items, facets=tuple(facet for facet in found if _tells(facet)))


def matching(results: SearchResults, filter: Filter) -> Filter:
    """The filter, narrowed to the items of which a hit matches."""
    return replace(filter, item_ids=frozenset(hit.item.id for hit in results if hit.matches))


def _named(scope: Scope, store: AttributeStore, fields: Collection[str]) -> list[str]:
    names = list(dict.fromkeys(map(name_of, fields)))
    known = {*store.attribute_kinds(scope, names), *BUILT_IN}
    for name in names:
        if name not in known:
            raise BadQuery("no item has an attribute of this name", subject=name, remedy="ask for facets of no name")
    if len(names) > MOST_NAMES:
        raise BadQuery(f"{len(names)} names", remedy=f"ask for at most {MOST_NAMES}")
    return names


def _tells(facet: Facet) -> bool:
    if facet.kind not in (Kind.TEXT, Kind.LIST) or facet.items <= FEW_ITEMS:
        return True
    return bool(facet.values) and facet.values[0].count > 1 and facet.more <= TELLING * facet.items
