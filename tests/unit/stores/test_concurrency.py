"""Several threads and processes read while one writes."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sensorium.core.errors import LibraryBusy
from sensorium.core.scopes import EVERYTHING
from sensorium.stores import connection as connections
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, Kind, specimens
from sensorium.testing.store_contract import add, ids, keys

BATCHES = 12
SIZE = 8
PIECES = 3

READ = """
import json, sys
from pathlib import Path
from sensorium.core.scopes import EVERYTHING
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER
from sensorium.testing.store_contract import keys

last, states = 0, set()
print("ready", flush=True)
with SqliteStore.open(Path(sys.argv[1]), create=False) as store:
    while True:
        generation = store.generation()
        found = keys(store)
        assert generation >= last, "the generation went back"
        assert len(found) >= (generation - 1) * 24, "a generation came before its rows"
        assert len(found) % 24 == 0, "half a commit was seen"
        hits = store.pieces(OWNER, EVERYTHING, found[:50])
        assert len(hits) == len(found[:50])
        states.add(len(found))
        last = generation
        if len(found) == 288:
            break
print(json.dumps(sorted(states)))
"""


def test_two_processes_read_whole_commits_while_one_writes(folder: Path, store: SqliteStore) -> None:
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    for batch in range(BATCHES):
        add(store, *specimens(range(batch * SIZE, batch * SIZE + SIZE), Kind(pieces=PIECES)))
    for reader in readers:
        output, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors
        assert json.loads(output)[-1] == BATCHES * SIZE * PIECES


def test_threads_read_while_one_writes(store: SqliteStore) -> None:
    ended = threading.Event()

    def read() -> int:
        reads = 0
        while not ended.is_set():
            found = keys(store)
            assert len(found) % (SIZE * PIECES) == 0
            assert len(store.pieces(OWNER, EVERYTHING, found)) == len(found)
            reads += 1
        return reads

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for batch in range(BATCHES):
            add(store, *specimens(range(batch * SIZE, batch * SIZE + SIZE), Kind(pieces=PIECES)))
        ended.set()
        assert all(reader.result(timeout=60) > 0 for reader in readers)


def test_every_commit_of_many_threads_has_a_generation_of_its_own(store: SqliteStore) -> None:
    before = store.generation()
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda number: add(store, *specimens([number])), range(24)))
    assert sorted(given) == list(range(before + 1, before + 25))
    assert store.generation() == before + 24
    assert len(ids(store)) == 24


def test_a_reader_sees_its_own_state_until_it_ends(store: SqliteStore) -> None:
    with store._database.reading() as connection:
        count = "SELECT count(*) FROM items"
        assert connection.execute(count).fetchone()[0] == 0
        add(store, *specimens(range(3)))
        assert connection.execute(count).fetchone()[0] == 0
    assert len(ids(store)) == 3


def test_a_second_writer_that_waits_too_long_is_told(
    folder: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WRITER", (*connections._WRITER, "PRAGMA busy_timeout = 20"))
    with SqliteStore.open(folder, create=False) as other, store._database.writing():
        with pytest.raises(LibraryBusy) as error:
            add(other, *specimens([1]))
    assert error.value.remedy
