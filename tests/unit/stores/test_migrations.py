"""A library of any earlier version opens, and a step that fails leaves the version before it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensorium.core.items import Modality
from sensorium.core.predicates import Compare
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.stores.functions import define_functions
from sensorium.stores.migrations import migrate, released_steps, statements, version_of
from sensorium.stores.sqlite import STORE_FILE, SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, Kind, specimen, specimens, unit_vectors
from sensorium.testing.store_contract import add, ids, keys

NEW_COLUMN = "ALTER TABLE library ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "any.sqlite3", isolation_level=None)
    define_functions(connection)
    yield connection
    connection.close()


def test_steps_are_taken_in_order_from_where_the_database_stands(connection: sqlite3.Connection) -> None:
    migrate(connection, released_steps())
    migrate(connection, [*released_steps(), NEW_COLUMN])
    assert connection.execute("SELECT colour, generation FROM library").fetchall() == [("blue", 0)]
    assert version_of(connection) == len(released_steps()) + 1


def test_a_step_is_taken_once(connection: sqlite3.Connection) -> None:
    migrate(connection, [*released_steps(), NEW_COLUMN])
    migrate(connection, [*released_steps(), NEW_COLUMN])
    assert version_of(connection) == len(released_steps()) + 1


def test_a_step_that_fails_leaves_the_version_before_it(connection: sqlite3.Connection) -> None:
    broken = NEW_COLUMN + "\nINSERT INTO nowhere VALUES (1);"
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [*released_steps(), broken])
    assert version_of(connection) == len(released_steps())
    assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(library)")]


def test_a_library_of_the_first_version_opens_with_all_it_holds(folder: Path) -> None:
    _make_the_first_version(folder)
    with SqliteStore.open(folder, create=False) as store:
        assert [item.title for item in store.items(OWNER, EVERYTHING)] == ["from the first version"]
        store.add_space(SPACE)
        add(store, specimen(1))
        assert store.forget(OWNER, ids(store)) == 2
        assert store.check() == []


def test_pieces_of_the_second_version_keep_their_vectors_and_have_no_details(folder: Path) -> None:
    folder.mkdir()
    second = sqlite3.connect(folder / STORE_FILE, isolation_level=None)
    migrate(second, released_steps()[:2])
    _add_in_the_first_version(second)
    _add_a_vector(second)
    second.close()
    with SqliteStore.open(folder, create=False) as store:
        assert keys(store) == [1]
        assert store.details(OWNER, SPACE.id, [1]) == {}
        assert store.pieces_without_details(SPACE.id, Modality.TEXT) == 1
        add(store, specimen(1, Kind(details=True)))
        assert list(store.details(OWNER, SPACE.id, keys(store))) == [2]
        assert store.check() == []


def test_attributes_of_an_earlier_version_can_be_filtered_by(folder: Path) -> None:
    told = '{"width": "640", "video_codec": "H264", "height": "tall"}'
    _make_the_first_version(folder, f"UPDATE items SET attributes = '{told}'")
    with SqliteStore.open(folder, create=False) as store:
        wide = Compare("width", "=", 640) & Compare("video_codec", "=", "h264") & Compare("height", "=", "tall")
        assert ids(store, filter=Filter(where=wide)) == ["it_1"]
        assert store.check() == []


def test_words_of_texts_of_an_earlier_version_can_be_found_and_suggested(folder: Path) -> None:
    _make_the_first_version(folder)
    with SqliteStore.open(folder, create=False) as store:
        assert store.holding(OWNER, EVERYTHING, "word").tolist() == [1]
        assert store.words_like(OWNER, "w", (3, 9), 10) == [("words", 1)]
        store.forget(OWNER, ids(store))
        assert store.words_like(OWNER, "w", (3, 9), 10) == []


def test_files_of_an_earlier_version_are_known_by_their_names(folder: Path) -> None:
    _make_the_first_version(folder)
    with SqliteStore.open(folder, create=False) as store:
        assert ids(store, filter=Filter(where=Compare("file", "=", "a"))) == ["it_1"]


def test_voices_of_the_sixth_version_are_of_the_pieces_with_their_name_or_erased(folder: Path) -> None:
    folder.mkdir()
    old = sqlite3.connect(folder / STORE_FILE, isolation_level=None)
    migrate(old, released_steps()[:1])
    _add_in_the_first_version(old)
    migrate(old, released_steps()[:6])
    _add_a_vector(old)
    old.execute("""UPDATE pieces SET attributes = '{"speaker":"Ann"}'""")
    voice = unit_vectors(1).tobytes()
    for name in ("Ann", "Somebody Erased"):
        old.execute("INSERT INTO voices (rights, space, name, vector) VALUES (1, ?, ?, ?)", (SPACE.id, name, voice))
    old.close()
    with SqliteStore.open(folder, create=False) as store:
        assert (list(store.voices(OWNER, SPACE.id)), store.is_scrub_due()) == (["Ann"], True)
        store.forget(OWNER, ids(store))
        assert store.voices(OWNER, SPACE.id) == {}
        assert b"Somebody Erased" not in (folder / STORE_FILE).read_bytes()


def _add_a_vector(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO producers VALUES (2, ?, ?, ?)", (SPACE.name, SPACE.version, SPACE.digest))
    connection.execute("INSERT INTO spaces VALUES (1, ?, ?, 2, 0)", (SPACE.id, SPACE.width))
    vector = unit_vectors(1).tobytes()
    connection.execute("INSERT INTO vectors VALUES (1, 1, 1, 1, 'text', 0, ?)", (vector,))


def _make_the_first_version(folder: Path, change: str = "") -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / STORE_FILE, isolation_level=None)) as connection:
        migrate(connection, released_steps()[:1])
        _add_in_the_first_version(connection)
        connection.execute(change)


def _add_in_the_first_version(connection: sqlite3.Connection) -> None:
    """Rows as the first version wrote them, in plain SQL that does not change when the code does."""
    for statement in statements("""
        INSERT INTO producers VALUES (1, 'reader', '1', '');
        INSERT INTO rights VALUES (1, 'local', '{"denied":[],"purposes":[],"readers":["owner"]}');
        INSERT INTO rights_names VALUES ('readers', 'owner', 1);
        INSERT INTO items VALUES (1, 'it_1', 1, 'text', 'text/plain', 'from the first version', '{}', x'2f61',
            'aa', 1, 1.0, 1.0, 1);
        INSERT INTO pieces VALUES (1, 1, 1, 0, 'text', '{}', 'words', 1);
        INSERT INTO sources VALUES (x'2f61', 1, 'aa', 1, 1, 1.0);
    """):
        connection.execute(statement)


def test_two_processes_that_open_a_new_library_at_once_make_one(folder: Path) -> None:
    with SqliteStore.open(folder, create=True) as first, SqliteStore.open(folder, create=True) as second:
        first.add_space(SPACE)
        add(first, *specimens(range(2)))
        assert len(ids(second)) == 2


@pytest.mark.parametrize("number", range(1, len(released_steps()) + 1))
def test_every_step_says_what_it_is_for(number: int) -> None:
    assert released_steps()[number - 1].startswith("-- ")
