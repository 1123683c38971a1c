"""One change of the encoder that can be killed, and everything that must hold afterwards.

Run as a program it is the nursery of `world.py`, for this work.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.core.spaces import Space
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.ingest.archives import Archives
from sensorium.ingest.encode import read_request
from sensorium.lifecycle import reembed
from sensorium.lifecycle.reembed import Ports, Reembedding
from sensorium.lifecycle.reembed_change import Plan, ReembedReport, Verdict, change
from sensorium.lifecycle.reembed_reading import KeptReading
from sensorium.readers.recognise import recognise
from sensorium.stores.lock import WriterLock
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import DetailedHashEncoder

NEW = DetailedHashEncoder(width=24)
reembed.BATCH = 5  # many transactions over a small library

BACK = "back"
"""In place of a job's folder: go back to the space before."""


def _load_world() -> Any:
    if "crash_world" in sys.modules:
        return sys.modules["crash_world"]
    spec = importlib.util.spec_from_file_location("crash_world", Path(__file__).with_name("world.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


world = _load_world()
ENCODERS = {world.ENCODER.space.id: world.ENCODER, NEW.space.id: NEW}


def run(job: Any, acknowledge: Callable[[Any], None], fault: Callable[[str], None]) -> ReembedReport:
    """The whole of what `sensorium reembed` does to a library, or `sensorium reembed --back`."""
    encoder = world.ENCODER if job.folder == BACK else NEW
    library = Path(job.library)
    with closing(SqliteStore.open(library, create=False, faults=fault)) as store:

        @contextmanager
        def lock():
            with WriterLock(library, wait_seconds=0):
                yield

        request = replace(read_request((encoder,), (), world.SETTINGS), preview_side=0)
        reading = KeptReading(reader=world.READER, recognise=recognise, request=request)
        ports = Ports(store=store, encoder=encoder, request=request, reading=reading, archives=Archives(), lock=lock)
        indexes = IndexFolder(store, FaissFactory(faults=fault), library / "indexes")
        plan = Plan(
            scope=world.OWNER,
            store=store,
            space=encoder.space,
            setting="",
            lock=lock,
            persist=lambda: indexes.persist(encoder.space),
            compare=Verdict,
            share=0.0,
        )
        return change(Reembedding(world.OWNER, ports, threading.Event()), plan, old="")


# -- what must hold --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vectors:
    """What a space holds, by piece: vector and details."""

    of: dict[str, tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class State:
    """A library as it stands. active: the id of the space that is searched. library: all but other spaces' vectors."""

    active: str
    library: Any
    spaces: dict[str, Vectors]


def look(library: Path) -> State:
    """All that a library holds; checks that what is searched is whole and answers as its rows say."""
    whole = world.look(library)  # checks store and the first space's index
    items = {id: replace(item, vectors={}) for id, item in whole.items.items()}
    with closing(SqliteStore.open(library, create=False)) as store:
        active = store.active_space()
        assert active is not None
        spaces = {one.space.id: _vectors(store, one.space) for one in store.known_spaces()}
        check_answers(store, library, active.space)
    return State(active.space.id, replace(whole, items=items), spaces)


def _vectors(store: SqliteStore, space: Space) -> Vectors:
    keys = store.visible_keys(world.OWNER, EVERYTHING, space.id).tolist()
    rows, details = store.vectors_of(space.id, keys), store.details(world.OWNER, space.id, keys)
    pieces = store.pieces(world.OWNER, Filter(), keys)
    return Vectors({pieces[key].piece.id: (rows[key].tobytes(), details.get(key, b"")) for key in keys})


def check_answers(store: SqliteStore, library: Path, space: Space) -> None:
    """The index of what is searched has every piece, each where a new index over the rows has it."""
    encoder = ENCODERS[space.id]
    used = IndexFolder(store, FaissFactory(), library / "indexes").current(space)
    assert len(used) == sum(store.counts(world.OWNER).pieces.values()), "a search that would not find all"
    fresh = FaissFactory().create(space)
    for changes in store.changes(space.id, 0):
        fresh.apply(changes)
    queries = encoder.encode(Modality.TEXT, ["a dog named t3", "red"], "query")
    found, expected = (index.search(queries, len(fresh), None) for index in (used, fresh))
    np.testing.assert_array_equal(np.sort(found.keys), np.sort(expected.keys))


def check_killed(library: Path, before: State, after: State) -> State:
    """Right after a kill: searches are by one of the two spaces, whole; what is made of the new one is right."""
    found = look(library)
    assert found.library == before.library, "something else than vectors changed"
    assert found.active in (before.active, after.active)
    for space, held in found.spaces.items():
        for piece, vector in held.of.items():
            assert vector == after.spaces[space].of[piece], f"a wrong vector of {piece} in {space}"
    assert found.spaces[before.active] == before.spaces[before.active], "the space before lost something"
    if found.active == after.active:
        assert found.spaces == after.spaces
    return found


if __name__ == "__main__":
    world.run = run
    world.main(sys.stdin.buffer)
