"""How many visible items have which values: what a filter can be narrowed by next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from sensorium.core.attributes import Kind
from sensorium.core.predicates import Predicate, as_json

FACETS_SCHEMA = "sensorium.facets/1"
"""Name and version of the JSON of facets; `docs/json.md` describes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value, range or stretch of time. where: the filter that leaves just these items."""

    label: str
    count: int
    where: Predicate

    def as_json(self) -> dict[str, Any]:
        """One value of the schema `FACETS_SCHEMA`."""
        return {"label": self.label, "count": self.count, "where": as_json(self.where)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One attribute. items: how many have it. values: of texts, lists and yes or no the most frequent first; of numbers
    ranges and of dates stretches of time, ascending. more: items that have none of the values listed, but another.

    low, high: the least and the greatest number, or Unix seconds; None for what has no order.
    """

    name: str
    kind: Kind
    items: int
    values: tuple[FacetValue, ...] = ()
    more: int = 0
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """One facet of the schema `FACETS_SCHEMA`."""
        return {
            "name": self.name,
            "kind": str(self.kind),
            "items": self.items,
            "values": [value.as_json() for value in self.values],
            "more": self.more,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets(Sequence[Facet]):
    """The facets of a library, of what a filter leaves, or of what matches a question.

    items: how many items were counted. capped: whether more match than one search gives; then the best were counted.
    """

    items: int
    facets: tuple[Facet, ...]
    capped: bool = False

    @overload
    def __getitem__(self, index: int) -> Facet: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Facet, ...]: ...
    def __getitem__(self, index: int | slice) -> Facet | tuple[Facet, ...]:
        return self.facets[index]

    def __len__(self) -> int:
        return len(self.facets)

    def __iter__(self) -> Iterator[Facet]:
        return iter(self.facets)

    def of(self, name: str) -> tuple[Facet, ...]:
        """The facets of that name, one for each kind of value that it has."""
        return tuple(facet for facet in self.facets if facet.name == name)

    def as_json(self) -> dict[str, Any]:
        """All of it in the schema `FACETS_SCHEMA`."""
        return {
            "schema": FACETS_SCHEMA,
            "items": self.items,
            "capped": self.capped,
            "facets": [facet.as_json() for facet in self.facets],
        }
