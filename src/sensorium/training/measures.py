"""How well captions and pictures find each other: the figures that choices are made by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
DEPTHS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Recalls:
    """Shares of queries with a right answer among the first 1, 5 and 10, any-hit, in percent."""

    first: float
    five: float
    ten: float

    def __str__(self) -> str:
        return f"{self.first:.1f}/{self.five:.1f}/{self.ten:.1f}"


def recalls(similarities: Floats, right: npt.NDArray[np.bool_]) -> Recalls:
    """Any-hit recall of rows over columns; ties count against the right answer.

    similarities: float32 [queries, gallery]. right: bool of the same shape, at least one True a row.

    >>> str(recalls(np.array([[0.9, 0.1], [0.8, 0.2]], np.float32), np.eye(2, dtype=bool)))
    '50.0/100.0/100.0'
    """
    best = np.where(right, similarities, -np.inf).max(axis=1, keepdims=True)
    ahead = ((similarities >= best) & ~right).sum(axis=1)
    return Recalls(*(100.0 * float(np.mean(ahead < depth)) for depth in DEPTHS))


def both_ways(texts: Floats, pictures: Floats, picture_of_caption: Sequence[int]) -> tuple[Recalls, Recalls]:
    """Recall of captions finding their picture (t2i) and of pictures finding one of their captions (i2t)."""
    similarities = texts @ pictures.T
    right = np.asarray(picture_of_caption)[:, None] == np.arange(len(pictures))[None, :]
    return recalls(similarities, right), recalls(similarities.T, right.T)


def neighbour_overlap(vectors: Floats, reference: Floats, depth: int = 10) -> float:
    """Mean share, 0..1, of each row's `depth` nearest rows in `reference` that are also its nearest in `vectors`."""
    ours, theirs = (_nearest(rows, depth) for rows in (vectors, reference))
    return float(np.mean([len(set(a) & set(b)) / depth for a, b in zip(ours, theirs, strict=True)]))


def label_precision(vectors: Floats, labels: Sequence[str], depth: int = 10) -> float:
    """Mean share, 0..1, of each row's `depth` nearest that carry its label; of labels with more than `depth` rows."""
    names = np.asarray(labels)
    nearest = _nearest(vectors, depth)
    counted = [row for row, name in enumerate(names) if np.sum(names == name) > depth]
    return float(np.mean([np.mean(names[nearest[row]] == names[row]) for row in counted]))


def _nearest(vectors: Floats, depth: int) -> npt.NDArray[np.int64]:
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1, kind="stable")[:, :depth]
