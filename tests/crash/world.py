"""A folder of small files, one `add` over it that can be killed, and everything that must hold afterwards.

Run as a program it is a nursery: it has loaded everything once, forks a child for each job that it reads, and kills it.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.items import Item, Modality, Piece, Preview
from sensorium.core.ports import Reader
from sensorium.core.receipts import Receipt, ReceiptLine
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.ingest.options import IngestOptions, IngestPorts
from sensorium.ingest.pipeline import add
from sensorium.readers.recognise import recognise
from sensorium.readers.registry import load_readers
from sensorium.stores.lock import WriterLock
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import HashEncoder

OWNER = Scope.local_owner()
ENCODER = HashEncoder(width=16)
SETTINGS = Settings(batch_files=4, chunk_characters=60, chunk_overlap=10, preview_side=16)

LONG_AGO = 1_600_000_000
DAY = 86_400

Fault = Callable[[str], None]


# -- the work that is killed -----------------------------------------------------------------------------------------


class OpenReader:
    """Reads in this process: what is killed here is the adding, and a warm-up for each kill would take too long."""

    def __init__(self, readers: dict[str, Reader]) -> None:
        self._readers = readers

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        with open(descriptor, "rb", closefd=False) as stream:
            stream.seek(0)
            return self._readers[media_type].read(stream, media_type, request, SETTINGS)

    def close(self) -> None:
        pass


READER = OpenReader(dict(load_readers()))


class LateStore(SqliteStore):
    """A broken store for testing the tests: it says that a commit is done and does it with the next one."""

    def commit(self, scope: Scope, **changes: object) -> int:
        waiting, self.waiting = getattr(self, "waiting", None), changes
        if waiting is not None:
            super().commit(scope, **waiting)
        return self.generation()

    def close(self) -> None:
        self.commit(OWNER)
        super().close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One `add`. Killed at the nth passing of a named point, or `after` seconds, or not at all."""

    library: str
    folder: str
    point: str = ""
    nth: int = 0
    after: float = -1.0
    late: bool = False


def run(job: Job, acknowledge: Callable[[ReceiptLine], None], fault: Fault) -> Receipt:
    """The whole of what `sensorium add --prune` does to a library."""
    library = Path(job.library)
    store_type = LateStore if job.late else SqliteStore
    library.mkdir(exist_ok=True)
    with WriterLock(library, wait_seconds=0), closing(store_type.open(library, create=True, faults=fault)) as store:
        store.begin_space(ENCODER.space)
        ports = IngestPorts(
            items=store, sources=store, reader=READER, recognise=recognise, encoders=(ENCODER,), parts=store
        )
        options = IngestOptions(settings=SETTINGS, prune=True, progress=Telling(acknowledge))
        receipt = add(OWNER, ports, [job.folder], options)
        IndexFolder(store, FaissFactory(faults=fault), library / "indexes").persist(ENCODER.space)
    return receipt


class Telling:
    """Passes on each line as soon as it is told."""

    def __init__(self, acknowledge: Callable[[ReceiptLine], None]) -> None:
        self.settled = acknowledge

    def discovered(self, files: int) -> None:
        pass


# -- the folder ------------------------------------------------------------------------------------------------------


def write(path: Path, content: bytes, day: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (LONG_AGO + day * DAY, LONG_AGO + day * DAY))


def text(name: str) -> bytes:
    return f"{name}\n\nA dog named {name} runs.\n\nA cat named {name} sleeps in the warm afternoon sun.\n".encode()


def picture(seed: int) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def make_folder(folder: Path) -> None:
    """Texts, pictures, a copy, and three files that are refused."""
    for number in range(12):
        write(folder / f"text{number:02}.txt", text(f"t{number}"), day=1)
    for number in range(7):
        write(folder / "pictures" / f"{number}.png", picture(number), day=1)
    write(folder / "pictures" / "copy of 0.png", picture(0), day=1)
    write(folder / "pictures" / "broken.png", picture(0)[:60], day=1)
    write(folder / "empty.txt", b"", day=1)
    write(folder / "latin.txt", "Größe".encode("latin-1"), day=1)


def change_folder(folder: Path) -> None:
    """Files changed, moved, deleted, copied, mended and added."""
    for number in (0, 5, 11):
        write(folder / f"text{number:02}.txt", text(f"changed{number}"), day=2)
    write(folder / "pictures" / "1.png", picture(101), day=2)
    (folder / "text01.txt").rename(folder / "zz moved.txt")
    (folder / "text02.txt").rename(folder / "aa moved.txt")
    (folder / "pictures" / "2.png").rename(folder / "pictures" / "moved.png")
    (folder / "text03.txt").unlink()
    (folder / "pictures" / "0.png").unlink()
    (folder / "empty.txt").unlink()
    write(folder / "copy.txt", text("t4"), day=2)
    write(folder / "pictures" / "broken.png", picture(102), day=2)
    for number in range(20, 24):
        write(folder / f"text{number}.txt", text(f"t{number}"), day=2)
    # Two files change places: each item passes from one file to the other.
    write(folder / "text06.txt", text("t7"), day=2)
    write(folder / "text07.txt", text("t6"), day=2)


