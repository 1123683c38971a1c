"""How many of the true nearest neighbours an index finds, by itself and behind filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.ports import VectorIndex
from sensorium.core.spaces import Keys, Vectors
from sensorium.evaluation.intervals import Clusters, Interval, Values, cluster_bootstrap
from sensorium.evaluation.measures import TIE

SHARES = (1.0, 0.5, 0.05, 0.005)
"""Shares of the rows that a filter lets through."""

QUERIES_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecall:
    """One filter. share: of the rows that it lets through. allowed: how many these are. k: neighbours asked for."""

    share: float
    allowed: int
    k: int
    recall: Interval

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `index_recall`."""
        ends = [round(value, 6) for value in (self.recall.mean, self.recall.low, self.recall.high)]
        return {"share": self.share, "allowed": self.allowed, "k": self.k, "recall": ends}


def index_recall(
    index: VectorIndex, keys: Keys, vectors: Vectors, queries: Vectors, clusters: Clusters, k: int
) -> list[IndexRecall]:
    """The recall of `index` for each of `SHARES`, against all inner products by numpy.

    keys: int64 [n], vectors: float32 [n, width]: what the index holds. queries: float32 [q, width]. clusters: int64
    [q], of the queries. The rows behind a filter are drawn with seed 0, and are the same for all queries.
    """
    rows = [allowed_rows(len(keys), share) for share in SHARES]
    return [
        IndexRecall(
            share=share,
            allowed=len(own),
            k=min(k, len(own)),
            recall=cluster_bootstrap(recall_of(index, keys[own], vectors[own], queries, min(k, len(own))), clusters),
        )
        for share, own in zip(SHARES, rows, strict=True)
    ]


def recall_of(index: VectorIndex, keys: Keys, vectors: Vectors, queries: Vectors, k: int) -> Values:
    """For each query the share of its k nearest among these rows that the index finds, float64 [q].

    A neighbour counts when its true product reaches that of the k-th nearest, to within a millionth, so that ties are
    no errors, and the index's own score is not looked at (Aumüller, Bernhardsson and Faithfull 2020, Information
    Systems 87).
    """
    order = np.argsort(keys)
    keys, vectors = keys[order], vectors[order]
    keys.setflags(write=False)
    shares = []
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        some = np.ascontiguousarray(queries[start : start + QUERIES_AT_ONCE])
        products = some @ vectors.T
        bar = np.partition(products, len(keys) - k, axis=1)[:, len(keys) - k, np.newaxis]
        found = index.search(some, k, keys).keys
        rows = np.searchsorted(keys, found).clip(0, len(keys) - 1)
        is_allowed = keys[rows] == found
        is_near = np.take_along_axis(products, rows, axis=1) >= bar - TIE
        shares.append(np.count_nonzero(is_allowed & is_near, axis=1) / k)
    return np.concatenate(shares)


def nearest(keys: Keys, vectors: Vectors, queries: Vectors, k: int) -> npt.NDArray[np.int64]:
    """The keys of the k nearest rows to each query, best first, by all inner products; equals by rising key.

    keys: int64 [n], rising. vectors: float32 [n, width]. queries: float32 [q, width]. Gives int64 [q, min(k, n)].

    >>> nearest(np.array([4, 7]), np.eye(2, dtype=np.float32), np.float32([[0, 1]]), k=2)
    array([[7, 4]])
    """
    found = []
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        products = queries[start : start + QUERIES_AT_ONCE] @ vectors.T
        found.append(keys[np.argsort(-products, axis=1, kind="stable")[:, :k]])
    return np.concatenate(found)


def allowed_rows(count: int, share: float, seed: int = 0) -> npt.NDArray[np.int64]:
    """Which rows a filter lets through, rising: at least one.

    >>> allowed_rows(4, 1.0)
    array([0, 1, 2, 3])
    """
    random = np.random.default_rng(seed)
    return np.sort(random.permutation(count)[: max(1, round(share * count))]).astype(np.int64)
