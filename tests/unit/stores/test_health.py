"""What the store says of itself: numbers for a scope, findings for the doctor."""

from dataclasses import replace

import pytest

from sensorium.core.items import Modality
from sensorium.core.scopes import Scope
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OTHER_SPACE, OWNER, PICTURE, SPACE, Kind, specimen
from sensorium.testing.store_contract import add, ids

ANN = Scope(tenant="local", principals=frozenset({"user:ann"}))


def test_counts_are_of_what_a_scope_sees(store: SqliteStore) -> None:
    add(store, specimen(1, Kind(pieces=3)), specimen(2, PICTURE))
    add(store, specimen(3, PICTURE, scope=ANN), scope=ANN)
    mine, anns = store.counts(OWNER), store.counts(ANN)
    assert (mine.items, mine.pieces) == (
        {Modality.IMAGE: 1, Modality.TEXT: 1},
        {Modality.IMAGE: 1, Modality.TEXT: 3},
    )
    assert (anns.items, anns.pieces) == ({Modality.IMAGE: 1}, {Modality.IMAGE: 1})


def test_a_whole_store_has_no_finding(store: SqliteStore) -> None:
    add(store, specimen(1, Kind(pieces=3)), specimen(2, Kind(pieces=0)))
    store.forget(OWNER, ids(store)[:1])
    assert store.check() == []


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        ("DELETE FROM pieces WHERE ordinal = 1", "not numbered from 0"),
        ("UPDATE vectors SET vector = x'00' WHERE id = 1", "another width"),
        ("UPDATE pieces SET producer = 99", "refers to a row of producers"),
        ("UPDATE vectors SET rights = 99", "refers to a row of pieces"),
        ("UPDATE details SET rights = 99", "refers to a row of vectors"),
    ],
)
def test_what_is_wrong_is_found(store: SqliteStore, harm: str, finding: str) -> None:
    add(store, specimen(1, Kind(pieces=3, details=True)))
    with store._database.exclusive() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(harm)
        connection.execute("PRAGMA foreign_keys = ON")
    assert [found for found in store.check() if finding in found]


def test_pieces_without_vectors_are_counted_by_space(store: SqliteStore) -> None:
    store.add_space(OTHER_SPACE)
    add(store, specimen(1, Kind(pieces=3)), specimen(2, Kind(spaces=(SPACE, OTHER_SPACE))))
    assert store.pieces_without_vectors() == {SPACE.id: 0, OTHER_SPACE.id: 3}


def test_pieces_without_details_are_counted_by_space_and_modality(store: SqliteStore) -> None:
    store.add_space(OTHER_SPACE)
    add(store, specimen(1, PICTURE), specimen(2, replace(PICTURE, pieces=2)), specimen(3))
    add(store, specimen(4, replace(PICTURE, details=True, spaces=(SPACE, OTHER_SPACE))))
    assert store.pieces_without_details(SPACE.id, Modality.IMAGE) == 3
    assert store.pieces_without_details(SPACE.id, Modality.TEXT) == 1
    assert store.pieces_without_details(OTHER_SPACE.id, Modality.IMAGE) == 0


def test_every_derived_row_says_what_made_it(store: SqliteStore) -> None:
    add(store, specimen(1, Kind(details=True)))
    made = """
        SELECT 'piece', c.name, c.version, c.digest FROM pieces p JOIN producers c ON c.id = p.producer
        UNION SELECT 'preview', c.name, c.version, c.digest FROM previews w JOIN producers c ON c.id = w.producer
        UNION SELECT 'vector', c.name, c.version, c.digest
            FROM vectors v JOIN spaces s ON s.number = v.space JOIN producers c ON c.id = s.producer
        UNION SELECT 'details', c.name, c.version, c.digest
            FROM details d JOIN spaces s ON s.number = d.space JOIN producers c ON c.id = s.producer"""
    with store._database.reading() as connection:
        rows = {tuple(row) for row in connection.execute(made)}
    assert rows == {
        ("piece", "reader.specimen", "1", ""),
        ("preview", "reader.specimen", "1", ""),
        ("vector", SPACE.name, SPACE.version, SPACE.digest),
        ("details", SPACE.name, SPACE.version, SPACE.digest),
    }
