"""Which visible texts hold a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE, specimen

OWNER = Scope.local_owner()
OTHER = Scope(tenant="local", principals=frozenset({"somebody else"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(SPACE)
        yield store


def add(store: SqliteStore, number: int, text: str, scope: Scope = OWNER) -> str:
    made = specimen(number, scope=scope)
    piece = replace(made.pieces[0], text=text)
    store.commit(scope, additions=[replace(made, pieces=(piece,))], sightings=[])
    return made.item.id


def texts(store: SqliteStore, phrase: str, scope: Scope = OWNER, filter: Filter = EVERYTHING) -> list[str | None]:
    keys = store.holding(scope, filter, phrase).tolist()
    return [found.piece.text for found in store.pieces(scope, filter, keys).values()]


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("invoice", True),
        ("INVOICE", True),
        ("invoices", True),
        ("inv-2024-0917", True),
        ("inv-2024", True),
        ("0917 inv", False),
        ("grosse", False),
        ("größe", True),
        ("grösse", False),
        ("receipt", False),
        ('"; DROP TABLE pieces; --', False),
        ("invoice OR receipt", False),
        ("invoi*", True),
    ],
)
def test_a_phrase_is_found_by_the_letter_and_by_its_stem(store: SqliteStore, phrase: str, found: bool) -> None:
    text = "The invoice INV-2024-0917 is due. Größe: 42."
    add(store, 1, text)
    assert texts(store, phrase) == ([text] if found else [])


def test_what_a_scope_can_not_see_holds_nothing_for_it(store: SqliteStore) -> None:
    add(store, 1, "a secret plan")
    add(store, 2, "a public plan", OTHER)
    assert texts(store, "plan") == ["a secret plan"]
    assert texts(store, "plan", OTHER) == ["a public plan"]
    assert (store.text_count(OWNER, EVERYTHING), store.text_count(OTHER, EVERYTHING)) == (1, 1)


def test_what_is_remembered_of_a_word_is_of_the_store_as_it_is(store: SqliteStore) -> None:
    first = add(store, 1, "a plan")
    with SqliteStore.open(store._database.path.parent, create=False) as other:  # as another process has it
        assert texts(store, "plan") == texts(other, "plan") == ["a plan"]
        add(other, 2, "a new plan")
        assert texts(store, "plan") == ["a plan", "a new plan"]
        other.forget(OWNER, [first])
        assert texts(store, "plan") == ["a new plan"]


def test_a_filter_holds(store: SqliteStore) -> None:
    item = add(store, 1, "tea")
    add(store, 2, "tea")
    only = Filter(item_ids=frozenset({item}))
    assert len(texts(store, "tea", filter=only)) == 1
    assert store.text_count(OWNER, only) == 1
    assert texts(store, "tea", filter=Filter(kinds=frozenset({Modality.VIDEO}))) == []


def test_a_forgotten_text_holds_nothing_and_its_words_are_gone_from_the_file(
    store: SqliteStore, tmp_path: Path
) -> None:
    item = add(store, 1, "xylophonically")
    add(store, 2, "tea")
    assert texts(store, "xylophonically")
    store.forget(OWNER, [item])
    assert texts(store, "xylophonically") == []
    files = [path for path in (tmp_path / "library").rglob("*") if path.is_file()]
    assert not [path.name for path in files if b"xylophon" in path.read_bytes()]
