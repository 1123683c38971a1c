"""Which voices are one person's: vectors of one item into clusters, and a cluster to the voices that are known.

A cosine is compared with a threshold; `docs/speech.md` says how the thresholds were chosen and what they cost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sensorium.core.spaces import Vectors

SAME_ITEM = 0.68
"""Clusters of one item with a mean cosine of at least this are one person."""
SAME_PERSON = 0.80
"""A voice is that of a known person from this cosine on. Higher than within an item: more people are asked about."""

Labels = npt.NDArray[np.int64]


def cluster(vectors: Vectors, threshold: float = SAME_ITEM) -> Labels:
    """A label for each vector, int64 [n]: 0 for the first person who speaks, 1 for the next new one, and so on.

    vectors: float32 [n, d], unit length. Clusters are merged while the mean cosine between the members of two is at
    least `threshold` (average linkage), found by chains of nearest neighbours in n² steps.
    Murtagh 1983, "A Survey of Recent Advances in Hierarchical Clustering Algorithms", The Computer Journal 26(4).

    >>> cluster(np.array([[1, 0], [0, 1], [0.8, 0.6], [0, 1]], np.float32), threshold=0.7).tolist()
    [0, 1, 0, 1]
    """
    labels = np.arange(len(vectors))
    likeness = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    sizes = np.ones(len(vectors))
    left = list(range(len(vectors)))
    chain: list[int] = []
    while left:
        if not chain:
            chain.append(left[0])
        last = chain[-1]
        nearest = _nearest(likeness[last], chain)
        if likeness[last, nearest] < threshold:
            # Average linkage never makes a merged cluster nearer than its parts were: this one stays as it is.
            left.remove(last)
            likeness[:, last] = likeness[last, :] = -np.inf
            chain.clear()
        elif len(chain) > 1 and nearest == chain[-2]:
            _merge(likeness, sizes, last, nearest)
            labels[labels == nearest] = last
            left.remove(nearest)
            del chain[-2:]
        else:
            chain.append(nearest)
    return _by_appearance(labels)


def voices(vectors: Vectors, labels: Labels) -> Vectors:
    """The voice of each cluster: float32 [labels.max() + 1, d], the mean of its vectors, of unit length."""
    sums = np.zeros((int(labels.max(initial=-1)) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, labels, vectors)
    unit: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.float32(1e-12))
    return unit


def match(voice: Vectors, known: Vectors, threshold: float = SAME_PERSON) -> int | None:
    """The position of the known voice that `voice` is most like; None where none reaches `threshold`.

    voice: float32 [d]. known: float32 [m, d], m >= 0. All unit length.

    >>> match(np.array([1, 0], np.float32), np.array([[0, 1], [0.9, 0.436]], np.float32))
    1
    """
    if not len(known):
        return None
    likeness = known @ voice
    best = int(np.argmax(likeness))
    return best if likeness[best] >= threshold else None


def _nearest(likeness: npt.NDArray[np.float64], chain: Sequence[int]) -> int:
    """The nearest other cluster; of equal ones the one before in the chain, so that chains of equals end."""
    nearest = int(np.argmax(likeness))
    if len(chain) > 1 and likeness[chain[-2]] >= likeness[nearest]:
        return chain[-2]
    return nearest


def _merge(likeness: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64], kept: int, gone: int) -> None:
    """Mean cosines of the merged cluster to all others, in the row and the column of `kept`."""
    total = sizes[kept] + sizes[gone]
    mean = (sizes[kept] * likeness[kept] + sizes[gone] * likeness[gone]) / total
    mean[[kept, gone]] = -np.inf
    likeness[kept, :] = likeness[:, kept] = mean
    likeness[gone, :] = likeness[:, gone] = -np.inf
    sizes[kept] = total


def _by_appearance(labels: Labels) -> Labels:
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    renamed: Labels = order[numbers].astype(np.int64)
    return renamed
