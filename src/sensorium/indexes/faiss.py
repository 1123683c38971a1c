"""Exact nearest neighbours by inner product with FAISS, and the file that such an index is kept in.

The file is a header of one line and two plain arrays. FAISS's own format is not used: `faiss.read_index` corrupts
memory on damaged bytes, and an exact index needs nothing that the arrays do not say.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sensorium.core.candidates import IndexStamp, Neighbours, VectorChanges
from sensorium.core.errors import IndexDamaged, WriteFailed
from sensorium.core.spaces import Keys, Space, Vectors

ADAPTER = "faiss.flat/1"
"""Name and format version: a file of another one is rebuilt, not read."""

HEADER_BYTES = 512
CHUNK_BYTES = 16 * 1024 * 1024
KEY = np.dtype("<i8")
COMPONENT = np.dtype("<f4")
NOT_FOUND = -1

REMEMBERED = 8
"""Sets of allowed keys whose rows are kept; those of 100,000 keys take 0.8 MB."""


def no_faults(point: str) -> None:
    """What happens at the named points of a save when no test looks on: nothing."""


@dataclass(frozen=True, slots=True)
class FaissFactory:
    """Makes exact FAISS indexes. faults: told the name of each point of a save, so that tests can fail or kill there.

    >>> space = Space(name="tiny", version="1", width=2, digest="ab" * 32)
    >>> len(FaissFactory().create(space))
    0
    """

    faults: Callable[[str], None] = no_faults
    adapter: str = ADAPTER

    def create(self, space: Space) -> FaissIndex:
        """An empty index at generation 0."""
        return FaissIndex(space, self.faults)

    def load(self, path: Path, space: Space, stamp: IndexStamp) -> FaissIndex:
        """The index in that file. Raises IndexDamaged unless the file is exactly what the stamp says."""
        if stamp.adapter != self.adapter or stamp.space_id != space.id:
            raise _damaged(path, f"it was written as {stamp.adapter} for {stamp.space_id}")
        index = FaissIndex(space, self.faults)
        try:
            with path.open("rb") as file:
                index._read(file, stamp)
        except FileNotFoundError:
            raise _damaged(path, "it is missing") from None
        except OSError as error:
            raise _damaged(path, f"it can not be read ({error.strerror})") from error
        except ValueError as error:
            raise _damaged(path, str(error)) from error
        return index


class FaissIndex:
    """The vectors of one space, compared one by one. Searches and changes from several threads follow each other.

    Row i of the FAISS index belongs to key i of `_keys`; the keys are in no particular order.
    """

    def __init__(self, space: Space, faults: Callable[[str], None] = no_faults) -> None:
        import faiss

        self.space = space
        self.generation = 0
        self._faiss: Any = faiss
        self._flat: Any = faiss.IndexFlatIP(space.width)
        self._keys: Keys = np.empty(0, dtype=np.int64)
        self._known_rows: deque[tuple[Keys | None, npt.NDArray[np.int64]]] = deque(maxlen=REMEMBERED)
        self._faults = faults
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def apply(self, changes: VectorChanges) -> None:
        """Removes, then adds, then stands at the generation that `changes` names. A known key takes its new vector."""
        with self._lock:
            outdated = np.isin(self._keys, np.concatenate([changes.removed, changes.keys]))
            if outdated.any():
                self._flat.remove_ids(self._faiss.IDSelectorBitmap(np.packbits(outdated, bitorder="little")))
                self._keys = self._keys[~outdated]
            if changes.keys.size:
                self._flat.add(np.ascontiguousarray(changes.vectors, dtype=np.float32))
                self._keys = np.concatenate([self._keys, changes.keys])
            self._known_rows.clear()
            self.generation = changes.generation

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        """The k best among `allowed` (sorted keys; None allows all) for each row of `queries`.

        >>> space = Space(name="tiny", version="1", width=2, digest="ab" * 32)
        >>> index = FaissFactory().create(space)
        >>> keys, none = np.array([7, 9]), np.array([], dtype=np.int64)
        >>> index.apply(VectorChanges(generation=1, keys=keys, vectors=np.eye(2, dtype=np.float32), removed=none))
        >>> index.search(np.array([[1, 0]], dtype=np.float32), 1, allowed=None).keys
        array([[7]])
        """
        with self._lock:
            rows_allowed = self._rows_of(allowed)
            width = min(k, len(rows_allowed))
            keys = np.full((len(queries), k), NOT_FOUND, dtype=np.int64)
            scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
            if width == 0 or len(queries) == 0:
                return Neighbours(keys=keys, scores=scores)
            asked = np.ascontiguousarray(queries, dtype=np.float32)
            parameters = self._parameters(rows_allowed, len(queries))
            found_scores, rows = self._flat.search(asked, width, params=parameters)
            found = rows >= 0
            keys[:, :width][found] = self._keys[rows[found]]
            scores[:, :width][found] = found_scores[found]
            return Neighbours(keys=keys, scores=scores)

    def _rows_of(self, allowed: Keys | None) -> npt.NDArray[np.int64]:
        """The rows of these keys, of all keys for None; remembered for sets that nobody can change any more."""
        for known, rows in self._known_rows:
            if known is allowed:
                return rows
        rows = np.arange(len(self._keys)) if allowed is None else np.flatnonzero(np.isin(self._keys, allowed))
        if allowed is None or not allowed.flags.writeable:
            self._known_rows.append((allowed, rows))
        return rows

    def _parameters(self, rows: npt.NDArray[np.int64], queries: int) -> Any:
        """The rows to visit, as a list: the fastest selector at every share of allowed rows.

        A lone query is given a list of all rows too: without one FAISS starts threads that it can not feed, which
        took 25 to 40 ms over 100,000 x 512 where the list took 8 (two cores, FAISS 1.15).
        """
        if len(rows) == len(self._keys) and queries > 1:
            return None
        return self._faiss.SearchParameters(sel=self._faiss.IDSelectorArray(rows))

    # -- the file ----------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> IndexStamp:
        """Writes the file whole or not at all, durably; returns its stamp. Raises WriteFailed."""
        unfinished = path.with_name(path.name + ".new")
        try:
            with self._lock, unfinished.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                stamp = self._write(file)
                file.flush()
                os.fsync(file.fileno())
            self._faults("index:written")
            unfinished.replace(path)
            self._faults("index:renamed")
            _sync_folder(path.parent)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise WriteFailed(
                f"the index could not be written ({error.strerror}); it will be built from the store when needed",
                subject=str(path),
                remedy="make room, then run `sensorium rebuild`",
            ) from error
        return stamp

    def _write(self, file: BinaryIO) -> IndexStamp:
        digest, size = hashlib.sha256(), 0
        keys = self._keys.astype(KEY, copy=False).view(np.uint8)
        rows = self._rows().astype(COMPONENT, copy=False).view(np.uint8)
        for part in (memoryview(self._header()), keys.data, rows.data):
            for chunk in _chunks(part):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return IndexStamp(
            space_id=self.space.id,
            adapter=ADAPTER,
            generation=self.generation,
            count=len(self._keys),
            size=size,
            digest=digest.hexdigest(),
        )

    def _rows(self) -> npt.NDArray[np.float32]:
        """The vectors as they lie in the FAISS index, one after the other; valid until the index changes."""
        if not len(self._keys):
            return np.empty(0, dtype=np.float32)
        rows: npt.NDArray[np.float32] = self._faiss.rev_swig_ptr(self._flat.get_xb(), self._flat.ntotal * self._flat.d)
        return rows

    def _header(self) -> bytes:
        about = {"format": ADAPTER, "space": self.space.id, "width": self.space.width, "count": len(self._keys)}
        line = json.dumps({**about, "generation": self.generation}).encode()
        return line.ljust(HEADER_BYTES - 1) + b"\n"

    def _read(self, file: BufferedReader, stamp: IndexStamp) -> None:
        """Fills an empty index. The bytes that are hashed are the bytes that are used: the file is read once.

        Raises ValueError where the file is not what the stamp says; then this index must not be used.
        """
        expected = HEADER_BYTES + stamp.count * (KEY.itemsize + self.space.width * COMPONENT.itemsize)
        if stamp.size != expected or os.fstat(file.fileno()).st_size != expected:
            raise ValueError("it has another size than when it was written")
        digest = hashlib.sha256()
        digest.update(file.read(HEADER_BYTES))
        keys = _read_exactly(file, stamp.count * KEY.itemsize)
        digest.update(keys.data)
        row_bytes = self.space.width * COMPONENT.itemsize
        rows_at_once = max(1, CHUNK_BYTES // row_bytes)
        for first in range(0, stamp.count, rows_at_once):
            chunk = _read_exactly(file, min(rows_at_once, stamp.count - first) * row_bytes)
            digest.update(chunk.data)
            self._flat.add(chunk.view(COMPONENT).reshape(-1, self.space.width).astype(np.float32, copy=False))
        if digest.hexdigest() != stamp.digest:
            raise ValueError("its content is not what was written")
        self._keys = keys.view(KEY).astype(np.int64)
        self._known_rows.clear()
        self.generation = stamp.generation


def _chunks(data: memoryview) -> list[memoryview]:
    return [data[first : first + CHUNK_BYTES] for first in range(0, len(data), CHUNK_BYTES)]


def _read_exactly(file: BufferedReader, size: int) -> npt.NDArray[np.uint8]:
    data = np.empty(size, dtype=np.uint8)
    if file.readinto(data.data) != size:
        raise ValueError("it ends too early")
    return data


def _sync_folder(folder: Path) -> None:
    """Makes the new name survive power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path, reason: str) -> IndexDamaged:
    return IndexDamaged(f"the index file is not used: {reason}", subject=str(path), remedy="run `sensorium rebuild`")