# -- what must hold --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """An item with all that is derived from it."""

    item: Item
    pieces: tuple[Piece, ...]
    previews: dict[str, Preview]
    vectors: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a library holds. sources: item by source. refused: code by source."""

    items: dict[str, Whole]
    sources: dict[str, str]
    refused: dict[str, str]


def look(library: Path) -> Picture:
    """All that a library holds; checks that its parts agree with each other."""
    with closing(SqliteStore.open(library, create=True)) as store:
        assert store.check() == []
        vectors = vectors_of(store)
        items = {item.id: whole(store, item, vectors) for item in store.items(OWNER, EVERYTHING)}
        sources = {seen.source: seen.item_id for seen in store.sightings(OWNER)}
        refused = {refusal.source: refusal.code for refusal in store.refusals(OWNER)}
        if ENCODER.space in store.spaces():
            check_index(store, library)
    assert set(sources.values()) == set(items), "an item without a source, or a source without its item"
    assert sum(len(whole.vectors) for whole in items.values()) == len(vectors), "a vector without its item"
    return Picture(items, sources, refused)


def vectors_of(store: SqliteStore) -> dict[str, bytes]:
    rows: dict[str, bytes] = {}
    if ENCODER.space not in store.spaces():
        return rows
    for changes in store.changes(ENCODER.space.id, 0):
        seen = store.pieces(OWNER, EVERYTHING, changes.keys.tolist())
        rows |= {
            seen[key].piece.id: vector.tobytes()
            for key, vector in zip(changes.keys.tolist(), changes.vectors, strict=True)
        }
    return rows


def whole(store: SqliteStore, item: Item, vectors: dict[str, bytes]) -> Whole:
    """The item without what differs from run to run: when it was added, and which of its sources it names."""
    assert item.lineage.source in store.sources_of(OWNER, item.id), "an item that says it is from elsewhere"
    pieces = store.pieces_of(OWNER, item.id)
    ids = [piece.id for piece in pieces]
    timeless = replace(item, lineage=replace(item.lineage, added_at=0.0, modified_at=0.0, source=""))
    own = {id: vectors[id] for id in ids if id in vectors}
    return Whole(replace(timeless, title=""), pieces, dict(store.previews(OWNER, ids)), own)


def check_index(store: SqliteStore, library: Path) -> None:
    """The index that a search would use answers as one that is built anew from the rows."""
    space = ENCODER.space
    used = IndexFolder(store, FaissFactory(), library / "indexes").current(space)
    fresh = FaissFactory().create(space)
    for changes in store.changes(space.id, 0):
        fresh.apply(changes)
    assert len(used) == len(fresh)
    if not len(fresh):
        return
    queries = ENCODER.encode(Modality.TEXT, ["a dog", "a cat named t4", "red"], "query")
    found, expected = (index.search(queries, len(fresh), None) for index in (used, fresh))
    np.testing.assert_array_equal(np.sort(found.scores), np.sort(expected.scores))
    np.testing.assert_array_equal(np.sort(found.keys), np.sort(expected.keys))


def check_killed(library: Path, lines: Iterable[ReceiptLine], before: Picture, after: Picture) -> None:
    """Right after a kill: what was acknowledged is there, and nothing is there by half."""
    found = look(library)
    for id, held in found.items.items():
        assert held in (before.items.get(id), after.items.get(id)), f"half an item: {held.item}"
    for source, id in found.sources.items():
        assert id in (before.sources.get(source), after.sources.get(source)), f"a source of neither time: {source}"
    for line in lines:
        if line.outcome == "refused":
            assert line.source in found.refused, f"a refusal was lost: {line}"
        else:
            assert found.sources.get(line.source) == line.item_id, f"an acknowledged line was lost: {line}"


# -- the nursery -----------------------------------------------------------------------------------------------------


def main(jobs: BinaryIO) -> None:
    """For each job: forks a child that does it and writes its receipt lines; then writes how the child ended."""
    for line in iter(jobs.readline, b""):
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            be_killed(job)
        if job.after >= 0:
            time.sleep(job.after)
            os.kill(child, signal.SIGKILL)  # not reaped yet, so the number is still the child's
        tell({"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})


def be_killed(job: Job) -> None:
    passed: Counter[str] = Counter()

    def fault(point: str) -> None:
        passed[point] += 1
        if (point, passed[point]) == (job.point, job.nth):
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        run(job, lambda line: tell({"line": asdict(line)}), fault)
        os._exit(0)
    except BaseException:  # noqa: BLE001 the edge of a process
        traceback.print_exc()
        os._exit(1)


def tell(message: object) -> None:
    """One write of less than PIPE_BUF bytes: told whole or not at all."""
    os.write(1, json.dumps(message).encode() + b"\n")


def copy_library(origin: Path, target: Path) -> Path:
    """A library as it lies on the disk, in place of what was at `target`."""
    shutil.rmtree(target, ignore_errors=True)
    if origin.exists():
        shutil.copytree(origin, target)
    return target


if __name__ == "__main__":
    main(sys.stdin.buffer)
