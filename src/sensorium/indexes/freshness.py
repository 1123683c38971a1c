"""An index that reflects the store as it is now: loaded from its file, or rebuilt, and caught up."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sensorium.core.candidates import IndexStamp
from sensorium.core.errors import IndexDamaged, WriteFailed
from sensorium.core.ports import IndexFactory, VectorIndex
from sensorium.core.spaces import Space
from sensorium.core.store_ports import VectorStore

ATTEMPTS = 3
"""A writer replaces the file and then the stamp; a reader that comes between the two looks again this often."""

MOST_LACKING = 16
"""A file that lacks up to one in so many vectors serves on: reading those from the store costs a search less than
writing the whole file costs every small `add`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """How the index of one space came to be what it is, for `doctor`.

    origin: what it was made of. damage: why the file was not used, "" where it was or where there never was one.
    written: whether this call wrote the file.
    """

    space_id: str
    origin: Literal["file", "rows"]
    damage: str
    count: int
    generation: int
    written: bool = False


@dataclass(slots=True)
class _Held:
    """An index in memory. is_filed: its file can be trusted, though it may lack later changes."""

    index: VectorIndex
    report: IndexReport
    is_filed: bool


class IndexFolder:
    """The indexes of a library, one file for each space in `folder`. Fits `IndexSource`; safe across threads.

    Only the process that holds the writer's lock may call `persist` and `rebuild`; any number may call `current`.
    """

    def __init__(self, store: VectorStore, factory: IndexFactory, folder: Path) -> None:
        self._store = store
        self._factory = factory
        self._folder = folder
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def path(self, space: Space) -> Path:
        """The file of this space's index."""
        return self._folder / f"{space.id}.faiss"

    def current(self, space: Space) -> VectorIndex:
        """Loaded, or rebuilt, and caught up with the store's generation. Costs one small read when nothing changed."""
        with self._lock:
            return self._bring_up_to_date(space).index

    def report(self, space: Space) -> IndexReport:
        """How the present index came to be; makes it first where there is none yet."""
        with self._lock:
            held = self._bring_up_to_date(space)
            return replace(held.report, count=len(held.index), generation=held.index.generation)

    def persist(self, space: Space) -> IndexReport:
        """Writes the file unless the present one serves as well. To be called after every change.

        After it, the file holds no vector that was erased before, and most of those that were added. Raises
        WriteFailed; the store is whole even then, and searches go on from it.
        """
        with self._lock:
            held = self._held.get(space.id)
            serving = self._serving_file(space) if held is None or held.is_filed else None
            if serving is not None:
                return serving
            held = self._bring_up_to_date(space)
            self._write(held)
            return replace(held.report, count=len(held.index), generation=held.index.generation, written=True)

    def cleanse(self, space: Space) -> IndexReport | None:
        """Writes the file of a space that is not searched now, where there is one that holds what was erased since."""
        with self._lock:
            stamp = self._store.stamp(space.id)
            if stamp is None or not self._holds_erased(space, stamp):
                return None
            held = self._bring_up_to_date(space)
            self._write(held)
            del self._held[space.id]
            return replace(held.report, count=len(held.index), generation=held.index.generation, written=True)

    def let_go(self, space: Space) -> None:
        """Frees the memory of a space that is not searched any more; a search under way ends with what it holds."""
        with self._lock:
            self._held.pop(space.id, None)

    def remove(self, space: Space) -> int:
        """Takes the file of a space away, and lets go of it; returns the file's bytes. Raises WriteFailed."""
        with self._lock:
            self._held.pop(space.id, None)
            path = self.path(space)
            size = path.stat().st_size if path.is_file() else 0
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise WriteFailed(
                    f"the index can not be removed ({error.strerror})",
                    subject=str(path),
                    remedy="check its permissions and run it again",
                ) from error
            return size

    def rebuild(self, space: Space) -> IndexReport:
        """Builds the index from the rows of the store, whatever the file says, and writes it."""
        with self._lock:
            held = self._held[space.id] = self._from_rows(space, damage="")
            self._write(held)
            return replace(held.report, count=len(held.index), generation=held.index.generation, written=True)

    def inspect(self, space: Space) -> list[str]:
        """What is wrong with the file on disk, one sentence each; nothing when it is whole. Changes nothing."""
        stamp = self._store.stamp(space.id)
        if stamp is None:
            return ["the index was never written"]
        try:
            index = self._factory.load(self.path(space), space, stamp)
            erased = sum(int(changes.removed.size) for changes in self._store.changes(space.id, index.generation))
        except IndexDamaged as error:
            return [error.what]
        return [f"the index file still holds {erased} erased vectors"] if erased else []

    # -- inside the lock ---------------------------------------------------------------------------------------------

    def _bring_up_to_date(self, space: Space) -> _Held:
        held = self._held.get(space.id)
        if held is not None:
            if held.index.generation == self._store.generation():
                return held
            try:
                self._catch_up(held)
                return held
            except IndexDamaged:
                pass  # too far behind: the file was written since, and the store let go of what it removed before
        held = self._held[space.id] = self._load(space)
        return held

    def _catch_up(self, held: _Held) -> None:
        for changes in self._store.changes(held.index.space.id, held.index.generation):
            held.index.apply(changes)

    def _serving_file(self, space: Space) -> IndexReport | None:
        """The file, if it is there, holds nothing erased and lacks few vectors. Its content is not looked at."""
        stamp = self._store.stamp(space.id)
        path = self.path(space)
        if stamp is None or not path.is_file() or path.stat().st_size != stamp.size:
            return None
        added = 0
        try:
            for changes in self._store.changes(space.id, stamp.generation):
                added += int(changes.keys.size)
                if changes.removed.size or added * MOST_LACKING > stamp.count:
                    return None
        except IndexDamaged:
            return None
        return IndexReport(space_id=space.id, origin="file", damage="", count=stamp.count, generation=stamp.generation)

    def _holds_erased(self, space: Space, stamp: IndexStamp) -> bool:
        """Whether vectors were erased since the file was written; also where nobody can tell any more."""
        try:
            return any(changes.removed.size for changes in self._store.changes(space.id, stamp.generation))
        except IndexDamaged:
            return True

    def _load(self, space: Space) -> _Held:
        """The index in the file, caught up; built from the rows where the file is not to be trusted."""
        damage = ""
        for _ in range(ATTEMPTS):
            stamp = self._store.stamp(space.id)
            if stamp is None:
                break
            try:
                index = self._factory.load(self.path(space), space, stamp)
                held = _Held(index=index, report=_report(index, "file", ""), is_filed=True)
                self._catch_up(held)
                return held
            except IndexDamaged as error:
                damage = error.what
        return self._from_rows(space, damage)

    def _from_rows(self, space: Space, damage: str) -> _Held:
        index = self._factory.create(space)
        held = _Held(index=index, report=_report(index, "rows", damage), is_filed=False)
        self._catch_up(held)
        return held

    def _write(self, held: _Held) -> None:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise WriteFailed(
                f"the folder of the indexes can not be made ({error.strerror})",
                subject=str(self._folder),
                remedy="check its permissions and run `sensorium rebuild`",
            ) from error
        self._store.set_stamp(held.index.save(self.path(held.index.space)))
        held.is_filed = True


def _report(index: VectorIndex, origin: Literal["file", "rows"], damage: str) -> IndexReport:
    return IndexReport(
        space_id=index.space.id, origin=origin, damage=damage, count=len(index), generation=index.generation
    )
