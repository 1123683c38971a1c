"""Whatever happens to a folder between two runs, after `add --prune` the library holds what the folder holds."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium.core.receipts import Outcome
from sensorium.core.settings import Settings

NAMES = st.sampled_from(["a", "b", "c", "sub/a", "sub/b"])
CONTENTS = st.sampled_from(["one", "two", "three", "one\n\ntwo", ""])
DEEDS = st.one_of(
    st.tuples(st.just("write"), NAMES, CONTENTS),
    st.tuples(st.just("move"), NAMES, NAMES),
    st.tuples(st.just("swap"), NAMES, NAMES),
    st.tuples(st.just("delete"), NAMES, st.none()),
)


def do(folder: Path, moment: int, deed: str, name: str, other: str | None) -> None:
    """One deed, at a moment of its own: what is written at the same moment in the same length can not be told apart."""
    path = folder / name
    if deed == "write":
        write(path, other, moment)
    elif deed == "delete":
        path.unlink(missing_ok=True)
    elif path.exists() and deed == "move":
        path.rename(folder / other)
    elif path.exists() and (folder / other).exists():
        mine, theirs = path.read_text(), (folder / other).read_text()
        write(path, theirs, moment)
        write(folder / other, mine, moment)


def write(path: Path, content: str, moment: int) -> None:
    path.write_text(content)
    os.utime(path, (moment, moment))


@settings(max_examples=150, deadline=None)
@given(runs=st.lists(st.lists(DEEDS, max_size=6), min_size=1, max_size=4), batch_files=st.integers(1, 3))
def test_the_library_follows_the_folder(make_bench, runs, batch_files) -> None:
    with tempfile.TemporaryDirectory() as base:
        bench = make_bench(Path(base).resolve())
        (bench.folder / "sub").mkdir()
        (bench.folder / "stays").write_text("always here")
        moments = count(1_000_000_000)
        for deeds in runs:
            for deed in deeds:
                do(bench.folder, next(moments), *deed)
            receipt = bench.add(prune=True, settings=Settings(batch_files=batch_files))
            check(bench, receipt)
            again = bench.add(prune=True)
            assert set(again.counts) <= {Outcome.KNOWN, Outcome.REFUSED}


def check(bench, receipt) -> None:
    held = {str(path): path.read_text() for path in bench.folder.rglob("*") if path.is_file()}
    full = {source: content for source, content in held.items() if content}
    seen = {sighting.source: sighting.item_id for sighting in bench.store.sightings(None)}
    lines = Counter(line.source for line in receipt)
    assert set(lines.values()) == {1}, "a file with two lines"
    assert set(held) <= set(lines), "a file without a line"
    assert {line.source: line.item_id for line in receipt if line.source in full} == {s: seen[s] for s in full}
    kept = set(seen) - set(full)
    assert all(held.get(source) == "" for source in kept), "only what was emptied keeps its former item"
    texts = {item: "\n\n".join(piece.text for piece in bench.store.pieces_of(None, item)) for item in seen.values()}
    assert {source: texts[seen[source]] for source in full} == full
    assert {refusal.source for refusal in bench.store.refusals(None)} == set(held) - set(full)
