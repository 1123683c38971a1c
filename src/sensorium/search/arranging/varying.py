"""Diversity: a hit is set back for being like one that stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import logistic
from sensorium.core.candidates import Ranked
from sensorium.core.spaces import Vectors


def varied(hits: Sequence[Ranked], vectors: Mapping[int, Vectors], diversity: float) -> list[Ranked]:
    """The hits by maximal marginal relevance, band by band; 0 leaves them as they stand.

    At each place stands the hit with the greatest `(1 - diversity) * relevance - diversity * likeness`, where relevance
    is the probability it is ordered by as a share of the greatest one, so that it weighs as much as likeness where all
    are improbable, and likeness the largest cosine, 0 at least, to a hit above (Carbonell and Goldstein, "The use of
    MMR, diversity-based reranking", SIGIR 1998). vectors: unit length, by the key of the piece; what has none is like
    nothing.
    """
    if diversity == 0 or not hits:
        return list(hits)
    likeness = _likeness(hits, vectors)
    relevance = np.array([logistic(hit.strength) for hit in hits])
    relevance /= relevance.max()
    most = np.zeros(len(hits))
    order: list[int] = []
    for _, band in groupby(range(len(hits)), key=lambda number: hits[number].band):
        left = list(band)
        while left:
            worth = (1 - diversity) * relevance[left] - diversity * most[left]
            chosen = left.pop(int(worth.argmax()))
            order.append(chosen)
            most = np.maximum(most, likeness[chosen])
    return [hits[number] for number in order]


def _likeness(hits: Sequence[Ranked], vectors: Mapping[int, Vectors]) -> npt.NDArray[np.float64]:
    """float64 [n, n]: the cosines of each two, 0 where it is less or one has no vector."""
    width = next((len(vector) for vector in vectors.values()), 1)
    nothing = np.zeros(width, dtype=np.float32)
    rows = np.stack([vectors.get(hit.found.key, nothing) for hit in hits]).astype(np.float64)
    return np.clip(rows @ rows.T, 0.0, 1.0)
