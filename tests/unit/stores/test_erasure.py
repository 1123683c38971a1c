"""What is forgotten leaves no byte in the folder."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensorium.core.contents import Addition
from sensorium.core.errors import LibraryBusy
from sensorium.core.items import Rights
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.stores import connection as connections
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, Kind, refusal, sighting, specimen, specimens
from sensorium.testing.store_contract import add, ids


def needles(addition: Addition) -> Iterator[bytes]:
    """Every part of an item that names it or was made of it."""
    item = addition.item
    yield from (item.id.encode(), item.title.encode(), item.lineage.content_hash.encode())
    yield item.lineage.source.encode()
    yield from (piece.text.encode() for piece in addition.pieces if piece.text)
    yield from (preview.data for preview in addition.previews.values())
    yield from (row.tobytes() for row in addition.vectors[SPACE.id])
    yield from (detail for details in addition.details.values() for detail in details.values())


def left_of(folder: Path, addition: Addition) -> list[bytes]:
    """The needles that some file of the folder still holds."""
    content = b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [needle for needle in needles(addition) if needle in content]


def distinct(number: int, pieces: int = 2) -> Addition:
    """A specimen whose number is no part of another's: needles must not be found in the neighbours."""
    return specimen(1_000_000 + number, Kind(pieces=pieces, details=True))


def test_no_byte_of_an_attribute_is_left(folder: Path, store: SqliteStore) -> None:
    labelled = [
        replace(made, item=replace(made.item, attributes={"note": f"Unmistakable {n}", f"column_{n}": ("Entry",)}))
        for n, made in enumerate(specimens(range(40)))
    ]
    add(store, *labelled)
    assert b"column_7" in b"".join(path.read_bytes() for path in folder.iterdir())
    store.forget(OWNER, [labelled[7].item.id])
    left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not [word for word in (b"Unmistakable 7", b"unmistakable 7", b"column_7") if word in left]
    assert b"Unmistakable 8" in left


def test_the_search_for_needles_finds_what_is_there(folder: Path, store: SqliteStore) -> None:
    add(store, distinct(1))
    assert left_of(folder, distinct(1)) == list(needles(distinct(1)))


def test_no_byte_of_a_forgotten_item_is_left_in_store_log_and_index(folder: Path, store: SqliteStore) -> None:
    indexes = IndexFolder(store, FaissFactory(), folder / "indexes")
    add(store, *(distinct(number) for number in range(60)))
    indexes.persist(SPACE)
    store.commit(OWNER, refusals=[refusal(distinct(7).item.lineage.source)])
    store.forget(OWNER, [distinct(7).item.id])
    indexes.persist(SPACE)
    assert left_of(folder, distinct(7)) == []
    assert left_of(folder, distinct(8)) == list(needles(distinct(8)))


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_rows_that_were_moved_between_pages_leave_no_copy(folder: Path, store: SqliteStore, seed: int) -> None:
    """With these seeds, overwriting deleted rows alone left two or three of the paths behind."""

    def source(number: int) -> str:
        return f"/{hashlib.sha256(f'{seed} {number}'.encode()).hexdigest()}/{'x' * 30}"

    chance = random.Random(seed)
    alive: dict[int, Addition] = {}
    left: list[int] = []
    for turn in range(5):
        new = {number: specimen(number) for number in range(turn * 120, turn * 120 + 120)}
        seen = [sighting(addition, source(number)) for number, addition in new.items()]
        store.commit(OWNER, additions=list(new.values()), sightings=seen)
        alive |= new
        lost = chance.sample(sorted(alive), 60)
        store.forget(OWNER, [alive.pop(number).item.id for number in lost])
        content = b"".join(path.read_bytes() for path in folder.iterdir())
        left += [number for number in lost if source(number).encode() in content]
    assert not left


def test_names_in_rights_go_with_the_last_item_that_has_them(folder: Path, store: SqliteStore) -> None:
    shared = Kind(rights=Rights(readers=frozenset({"owner", "user:unmistakable"})))
    add(store, *specimens([1, 2], shared))
    first, second = ids(store)
    store.forget(OWNER, [first])
    assert b"user:unmistakable" in (folder / "store.sqlite3").read_bytes()
    store.forget(OWNER, [second])
    assert not [path for path in folder.iterdir() if b"user:unmistakable" in path.read_bytes()]


def test_a_reader_that_holds_on_is_told_of_and_the_scrubbing_is_due(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WRITER", (*connections._WRITER, "PRAGMA busy_timeout = 20"))
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(SPACE)
        add(store, distinct(1))
        with store._database.reading() as connection:
            connection.execute("SELECT count(*) FROM items").fetchone()
            with pytest.raises(LibraryBusy, match="still lie") as error:
                store.forget(OWNER, [distinct(1).item.id])
        assert "doctor --mend" in error.value.remedy
        assert (ids(store), store.is_scrub_due()) == ([], True)
        store.scrub()
        assert (left_of(folder, distinct(1)), store.is_scrub_due()) == ([], False)


def test_a_crash_before_the_scrubbing_is_remembered(folder: Path, store: SqliteStore) -> None:
    add(store, distinct(1))

    def crash(point: str) -> None:
        if point == "forget:after":
            raise KeyboardInterrupt

    with SqliteStore.open(folder, create=False, faults=crash) as crashing:
        with pytest.raises(KeyboardInterrupt):
            crashing.forget(OWNER, [distinct(1).item.id])
    assert (ids(store), store.is_scrub_due()) == ([], True)


def test_forgetting_nothing_leaves_nothing_due(store: SqliteStore) -> None:
    add(store, distinct(1))
    assert store.forget(OWNER, ["it_unknown"]) == 0
    assert not store.is_scrub_due()


def test_content_that_was_replaced_is_overwritten(folder: Path, store: SqliteStore) -> None:
    old, new = distinct(1), distinct(2)
    store.commit(OWNER, additions=[old], sightings=[sighting(old)])
    store.commit(OWNER, additions=[new], sightings=[sighting(new, old.item.lineage.source)])
    store.scrub()
    assert left_of(folder, old) == [old.item.lineage.source.encode()]
