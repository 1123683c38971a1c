"""The index in use reflects the store, whatever became of its file."""

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.candidates import IndexStamp
from sensorium.core.errors import WriteFailed
from sensorium.core.ports import VectorIndex
from sensorium.core.spaces import Space
from sensorium.indexes.faiss import FaissFactory, FaissIndex
from sensorium.indexes.freshness import MOST_LACKING, IndexFolder
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, specimen, specimens, unit_vectors
from sensorium.testing.store_contract import add, ids, keys

QUERIES = unit_vectors(5, SPACE.width, seed=99)
COUNT = 40


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(SPACE)
        add(store, *specimens(range(COUNT)))
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library" / "indexes"


@pytest.fixture
def indexes(store: SqliteStore, folder: Path) -> IndexFolder:
    return IndexFolder(store, FaissFactory(), folder)


@pytest.fixture
def written(indexes: IndexFolder, store: SqliteStore, folder: Path) -> IndexFolder:
    """A folder whose file was written by another process: nothing is in memory yet."""
    indexes.persist(SPACE)
    return IndexFolder(store, FaissFactory(), folder)


def check(index: VectorIndex, store: SqliteStore) -> None:
    """The index stands at the store's generation and answers as one that is built anew from the rows."""
    fresh = FaissFactory().create(SPACE)
    for changes in store.changes(SPACE.id, 0):
        fresh.apply(changes)
    assert (len(index), index.generation) == (len(keys(store)), store.generation())
    found, expected = (each.search(QUERIES, 5, None) for each in (index, fresh))
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_array_equal(found.scores, expected.scores)


# -- catching up -----------------------------------------------------------------------------------------------------


def test_without_a_file_it_is_built_from_the_rows(indexes: IndexFolder, store: SqliteStore) -> None:
    check(indexes.current(SPACE), store)
    assert indexes.report(SPACE).origin == "rows"


def test_with_a_file_it_is_loaded(written: IndexFolder, store: SqliteStore) -> None:
    check(written.current(SPACE), store)
    assert (written.report(SPACE).origin, written.report(SPACE).damage) == ("file", "")


def test_it_follows_what_is_added_and_forgotten(written: IndexFolder, store: SqliteStore) -> None:
    for step in range(6):
        add(store, *specimens(range(100 + step * 5, 105 + step * 5)))
        store.forget(OWNER, ids(store)[step : step + 3])
        check(written.current(SPACE), store)


def test_a_file_that_lags_is_caught_up(written: IndexFolder, store: SqliteStore) -> None:
    add(store, specimen(100))
    store.forget(OWNER, ids(store)[:3])
    check(written.current(SPACE), store)
    assert written.report(SPACE).origin == "file"


def test_where_nothing_changed_the_same_index_is_given(indexes: IndexFolder) -> None:
    assert indexes.current(SPACE) is indexes.current(SPACE)


def test_an_index_that_missed_removals_the_store_let_go_of_starts_again(
    written: IndexFolder, store: SqliteStore, folder: Path
) -> None:
    written.current(SPACE)
    store.forget(OWNER, ids(store)[:5])
    IndexFolder(store, FaissFactory(), folder).persist(SPACE)
    add(store, specimen(100))
    check(written.current(SPACE), store)


