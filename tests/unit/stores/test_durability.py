"""The state is the one before or the one after: on a full disk, on a failure, and at every moment of a commit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sensorium.core.errors import WriteFailed
from sensorium.core.scopes import EVERYTHING
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, Kind, refusal, sighting, specimen, specimens
from sensorium.testing.store_contract import add, ids, keys

LARGE = Kind(pieces=40)

POINTS = ["commit:begin", "commit:addition", "commit:sightings", "commit:before", "commit:after"]


class Stop(Exception):
    """What a fault raises."""


def snapshot(store: SqliteStore) -> tuple[object, ...]:
    """Everything that a commit may change."""
    return (
        list(store.items(OWNER, EVERYTHING)),
        keys(store),
        list(store.sightings(OWNER)),
        list(store.refusals(OWNER)),
        store.generation(),
    )


def change(store: SqliteStore) -> None:
    """A commit of every kind of change at once: new content at a known source, a new item, a refusal, a loss."""
    new = specimen(11)
    store.commit(
        OWNER,
        additions=[new, specimen(12)],
        sightings=[sighting(new, "/specimens/1"), sighting(specimen(12))],
        refusals=[refusal("/broken")],
        gone=["/specimens/2"],
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_commit_that_is_stopped_is_before_or_after(folder: Path, store: SqliteStore, point: str) -> None:
    add(store, *specimens(range(4)))
    before = snapshot(store)
    with SqliteStore.open(folder, create=False, faults=_stop_at(point)) as stopped:
        with pytest.raises(Stop):
            change(stopped)
        assert (snapshot(stopped) == before) is (point != "commit:after")
    assert (snapshot(store) == before) is (point != "commit:after")


@pytest.mark.parametrize("point", POINTS)
def test_files_copied_in_the_midst_of_a_commit_open_whole(
    folder: Path, store: SqliteStore, tmp_path: Path, point: str
) -> None:
    add(store, *specimens(range(4)))
    before = snapshot(store)

    def copy(passed: str) -> None:
        if passed == point:
            shutil.copytree(folder, tmp_path / "copy", dirs_exist_ok=True)

    with SqliteStore.open(folder, create=False, faults=copy) as copied:
        change(copied)
        after = snapshot(copied)
    with SqliteStore.open(tmp_path / "copy", create=False) as found:
        assert snapshot(found) == (after if point == "commit:after" else before)
        assert found.check() == []


def test_a_full_disk_is_told_and_changes_nothing(store: SqliteStore) -> None:
    add(store, *specimens(range(4)))
    before = snapshot(store)
    with store._database.exclusive() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WriteFailed) as error:
        add(store, *specimens(range(10, 90), LARGE))
    assert "full" in error.value.what
    assert "room" in error.value.remedy
    assert snapshot(store) == before


FILL = """
import json, resource, sys
from pathlib import Path
from sensorium.core.errors import WriteFailed
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import Kind, specimens
from sensorium.testing.store_contract import add

acknowledged = 0
with SqliteStore.open(Path(sys.argv[1]), create=False) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
    try:
        while True:
            add(store, *specimens(range(acknowledged, acknowledged + 10), Kind(pieces=40)))
            acknowledged += 10
    except WriteFailed as error:
        print(json.dumps([acknowledged, error.what]))
"""


def test_what_was_acknowledged_before_a_file_could_not_grow_is_kept(folder: Path, store: SqliteStore) -> None:
    store.close()
    ended = subprocess.run([sys.executable, "-c", FILL, str(folder)], capture_output=True, timeout=60, text=True)
    assert ended.returncode == 0, ended.stderr
    acknowledged, what = json.loads(ended.stdout)
    assert acknowledged > 0
    assert what
    with SqliteStore.open(folder, create=False) as found:
        assert len(ids(found)) == acknowledged
        assert len(keys(found)) == acknowledged * 40
        assert found.check() == []
        add(found, specimen(10**6))
        assert len(ids(found)) == acknowledged + 1


def test_a_space_is_registered_once_and_kept(folder: Path, store: SqliteStore) -> None:
    store.add_space(SPACE)
    store.close()
    with SqliteStore.open(folder, create=False) as again:
        assert again.spaces() == (SPACE,)


def _stop_at(point: str):  # type: ignore[no-untyped-def]
    def stop(passed: str) -> None:
        if passed == point:
            raise Stop(point)

    return stop
