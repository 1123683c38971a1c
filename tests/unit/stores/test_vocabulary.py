"""The words of visible texts: counted when a text comes, gone when the last one goes, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensorium.core.contents import Addition
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.stores.sqlite import SqliteStore
from sensorium.stores.vocabulary import words_of
from sensorium.testing.specimens import SPACE, specimen

OWNER = Scope.local_owner()
OTHER = Scope(tenant="local", principals=frozenset({"somebody else"}))


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(SPACE)
        yield store


def text(number: int, words: str, scope: Scope = OWNER) -> Addition:
    made = specimen(number, scope=scope)
    return replace(made, pieces=(replace(made.pieces[0], text=words),))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Harbour harbour", ["harbour"]),
        ("Größe und MAẞE", ["größe", "und"]),
        ("Gro\u0308\u00dfe", ["größe"]),
        ("INV-2024-0917 x86 A4", ["inv"]),
        ("Лодка у причала", ["лодка", "причала"]),
        ("京都の寺 is old", ["old"]),
        ("of a i", []),
        ("x" * 33, []),
    ],
)
def test_what_counts_as_a_word(said: str, words: list[str]) -> None:
    assert words_of(said) == words


def test_words_come_by_beginning_and_length_the_most_frequent_first(store: SqliteStore) -> None:
    store.commit(OWNER, additions=[text(1, "harbour harm"), text(2, "harbours harm harbinger"), text(3, "boat")])
    assert store.words_like(OWNER, "har", (4, 8), 10) == [("harm", 2), ("harbour", 1), ("harbours", 1)]
    assert store.words_like(OWNER, "har", (4, 8), 1) == [("harm", 2)]
    assert store.words_like(OWNER, "", (4, 4), 10) == [("harm", 2), ("boat", 1)]


def test_a_scope_is_shown_its_own_words_and_numbers(store: SqliteStore) -> None:
    store.commit(OWNER, additions=[text(1, "harbour")])
    store.commit(OTHER, additions=[text(2, "harbour harpsichord", OTHER)])
    assert store.words_like(OWNER, "har", (3, 20), 10) == [("harbour", 1)]
    assert store.words_like(OTHER, "har", (3, 20), 10) == [("harbour", 1), ("harpsichord", 1)]
    assert store.holds_word(OTHER, "harpsichords")
    assert not store.holds_word(OWNER, "harpsichords")


def test_a_word_goes_with_the_last_text_that_holds_it_and_leaves_no_byte(store: SqliteStore, folder: Path) -> None:
    first, second = text(1, "harbour zwieback"), text(2, "Harbour")
    store.commit(OWNER, additions=[first, second])
    store.forget(OWNER, [first.item.id])
    assert store.words_like(OWNER, "", (3, 20), 10) == [("harbour", 1)]
    assert not [path for path in folder.iterdir() if b"zwieback" in path.read_bytes()]
    store.forget(OWNER, [second.item.id])
    assert store.words_like(OWNER, "", (3, 20), 10) == []


def test_places_are_those_of_any_form_of_the_word(store: SqliteStore) -> None:
    said = "Invoices: the invoice INV-2024-0917, größe"
    store.commit(OWNER, additions=[text(1, said), text(2, "invoice", OWNER), text(3, "invoice")])
    first, second, _ = store.visible_keys(OWNER, EVERYTHING, SPACE.id).tolist()
    found = store.word_places(OWNER, "invoice", [first, second])
    assert {key: [*map(list, places)] for key, places in found.items()} == {
        first: [[0, 8], [14, 21]],
        second: [[0, 7]],
    }
    ((start, end),) = store.word_places(OWNER, "inv-2024-0917", [first])[first]
    assert said[start:end] == "INV-2024-0917"
    ((start, end),) = store.word_places(OWNER, "größe", [first])[first]
    assert said[start:end] == "größe"
    assert store.word_places(OTHER, "invoice", [first, second]) == {}


def test_a_text_with_the_marks_themselves_has_no_places(store: SqliteStore) -> None:
    store.commit(OWNER, additions=[text(1, "tea \ufdd0 tea")])
    assert store.word_places(OWNER, "tea", store.visible_keys(OWNER, EVERYTHING, SPACE.id).tolist()) == {}