def test_threads_share_one_index(indexes: IndexFolder, store: SqliteStore) -> None:
    found: list[VectorIndex] = []
    threads = [threading.Thread(target=lambda: found.append(indexes.current(SPACE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 4
    assert len({id(index) for index in found}) == 1


# -- files that are not to be trusted --------------------------------------------------------------------------------


def _remove(path: Path) -> None:
    path.unlink()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-50] ^= 4
    path.write_bytes(content)


def _foreign(path: Path) -> None:
    other = FaissIndex(SPACE)
    other.save(path)


def _become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS = [_remove, _truncate, _flip, _foreign, _become_a_folder]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_harmed_file_is_not_used_and_told(
    written: IndexFolder, store: SqliteStore, harm: Callable[[Path], None]
) -> None:
    harm(written.path(SPACE))
    assert written.inspect(SPACE)
    check(written.current(SPACE), store)
    assert written.report(SPACE).origin == "rows"
    assert written.report(SPACE).damage


@pytest.mark.parametrize("harm", HARMS[:-1], ids=lambda harm: harm.__name__)
def test_a_harmed_file_is_replaced_by_the_next_writing(
    written: IndexFolder, store: SqliteStore, folder: Path, harm: Callable[[Path], None]
) -> None:
    harm(written.path(SPACE))
    written.current(SPACE)
    assert written.persist(SPACE).written
    assert written.inspect(SPACE) == []
    assert IndexFolder(store, FaissFactory(), folder).report(SPACE).origin == "file"


def test_a_stamp_of_a_later_generation_than_the_store_is_not_believed(written: IndexFolder, store: SqliteStore) -> None:
    index = FaissFactory().create(SPACE)
    index.generation = store.generation() + 7
    store.set_stamp(index.save(written.path(SPACE)))
    check(written.current(SPACE), store)


def test_a_file_that_is_replaced_while_it_is_loaded_is_loaded_again(
    written: IndexFolder, store: SqliteStore, folder: Path
) -> None:
    """A writer comes between a reader's look at the stamp and its look at the file."""

    overtakings = iter([200, 201])

    class Overtaken(FaissFactory):
        def load(self, path: Path, space: Space, stamp: IndexStamp) -> FaissIndex:
            for number in itertools.islice(overtakings, 1):
                add(store, specimen(number))
                IndexFolder(store, FaissFactory(), folder).rebuild(SPACE)
            return FaissFactory().load(path, space, stamp)

    reader = IndexFolder(store, Overtaken(), folder)
    check(reader.current(SPACE), store)
    assert reader.report(SPACE).origin == "file"


# -- writing ---------------------------------------------------------------------------------------------------------


def test_writing_stamps_the_file(indexes: IndexFolder, store: SqliteStore) -> None:
    assert indexes.persist(SPACE).written
    stamp = store.stamp(SPACE.id)
    assert stamp is not None
    assert (stamp.count, stamp.generation) == (COUNT, store.generation())
    assert indexes.inspect(SPACE) == []


def test_a_file_that_serves_is_left_alone(written: IndexFolder, store: SqliteStore) -> None:
    before = written.path(SPACE).stat().st_ino
    add(store, *specimens(range(100, 100 + COUNT // MOST_LACKING)))
    assert not written.persist(SPACE).written
    assert written.path(SPACE).stat().st_ino == before
    check(written.current(SPACE), store)


def test_a_file_that_lacks_much_is_written_anew(written: IndexFolder, store: SqliteStore) -> None:
    add(store, *specimens(range(100, 101 + COUNT // MOST_LACKING)))
    assert written.persist(SPACE).written
    check(written.current(SPACE), store)


def test_after_forgetting_the_file_holds_no_vector_of_it(
    written: IndexFolder, store: SqliteStore, folder: Path
) -> None:
    forgotten = specimen(3)
    needle = forgotten.vectors[SPACE.id].tobytes()
    assert needle in written.path(SPACE).read_bytes()
    store.forget(OWNER, [forgotten.item.id])
    assert written.inspect(SPACE) == ["the index file still holds 1 erased vectors"]
    written.persist(SPACE)
    assert needle not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert written.inspect(SPACE) == []


def test_rebuilding_writes_the_file_anew_whatever_it_was(written: IndexFolder, store: SqliteStore) -> None:
    _flip(written.path(SPACE))
    report = written.rebuild(SPACE)
    assert (report.written, report.origin, report.count) == (True, "rows", COUNT)
    assert written.inspect(SPACE) == []
    check(written.current(SPACE), store)


def test_a_file_that_was_never_written_is_told(indexes: IndexFolder) -> None:
    assert indexes.inspect(SPACE) == ["the index was never written"]


def test_a_folder_that_can_not_be_made_is_told_and_searching_goes_on(
    indexes: IndexFolder, store: SqliteStore, folder: Path
) -> None:
    folder.touch()
    with pytest.raises(WriteFailed):
        indexes.persist(SPACE)
    check(indexes.current(SPACE), store)


READ = """
import sys
from pathlib import Path
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE, specimen
from sensorium.testing.store_contract import keys

library, last = Path(sys.argv[1]), specimen(139).vectors[SPACE.id]
print("ready", flush=True)
with SqliteStore.open(library, create=False) as store:
    score = 0.0
    while score < 0.999:
        indexes = IndexFolder(store, FaissFactory(), library / "indexes")
        for _ in range(2):
            generation, before = store.generation(), set(keys(store))
            index = indexes.current(SPACE)
            assert index.generation >= generation, "an old index was used"
            found = index.search(last, 5, None)
            score = found.scores[0, 0]
            assert set(found.keys[0].tolist()) <= before | set(keys(store)), "what was never there was found"
"""


def test_processes_search_while_one_adds_forgets_and_writes_files(
    written: IndexFolder, store: SqliteStore, folder: Path
) -> None:
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, str(folder.parent)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    for step in range(20):
        store.forget(OWNER, [specimen(step).item.id])
        add(store, *specimens(range(100 + step * 2, 102 + step * 2)))
        assert written.persist(SPACE).written
    for reader in readers:
        _, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors


# -- spaces that are not searched now --------------------------------------------------------------------------------


def test_a_file_that_holds_what_was_erased_is_written_anew(written: IndexFolder, store: SqliteStore) -> None:
    gone = store.vectors_of(SPACE.id, keys(store)[:1])
    store.forget(OWNER, ids(store)[:1])
    [needle] = [row.tobytes() for row in gone.values()]
    assert needle in written.path(SPACE).read_bytes()
    report = written.cleanse(SPACE)
    assert report is not None
    assert report.written
    assert needle not in written.path(SPACE).read_bytes()
    check(written.current(SPACE), store)


def test_a_file_that_holds_nothing_erased_is_left_alone(written: IndexFolder, store: SqliteStore) -> None:
    before = written.path(SPACE).stat()
    add(store, *specimens(range(COUNT, 2 * COUNT)))
    assert written.cleanse(SPACE) is None
    assert written.path(SPACE).stat().st_mtime_ns == before.st_mtime_ns


def test_where_there_never_was_a_file_none_is_made(indexes: IndexFolder, store: SqliteStore) -> None:
    store.forget(OWNER, ids(store)[:1])
    assert indexes.cleanse(SPACE) is None
    assert not indexes.path(SPACE).exists()


def test_a_space_that_is_let_go_is_loaded_again_when_it_is_asked(written: IndexFolder, store: SqliteStore) -> None:
    first = written.current(SPACE)
    written.let_go(SPACE)
    again = written.current(SPACE)
    assert again is not first
    check(again, store)


def test_a_file_is_removed_and_its_size_told(written: IndexFolder, store: SqliteStore) -> None:
    size = written.path(SPACE).stat().st_size
    assert (written.remove(SPACE), written.remove(SPACE)) == (size, 0)
    assert not written.path(SPACE).exists()
    check(written.current(SPACE), store)
