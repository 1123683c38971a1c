"""The figures of an index against a store whose vectors are known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sensorium.core.candidates import IndexStamp, Neighbours, VectorChanges
from sensorium.core.errors import IndexDamaged
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.evaluation.index_health import index_figures, kth_products
from sensorium.indexes.faiss import FaissFactory, FaissIndex

SPACE = Space(name="tiny", version="1", width=8, digest="ab" * 32)
NONE = np.empty(0, np.int64)


class Store:
    """40 vectors, given in blocks; the last generation is 9."""

    def __init__(self, stamp: IndexStamp | None = None, removed: Keys = NONE) -> None:
        random = np.random.default_rng(3)
        self.vectors = random.standard_normal((40, 8)).astype(np.float32)
        self.vectors /= np.linalg.norm(self.vectors, axis=1, keepdims=True)
        self.last = stamp
        self.removed = removed

    def generation(self) -> int:
        return 9

    def stamp(self, space_id: str) -> IndexStamp | None:
        return self.last

    def vectors_of(self, space_id: str, keys: list[int]) -> dict[int, Vectors]:
        return {key: self.vectors[key] for key in keys if key < 40}

    def changes(self, space_id: str, since: int) -> Iterator[VectorChanges]:
        if since == 1:
            raise IndexDamaged("too far behind")
        if since:
            yield VectorChanges(generation=9, keys=NONE, vectors=np.empty((0, 8), np.float32), removed=self.removed)
            return
        for start in range(0, 40, 15):
            keys = np.arange(start, min(start + 15, 40))
            yield VectorChanges(generation=9, keys=keys, vectors=self.vectors[keys], removed=NONE)


class Poor(FaissIndex):
    """Finds only the first half of what there is."""

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        return super().search(queries, k, np.arange(20))


def stamp(generation: int, count: int = 40) -> IndexStamp:
    return IndexStamp(space_id=SPACE.id, adapter="a", generation=generation, count=count, size=1, digest="")


def filled(index: FaissIndex, store: Store) -> FaissIndex:
    for changes in store.changes(SPACE.id, 0):
        index.apply(changes)
    return index


def test_an_exact_index_finds_all() -> None:
    store = Store(stamp(9))
    figures = index_figures(filled(FaissFactory().create(SPACE), store), store, SPACE, range(40))  # type: ignore[arg-type]
    assert (figures.vectors, figures.asked, figures.recall) == (40, 40, 1.0)
    assert (figures.deleted_share, figures.lag, figures.file_lag) == (0.0, 0, 0)


def test_an_index_that_misses_neighbours_is_told_by_its_recall() -> None:
    store = Store(stamp(9))
    figures = index_figures(filled(Poor(SPACE), store), store, SPACE, range(40))  # type: ignore[arg-type]
    assert figures.recall is not None
    true = store.vectors @ store.vectors.T
    near = np.argsort(-true, axis=1)[:, :10]
    assert figures.recall == pytest.approx(np.mean(near < 20))


def test_lag_and_erased_vectors_of_the_file_are_told() -> None:
    store = Store(stamp(4), removed=np.arange(10))
    index = filled(FaissFactory().create(SPACE), store)
    index.generation = 7
    figures = index_figures(index, store, SPACE, range(5))  # type: ignore[arg-type]
    assert (figures.lag, figures.file_lag, figures.deleted_share) == (2, 5, 0.25)


def test_a_file_that_is_too_old_to_tell_counts_as_erased_whole() -> None:
    store = Store(stamp(1))
    assert index_figures(FaissFactory().create(SPACE), store, SPACE, []).deleted_share == 1.0  # type: ignore[arg-type]


def test_without_vectors_no_recall_is_told() -> None:
    store = Store()
    figures = index_figures(FaissFactory().create(SPACE), store, SPACE, [])  # type: ignore[arg-type]
    assert (figures.recall, figures.asked, figures.file_lag) == (None, 0, 9)


def test_fewer_vectors_than_neighbours_leave_no_bar_to_reach() -> None:
    asked = np.eye(2, 8, dtype=np.float32)
    assert np.isinf(kth_products([], asked, 3)).all()
