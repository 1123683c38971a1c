"""How an index does while it is in use: what it finds of the true nearest, what it holds too much, how far it lags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sensorium.core.candidates import VectorChanges
from sensorium.core.errors import IndexDamaged
from sensorium.core.ports import VectorIndex
from sensorium.core.reports import IndexFigures
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.core.store_ports import VectorStore
from sensorium.evaluation.measures import TIE

QUERIES = 64
"""Pieces that are asked with; each is one of those that the caller may see."""

NEIGHBOURS = 10


def index_figures(
    index: VectorIndex, store: VectorStore, space: Space, visible: Sequence[int], *, k: int = NEIGHBOURS, seed: int = 0
) -> IndexFigures:
    """The figures of one space's index.

    visible: keys of pieces to ask with, of which `QUERIES` are drawn. All vectors of the space are read once, block by
    block, so this takes about as long as building the index; no more than a block of them is held.
    """
    generation, stamp = store.generation(), store.stamp(space.id)
    chosen = np.random.default_rng(seed).permutation(np.asarray(visible, np.int64))[:QUERIES]
    queries = store.vectors_of(space.id, chosen.tolist())
    recall = None
    if queries and len(index):
        asked = np.stack(list(queries.values())).astype(np.float32)
        recall = _recall(index, store, space, asked, min(k, len(index)))
    return IndexFigures(
        space_id=space.id,
        vectors=len(index),
        asked=len(queries),
        recall=recall,
        deleted_share=_deleted_share(store, space),
        lag=generation - index.generation,
        file_lag=generation - (stamp.generation if stamp is not None else 0),
    )


def _recall(index: VectorIndex, store: VectorStore, space: Space, asked: Vectors, k: int) -> float:
    """The share of the k nearest that the index finds, by true products, as `index_recall.recall_of` counts it."""
    bar = kth_products(store.changes(space.id, 0), asked, k)
    found = index.search(np.ascontiguousarray(asked), k, None).keys
    known = store.vectors_of(space.id, np.unique(found[found >= 0]).tolist())
    near = [
        sum(int(key) in known and float(query @ known[int(key)]) >= bar[row] - TIE for key in found[row])
        for row, query in enumerate(asked)
    ]
    return float(np.sum(near) / (k * len(asked)))


def kth_products(blocks: Iterable[VectorChanges], asked: Vectors, k: int) -> Vectors:
    """The product of each query with its k-th nearest vector of all blocks, float32 [q].

    >>> none = np.empty(0, np.int64)
    >>> block = VectorChanges(generation=1, keys=np.arange(2), vectors=np.eye(2, dtype=np.float32), removed=none)
    >>> kth_products([block], np.float32([[0.6, 0.8]]), 2).round(3)
    array([0.6], dtype=float32)
    """
    best = np.full((len(asked), k), -np.inf, np.float32)
    for block in blocks:
        if block.keys.size:
            all_of_them = np.concatenate([best, asked @ np.asarray(block.vectors, np.float32).T], axis=1)
            best = np.partition(all_of_them, all_of_them.shape[1] - k, axis=1)[:, -k:]
    lowest: Keys | Vectors = best.min(axis=1)
    return np.where(np.isfinite(lowest), lowest, np.float32(np.inf)).astype(np.float32)


def _deleted_share(store: VectorStore, space: Space) -> float:
    """How much of the index file was erased from the store since it was written; 1.0 where the store forgot what."""
    stamp = store.stamp(space.id)
    if stamp is None or not stamp.count:
        return 0.0
    try:
        removed = sum(int(changes.removed.size) for changes in store.changes(space.id, stamp.generation))
    except IndexDamaged:
        return 1.0
    return min(1.0, removed / stamp.count)
