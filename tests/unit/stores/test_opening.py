"""Opening a library: what is there, what is not, what is too new, what is somebody else's."""

import sqlite3
from pathlib import Path

import pytest

from sensorium.core.errors import LibraryNotFound, LibraryTooNew, PluginBroken, StoreDamaged, WriteFailed
from sensorium.core.scopes import EVERYTHING
from sensorium.stores.migrations import released_steps
from sensorium.stores.sqlite import STORE_FILE, SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, sighting, specimen, specimens
from sensorium.testing.store_contract import add


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_what_was_added_is_there_when_it_is_opened_again(folder: Path) -> None:
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(SPACE)
        generation = add(store, specimen(1))
    with SqliteStore.open(folder, create=False) as store:
        assert list(store.items(OWNER, EVERYTHING)) == [specimen(1).item]
        assert (store.generation(), store.spaces()) == (generation, (SPACE,))


def test_the_folder_is_for_its_owner_only(folder: Path) -> None:
    SqliteStore.open(folder, create=True).close()
    assert folder.stat().st_mode & 0o077 == 0


def test_no_library_is_made_unless_it_is_asked_for(folder: Path) -> None:
    with pytest.raises(LibraryNotFound) as error:
        SqliteStore.open(folder, create=False)
    assert "sensorium add" in error.value.remedy
    assert not folder.exists()


def test_an_empty_file_is_no_library_and_can_become_one(folder: Path) -> None:
    folder.mkdir()
    (folder / STORE_FILE).touch()
    with pytest.raises(LibraryNotFound):
        SqliteStore.open(folder, create=False)
    with SqliteStore.open(folder, create=True) as store:
        assert store.generation() == 0


def test_a_later_version_is_refused_and_left_alone(folder: Path, store: SqliteStore) -> None:
    store.close()
    connection = sqlite3.connect(folder / STORE_FILE)
    connection.execute(f"PRAGMA user_version = {len(released_steps()) + 1}")
    connection.close()
    with pytest.raises(LibraryTooNew) as error:
        SqliteStore.open(folder, create=True)
    assert "later Sensorium" in error.value.remedy
    assert pragma(folder / STORE_FILE, "user_version") == len(released_steps()) + 1


def test_the_database_of_another_program_is_refused_and_left_alone(folder: Path) -> None:
    folder.mkdir()
    connection = sqlite3.connect(folder / STORE_FILE)
    connection.execute("CREATE TABLE theirs (value)")
    connection.close()
    before = (folder / STORE_FILE).read_bytes()
    with pytest.raises(StoreDamaged, match="another program"):
        SqliteStore.open(folder, create=True)
    assert (folder / STORE_FILE).read_bytes() == before


def test_a_file_that_is_no_database_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / STORE_FILE).write_bytes(b"this is no database at all " * 400)
    with pytest.raises(StoreDamaged) as error:
        SqliteStore.open(folder, create=True)
    assert "copy" in error.value.remedy


def test_a_truncated_database_is_told_and_not_taken_for_an_empty_one(folder: Path, store: SqliteStore) -> None:
    add(store, *specimens(range(200)))
    store.close()
    path = folder / STORE_FILE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StoreDamaged):
        with SqliteStore.open(folder, create=False) as store:
            list(store.items(OWNER, EVERYTHING))


def test_overwritten_pages_are_found_by_check(folder: Path, store: SqliteStore) -> None:
    add(store, *specimens(range(200)))
    store.close()
    path = folder / STORE_FILE
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 16384 * 16384
    content[middle : middle + 16384] = b"\xa5" * 16384
    path.write_bytes(content)
    with SqliteStore.open(folder, create=False) as store:
        assert store.check()


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailed):
        SqliteStore.open(tmp_path / "file" / "library", create=True)


def test_an_sqlite_that_is_too_old_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(PluginBroken, match=r"3\.34\.1.*3\.38\.0"):
        SqliteStore.open(folder, create=True)
    assert not folder.exists()


def test_a_commit_is_flushed_to_the_disk_before_it_is_acknowledged(store: SqliteStore) -> None:
    with store._database.exclusive() as connection:
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert found == {"journal_mode": "wal", "synchronous": 2}


def test_a_search_connection_can_not_write(store: SqliteStore) -> None:
    with pytest.raises(WriteFailed, match="readonly"):
        with store._database.reading() as connection:
            connection.execute("DELETE FROM items")


def test_a_closed_store_says_so_and_may_be_closed_again(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.generation()
    with pytest.raises(RuntimeError, match="closed"):
        store.commit(OWNER, additions=[specimen(1)], sightings=[sighting(specimen(1))])


def test_closing_leaves_the_database_alone_in_its_folder(folder: Path, store: SqliteStore) -> None:
    add(store, specimen(1))
    store.close()
    assert [path.name for path in folder.iterdir()] == [STORE_FILE]
