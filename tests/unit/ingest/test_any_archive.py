"""Whatever happens to archives between two runs, ended or not, the library holds what they hold."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium.core.receipts import Outcome
from sensorium.core.settings import Settings
from sensorium.testing.documents import zipped

ARCHIVES = st.sampled_from(["a.zip", "b.zip"])
MEMBERS = st.sampled_from(
    [
        {"x.txt": "one", "y.txt": "two"},
        {"y.txt": "two"},
        {"x.txt": "three", "y.txt": "two", ".hidden": "h", "z.txt": "one"},
    ]
)
"""Few, so that an archive often becomes again what it was."""

DEEDS = st.one_of(
    st.tuples(st.just("pack"), ARCHIVES, MEMBERS),
    st.tuples(st.just("pack"), st.just("a.zip"), MEMBERS),
    st.tuples(st.just("delete"), ARCHIVES, st.none()),
    st.tuples(st.just("move"), ARCHIVES, ARCHIVES),
    st.tuples(st.just("write"), st.just("x.txt"), st.sampled_from(["one", "four"])),
)
RUNS = st.tuples(st.lists(DEEDS, max_size=4), st.none() | st.integers(1, 8), st.booleans(), st.booleans())
"""Deeds; lines after which a run before the last one stops; whether that prunes; whether the last one is left out."""


class Held:
    """The folder as it should be: by archive, its members; and a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packed: dict[str, dict[str, str]] = {}
        self.times: dict[str, int] = {}

    def do(self, deed: str, name: str, what: object) -> None:
        """An archive of the same content has the same time always, as one that is put back from a backup."""
        path = self.folder / name
        if deed == "pack":
            assert isinstance(what, dict)
            self._write(path, zipped(what), repr(sorted(what.items())))
            self.packed[name] = what
        elif deed == "write":
            self._write(path, str(what).encode(), str(what))
        elif name in self.packed and deed == "delete":
            path.unlink()
            del self.packed[name]
        elif name in self.packed and name != what:
            path.rename(self.folder / str(what))
            self.packed[str(what)] = self.packed.pop(name)

    def _write(self, path: Path, data: bytes, key: str) -> None:
        path.write_bytes(data)
        moment = self.times.setdefault(key, 1_000_000_000 + len(self.times))
        os.utime(path, (moment, moment))

    @property
    def sources(self) -> dict[str, str]:
        """What has to be found, by its source."""
        members = {
            f"{self.folder}/{name}!/{member}": text
            for name, packed in self.packed.items()
            for member, text in packed.items()
            if member != ".hidden"
        }
        files = {str(path): path.read_text() for path in self.folder.glob("*.txt")}
        return members | files


@settings(max_examples=150, deadline=None)
@given(runs=st.lists(RUNS, min_size=1, max_size=5), batch_files=st.integers(1, 3))
def test_the_library_follows_the_archives(make_bench, runs, batch_files) -> None:
    with tempfile.TemporaryDirectory() as base:
        bench = make_bench(Path(base).resolve())
        (bench.folder / "stays.txt").write_text("always here")
        held = Held(bench.folder)
        for deeds, stops_after, prunes, goes_on in [*runs, ((), None, False, False)]:
            for deed in deeds:
                held.do(*deed)
            if stops_after is not None:
                stopped(bench, stops_after, prunes, batch_files)
            if goes_on:
                continue
            bench.add(prune=True, archives=True, settings=Settings(batch_files=batch_files))
            check(bench, held)
            again = bench.add(prune=True, archives=True)
            assert set(again.counts) <= {Outcome.KNOWN, Outcome.REFUSED}
            assert {line.source for line in again if line.outcome is Outcome.KNOWN} == set(held.sources)


def stopped(bench, lines: int, prunes: bool, batch_files: int) -> None:
    """A run that is stopped, or one that goes to its end, with or without pruning."""
    stop = threading.Event()
    told = []

    class Stopping:
        def discovered(self, files: int) -> None: ...

        def advanced(self, source: str, reached: float, length: float | None) -> None: ...

        def settled(self, line: object) -> None:
            told.append(line)
            if len(told) == lines:
                stop.set()

    bench.add(prune=prunes, archives=True, stop=stop, progress=Stopping(), settings=Settings(batch_files=batch_files))


def check(bench, held: Held) -> None:
    seen = {sighting.source: sighting.item_id for sighting in bench.store.sightings(None)}
    texts = {item: "\n\n".join(piece.text for piece in bench.store.pieces_of(None, item)) for item in seen.values()}
    assert {source: texts[item] for source, item in seen.items()} == held.sources
