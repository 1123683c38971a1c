"""Items are put together under names that filters, facets and other readers of the library know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.core.errors import BadInput, ItemNotFound
from sensorium.core.receipts import Outcome
from sensorium.core.scopes import Scope
from sensorium.testing.encoders import HashEncoder


@pytest.fixture
def notes(tmp_path: Path) -> list[str]:
    paths = []
    for name in ("red", "green", "blue"):
        path = tmp_path / f"{name}.txt"
        path.write_text(f"a note on {name}")
        paths.append(str(path))
    return paths


@pytest.fixture
def library(tmp_path: Path, notes: list[str]) -> Iterator[sensorium.Library]:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        library.add(*notes)
        yield library


def test_a_collection_is_counted_and_filtered_by(library: sensorium.Library, notes: list[str]) -> None:
    assert library.collect("Warm colours", notes[0], notes[1]) == 2
    assert library.collections() == {"Warm colours": 2}
    found = library.search("note", where='collections = "warm colours"')
    assert sorted(hit.item.title for hit in found) == ["a note on green", "a note on red"]


def test_what_is_in_it_already_does_not_count_and_keeps_the_spelling(
    library: sensorium.Library, notes: list[str]
) -> None:
    library.collect("Warm", notes[0])
    assert library.collect("wARM", notes[0], notes[1]) == 1
    assert library.collections() == {"Warm": 2}


def test_an_item_may_be_in_several_and_leaves_one_alone(library: sensorium.Library, notes: list[str]) -> None:
    library.collect("a", notes[0])
    library.collect("b", notes[0])
    assert library.uncollect("A", *notes) == 1
    assert library.collections() == {"b": 1}


def test_a_collection_goes_with_its_last_item(library: sensorium.Library, notes: list[str]) -> None:
    library.collect("a", notes[0])
    library.forget(notes[0])
    assert library.collections() == {}


def test_an_unknown_item_changes_nothing(library: sensorium.Library, notes: list[str]) -> None:
    with pytest.raises(ItemNotFound):
        library.collect("a", notes[0], "it_unknown")
    assert library.collections() == {}


@pytest.mark.parametrize("name", ["", "  ", "a\x07b", "x" * 101])
def test_a_name_that_can_not_be_shown_is_refused(library: sensorium.Library, notes: list[str], name: str) -> None:
    with pytest.raises(BadInput, match="no name of a collection"):
        library.collect(name, notes[0])


def test_there_is_a_limit_to_how_many_one_item_is_in(library: sensorium.Library, notes: list[str]) -> None:
    for number in range(100):
        library.collect(f"c{number}", notes[0])
    with pytest.raises(BadInput, match="take it out"):
        library.collect("one more", notes[0])


def test_a_stranger_sees_no_names_and_can_not_collect(library: sensorium.Library, notes: list[str]) -> None:
    item = library.show(notes[0]).item.id
    library.collect("secret plans", item)
    stranger = library.seen_by(Scope(tenant="local", principals=frozenset({"stranger"})))
    assert stranger.collections() == {}
    with pytest.raises(ItemNotFound):
        stranger.collect("secret plans", item)


def test_attributes_and_vectors_stay_as_they_were(library: sensorium.Library, notes: list[str]) -> None:
    before = library.show(notes[0])
    library.collect("a", notes[0])
    library.uncollect("a", notes[0])
    assert library.show(notes[0]) == before


def test_a_row_of_a_catalogue_keeps_its_collections_when_its_price_changes(
    library: sensorium.Library, tmp_path: Path
) -> None:
    table = tmp_path / "shop.csv"
    table.write_text("sku,name,price\nA1,tea pot,19.50\n")
    (row,) = library.add_catalogue(table, key="sku", title="name")
    library.collect("gifts", row.item_id or "")
    (again,) = library.add_catalogue(table, key="sku", title="name")
    assert again.outcome is Outcome.KNOWN
    table.write_text("sku,name,price\nA1,tea pot,9.50\n")
    (changed,) = library.add_catalogue(table, key="sku", title="name")
    assert changed.outcome is Outcome.CHANGED
    assert library.collections() == {"gifts": 1}
    assert library.show(row.item_id or "").item.attributes["price"] == 9.5
