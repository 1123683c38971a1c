"""The index against the truth: an index that errs is caught, and ties are no errors."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.candidates import Neighbours, VectorChanges
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.evaluation.index_recall import SHARES, allowed_rows, index_recall, nearest, recall_of
from sensorium.indexes.faiss import FaissFactory, FaissIndex
from sensorium.testing.specimens import unit_vectors

WIDTH, COUNT, K = 8, 400, 10
SPACE = Space(name="flat", version="1", width=WIDTH, digest="ab" * 32)
KEYS: Keys = np.arange(COUNT, dtype=np.int64) * 3 + 7
VECTORS, QUERIES = unit_vectors(COUNT, WIDTH, seed=1), unit_vectors(30, WIDTH, seed=2)


@pytest.fixture
def index() -> FaissIndex:
    made = FaissFactory().create(SPACE)
    made.apply(VectorChanges(generation=1, keys=KEYS, vectors=VECTORS, removed=np.empty(0, dtype=np.int64)))
    return made


class Spoilt:
    """Answers of another index, changed before they are given."""

    def __init__(self, index: FaissIndex, lost: int = 0, *, forgets_filter: bool = False) -> None:
        self._index, self._lost, self._forgets_filter = index, lost, forgets_filter

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        found = self._index.search(queries, k, None if self._forgets_filter else allowed)
        keys = found.keys.copy()
        keys[:, : self._lost] = -1
        return Neighbours(keys=keys, scores=found.scores)


def test_an_exact_index_has_recall_1_behind_every_filter(index: FaissIndex) -> None:
    rows = index_recall(index, KEYS, VECTORS, QUERIES, np.arange(30), K)
    assert [row.share for row in rows] == list(SHARES)
    assert [(row.allowed, row.k) for row in rows] == [(400, 10), (200, 10), (20, 10), (2, 2)]
    assert all(row.recall.low == 1.0 for row in rows)


def test_neighbours_that_are_lost_lower_it_by_their_share(index: FaissIndex) -> None:
    assert recall_of(Spoilt(index, lost=3), KEYS, VECTORS, QUERIES, K).tolist() == [0.7] * 30


def test_neighbours_behind_the_filter_do_not_count(index: FaissIndex) -> None:
    rows = allowed_rows(COUNT, 0.05)
    found = recall_of(Spoilt(index, forgets_filter=True), KEYS[rows], VECTORS[rows], QUERIES, K)
    assert found.mean() < 0.2


def test_another_neighbour_that_is_as_near_is_no_error(index: FaissIndex) -> None:
    vectors = np.eye(1, WIDTH, dtype=np.float32).repeat(COUNT, axis=0)
    index.apply(VectorChanges(generation=2, keys=KEYS, vectors=vectors, removed=KEYS))
    assert recall_of(index, KEYS, vectors, QUERIES, K).tolist() == [1.0] * 30


def test_keys_may_come_in_any_order(index: FaissIndex) -> None:
    order = np.random.default_rng(3).permutation(COUNT)
    assert recall_of(index, KEYS[order], VECTORS[order], QUERIES, K).tolist() == [1.0] * 30


def test_the_nearest_by_numpy_are_those_of_the_exact_index(index: FaissIndex) -> None:
    assert nearest(KEYS, VECTORS, QUERIES, K).tolist() == index.search(QUERIES, K, None).keys.tolist()


def test_a_filter_lets_through_its_share_and_at_least_one_row() -> None:
    assert [len(allowed_rows(100, share)) for share in (1.0, 0.5, 0.05, 0.005)] == [100, 50, 5, 1]
    assert allowed_rows(100, 0.5).tolist() == allowed_rows(100, 0.5).tolist()
