"""A search by attributes of items, over the real store, index and reading process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium import Compare, Scope
from sensorium.core.errors import BadQuery
from sensorium.library import Library
from sensorium.search.filtering.where import Where
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "files").mkdir()
    write_png(tmp_path / "files" / "red.png", (200, 20, 20))
    (tmp_path / "files" / "note.txt").write_text("a red fox sleeps")
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        opened.add(tmp_path / "files")
        yield opened


@pytest.mark.parametrize(
    "where",
    [
        "characters = 16",
        Compare("characters", "=", 16),
        {"name": "characters", "op": "=", "value": 16},
        "kind = text and not has(width) and file = 'NOTE.txt' and added >= 2024",
    ],
    ids=str,
)
def test_a_filter_leaves_what_it_says(library: Library, where: Where) -> None:
    assert [Path(hit.path).name for hit in library.search("red", where=where)] == ["note.txt"]


def test_a_name_that_no_item_has_is_an_error(library: Library) -> None:
    with pytest.raises(BadQuery, match=r"charakters: at column 1: .* did you mean characters"):
        library.search("red", where="charakters = 16")


def test_who_sees_nothing_is_told_of_no_name(library: Library) -> None:
    stranger = Scope(tenant="local", principals=frozenset({"user:stranger"}))
    with sensorium.open(library.path, encoder=HashEncoder(), scope=stranger) as theirs:
        with pytest.raises(BadQuery) as error:
            theirs.search("red", where="colour = red")
        assert "characters" not in str(error.value)
        assert list(theirs.search("red", where="size > 0")) == []


def test_facets_count_what_is_there(library: Library) -> None:
    [kind] = library.facets(fields=["kind"])
    assert {value.label: value.count for value in kind.values} == {"image": 1, "text": 1}
    assert {facet.name for facet in library.facets()} >= {"kind", "media_type", "width", "characters", "added"}


def test_facets_of_a_filter_count_what_it_leaves(library: Library) -> None:
    assert library.facets(where="kind = image").items == 1
    assert library.facets(modalities=["text"], fields=["kind"])[0].values[0].label == "text"


def test_facets_of_a_question_count_what_matches_it(library: Library) -> None:
    matching = {hit.item.id for hit in library.search("red fox sleeps", rerank=False) if hit.matches}
    counted = library.facets(text="red fox sleeps", fields=["kind"])
    assert counted.items == len(matching)
    assert library.facets(text="red fox sleeps", where="kind = image").items <= 1


def test_facets_of_a_name_that_no_item_has_are_an_error(library: Library) -> None:
    with pytest.raises(BadQuery, match="colour: no item has an attribute of this name"):
        library.facets(fields=["colour"])
