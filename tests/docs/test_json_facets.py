"""docs/json.md against real facets: the same fields, of the type it says."""

from __future__ import annotations

from sensorium.core.attributes import Kind
from sensorium.core.facets import FACETS_SCHEMA, Facet, Facets, FacetValue
from sensorium.core.predicates import Compare

from .documents import as_read, example, fits, tables

FACETS, FACET, VALUE = tables("facets")


def test_facets_say_what_the_page_says() -> None:
    value = FacetValue(label="navy", count=3, where=Compare("colour", "=", "navy"))
    facets = (
        Facet(name="colour", kind=Kind.TEXT, items=3, values=(value,)),
        Facet(name="price", kind=Kind.NUMBER, items=3, low=1.0, high=2.5),
    )
    document = as_read(Facets(items=3, facets=facets).as_json())
    assert document["schema"] == FACETS_SCHEMA
    assert fits(FACETS, document)
    assert all(fits(FACET, facet) for facet in document["facets"])
    assert fits(VALUE, document["facets"][0]["values"][0])


def test_the_example_of_the_page_is_such_a_document() -> None:
    document = example("facets")
    assert fits(FACETS, document)
    assert fits(FACET, document["facets"][0])
    assert fits(VALUE, document["facets"][0]["values"][0])
