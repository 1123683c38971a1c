"""Facets count what the asker may see, and each value's own filter leaves as many items as it says."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from sensorium.core.attributes import BUILT_IN, Kind, Point, Value
from sensorium.core.contents import Addition
from sensorium.core.facets import Facet
from sensorium.core.items import Rights
from sensorium.core.predicates import Compare
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, specimen
from sensorium.testing.specimens import Kind as SpecimenKind
from sensorium.testing.store_contract import ANN, BOB, add, ids


def described(number: int, attributes: Mapping[str, Value], rights: Rights | None = None) -> Addition:
    made = specimen(number, SpecimenKind(rights=rights))
    return replace(made, item=replace(made.item, attributes=attributes))


def facet(store: SqliteStore, name: str, *, scope: Scope = OWNER, filter: Filter = EVERYTHING, most: int = 10) -> Facet:
    """The one facet of that name."""
    _, [found] = store.facets(scope, filter, [name], most)
    return found


def counts(found: Facet) -> dict[str, int]:
    return {value.label: value.count for value in found.values}


def test_texts_are_counted_without_case_and_the_rest_is_told(store: SqliteStore) -> None:
    colours = ["Navy", "navy", "NAVY ", "red", "red", "blue", "green"]
    add(store, *(described(n, {"colour": colour}) for n, colour in enumerate(colours)), described(99, {}))
    found = facet(store, "colour", most=2)
    assert (found.kind, found.items, counts(found), found.more) == (Kind.TEXT, 7, {"NAVY ": 3, "red": 2}, 2)


def test_an_item_counts_once_for_each_entry_of_its_list(store: SqliteStore) -> None:
    add(store, described(1, {"tags": ("a", "b", "A")}), described(2, {"tags": ("b",)}), described(3, {"tags": ("c",)}))
    found = facet(store, "tags", most=2)
    assert (found.items, {label.lower(): n for label, n in counts(found).items()}, found.more) == (
        3,
        {"b": 2, "a": 1},
        1,
    )


def test_numbers_are_put_in_round_ranges(store: SqliteStore) -> None:
    add(store, *(described(n, {"price": price}) for n, price in enumerate([0.5, 9.99, 10, 19, 95.5])))
    found = facet(store, "price")
    assert (found.low, found.high) == (0.5, 95.5)
    assert counts(found) == {"0 to 10": 2, "10 to 20": 2, "90 to 100": 1}


def test_a_single_number_is_one_range(store: SqliteStore) -> None:
    add(store, described(1, {"price": 7.5}), described(2, {"price": 7.5}))
    assert counts(facet(store, "price")) == {"7 to 8": 2}


def test_whole_numbers_that_lie_close_are_counted_one_by_one(store: SqliteStore) -> None:
    add(store, *(described(n, {"year": year}) for n, year in enumerate([2011, 2011, 2012, 2014])))
    found = facet(store, "year")
    assert counts(found) == {"2011": 2, "2012": 1, "2014": 1}
    assert found.values[0].where == Compare("year", "=", 2011.0)


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        ([date(2020, 5, 1), date(2024, 5, 1), date(2024, 9, 1)], {"2020": 1, "2024": 2}),
        ([date(2024, 1, 1), date(2024, 1, 31), date(2024, 5, 1)], {"2024-01": 2, "2024-05": 1}),
        ([date(2024, 1, 1), date(2024, 1, 2)], {"2024-01-01": 1, "2024-01-02": 1}),
    ],
)
def test_dates_are_put_together_by_what_they_span(store: SqliteStore, days: list[date], labels: dict[str, int]) -> None:
    add(store, *(described(n, {"day": day}) for n, day in enumerate(days)))
    assert counts(facet(store, "day")) == labels


def test_yes_and_no_are_counted(store: SqliteStore) -> None:
    add(store, *(described(n, {"sold": n == 0}) for n in range(3)))
    assert counts(facet(store, "sold")) == {"no": 2, "yes": 1}


def test_places_are_counted_alone(store: SqliteStore) -> None:
    add(store, described(1, {"place": Point(1, 2)}))
    assert (facet(store, "place").items, facet(store, "place").values) == (1, ())


def test_what_every_item_has_is_counted_where_it_has_none_of_its_own(store: SqliteStore) -> None:
    add(store, described(1, {"size": "XL"}), described(2, {}), described(3, {}))
    _, [own, built_in] = store.facets(OWNER, EVERYTHING, ["size"], 10)
    assert (own.kind, counts(own), built_in.kind, built_in.items) == (Kind.TEXT, {"XL": 1}, Kind.NUMBER, 2)
    assert counts(facet(store, "kind")) == {"text": 3}


def test_a_filter_narrows_what_is_counted(store: SqliteStore) -> None:
    add(store, *(described(n, {"price": n, "colour": "red" if n < 3 else "blue"}) for n in range(10)))
    cheap = Filter(where=Compare("price", "<", 5))
    assert counts(facet(store, "colour", filter=cheap)) == {"red": 3, "blue": 2}
    assert store.facets(OWNER, cheap, [], 10) == (5, [])
    assert store.facets(OWNER, Filter(where=Compare("price", ">", 50)), ["colour", "kind"], 10) == (0, [])


def test_hidden_items_change_no_count_and_no_range(store: SqliteStore) -> None:
    chance = random.Random(5)
    names = ["price", "colour", "day", "sold", "secret", *BUILT_IN]
    add(store, *(described(n, _attributes(chance), ANN.private_rights()) for n in range(15)), scope=ANN)
    filters = [EVERYTHING, Filter(where=Compare("price", "<", 40)), Filter(where=~Compare("colour", "=", "red"))]
    before = [store.facets(ANN, filter, names, 3) for filter in filters]
    hidden = [described(100 + n, {**_attributes(chance), "secret": n}, BOB.private_rights()) for n in range(30)]
    add(store, *hidden, scope=BOB)
    assert [store.facets(ANN, filter, names, 3) for filter in filters] == before


def test_the_filter_of_each_value_leaves_as_many_items_as_it_says(store: SqliteStore) -> None:
    chance = random.Random(6)
    add(store, *(described(n, _attributes(chance)) for n in range(60)))
    _, found = store.facets(OWNER, EVERYTHING, ["price", "colour", "day", "sold", "tags", "kind", "added"], 50)
    assert {one.kind for one in found} == {Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.BOOLEAN, Kind.LIST}
    for one in found:
        for value in one.values:
            assert len(ids(store, filter=Filter(where=value.where))) == value.count, value


def _attributes(chance: random.Random) -> dict[str, Value]:
    return {
        "price": round(chance.random() * 100, 2),
        "colour": chance.choice(("red", "Blue", "grün")),
        "day": date(chance.randint(2018, 2024), chance.randint(1, 12), 1),
        "sold": chance.random() < 0.5,
        "tags": tuple(chance.sample(("a", "b", "c"), 2)),
    }
