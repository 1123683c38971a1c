"""The FAISS index beyond its contract: its file is written whole or not at all, and FAISS is loaded late."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import WriteFailed
from sensorium.indexes.faiss import FaissFactory, FaissIndex
from sensorium.testing.index_contract import KEYS, QUERIES, ROWS, changes
from sensorium.testing.specimens import SPACE


def filled(factory: FaissFactory) -> FaissIndex:
    index = factory.create(SPACE)
    index.apply(changes(1, KEYS, ROWS))
    return index


def test_importing_the_module_does_not_load_faiss() -> None:
    code = "import sys, sensorium.indexes.faiss, sensorium.indexes.freshness; sys.exit('faiss' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_faiss_never_parses_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import faiss

    def refuse(*_: object) -> None:
        raise AssertionError("a file was given to FAISS")

    stamp = filled(FaissFactory()).save(tmp_path / "file")
    for name in ("read_index", "deserialize_index", "read_index_binary"):
        monkeypatch.setattr(faiss, name, refuse)
    assert len(FaissFactory().load(tmp_path / "file", SPACE, stamp)) == len(KEYS)


@pytest.mark.parametrize("point", ["index:written", "index:renamed"])
def test_a_save_that_is_stopped_leaves_the_old_file_or_the_new_one(tmp_path: Path, point: str) -> None:
    class Stop(Exception):
        pass

    def fault(passed: str) -> None:
        if passed == point and armed:
            raise Stop

    armed: list[bool] = []
    index = filled(FaissFactory(faults=fault))
    index.save(tmp_path / "file")
    old = (tmp_path / "file").read_bytes()
    index.apply(changes(2, removed=KEYS[:5]))
    armed.append(True)
    with pytest.raises(Stop):
        index.save(tmp_path / "file")
    assert ((tmp_path / "file").read_bytes() == old) is (point == "index:written")


def test_what_a_stopped_save_left_is_replaced_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "file.new").write_bytes(b"half a file")
    filled(FaissFactory()).save(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


FILL = """
import resource, sys
from pathlib import Path
from sensorium.core.errors import WriteFailed
from sensorium.indexes.faiss import FaissFactory
from sensorium.testing.index_contract import KEYS, ROWS, changes
from sensorium.testing.specimens import SPACE

index = FaissFactory().create(SPACE)
index.apply(changes(1, KEYS, ROWS))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    index.save(Path(sys.argv[1]))
except WriteFailed as error:
    sys.exit(0 if "rebuild" in error.remedy else 2)
sys.exit(1)
"""


def test_a_file_that_can_not_grow_is_told_and_the_old_one_stays(tmp_path: Path) -> None:
    stamp = filled(FaissFactory()).save(tmp_path / "file")
    ended = subprocess.run([sys.executable, "-c", FILL, str(tmp_path / "file")], capture_output=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert len(FaissFactory().load(tmp_path / "file", SPACE, stamp)) == len(KEYS)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        filled(FaissFactory()).save(tmp_path / "nowhere" / "file")


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    filled(FaissFactory()).save(tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0


def test_scores_are_those_of_bare_faiss() -> None:
    import faiss

    bare = faiss.IndexFlatIP(SPACE.width)
    bare.add(ROWS)
    scores, rows = bare.search(QUERIES, 10)
    for allowed in (None, KEYS):
        found = filled(FaissFactory()).search(QUERIES, 10, allowed)
        np.testing.assert_array_equal(found.keys, KEYS[rows])
        np.testing.assert_allclose(found.scores, scores, rtol=1e-6)


def test_a_query_that_is_no_number_finds_nothing() -> None:
    queries = np.full((1, SPACE.width), np.nan, dtype=np.float32)
    assert (filled(FaissFactory()).search(queries, 3, None).keys == -1).all()


@pytest.mark.parametrize("frozen", [True, False])
def test_a_set_of_keys_means_what_it_holds_at_each_search(frozen: bool) -> None:
    """Rows are remembered for sets that can not change; a set that can is looked at anew, as is every other set."""
    index = filled(FaissFactory())
    allowed = KEYS[:2].copy()
    allowed.setflags(write=not frozen)
    assert set(index.search(QUERIES[:1], 2, allowed).keys[0]) == set(KEYS[:2])
    if not frozen:
        allowed[:] = KEYS[2:4]
        assert set(index.search(QUERIES[:1], 2, allowed).keys[0]) == set(KEYS[2:4])
    assert set(index.search(QUERIES[:1], 2, KEYS[1:3]).keys[0]) == set(KEYS[1:3])


def test_remembered_rows_are_forgotten_when_the_index_changes() -> None:
    index = filled(FaissFactory())
    allowed = KEYS[:2].copy()
    allowed.setflags(write=False)
    index.search(QUERIES[:1], 2, allowed)
    index.apply(changes(index.generation + 1, removed=KEYS[:1]))
    assert index.search(QUERIES[:1], 2, allowed).keys[0].tolist() == [KEYS[1], -1]
    assert len(index.search(QUERIES[:1], len(KEYS), None).keys[0]) == len(KEYS)
