"""Batches of pairs that are easily taken for each other: negatives mined from the pairs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sensorium.adapting.losses import Groups, belonging
from sensorium.encoders.adapters import Array

ROWS_AT_ONCE = 256
"""Texts that are compared with all pictures at once: bounds memory, 4 bytes a pair and row."""

HARDEST = 4
"""Of so many nearest wrong pictures of a text one is drawn: always the nearest would be the same few, and often one
that fits as well."""


@dataclass(frozen=True, slots=True)
class Negatives:
    """What belongs together, so that it is no negative of each other. text_of, picture_of: as in `learn.Pairs`."""

    text_of: Groups = field(repr=False)
    picture_of: Groups = field(repr=False)

    def nearest(self, texts: Array, pictures: Array) -> Groups:
        """int64 [n, up to HARDEST]: for each pair others, whose pictures lie nearest to its text and are wrong."""
        depth = min(HARDEST, len(texts))
        found = []
        for start in range(0, len(texts), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            likeness = texts[part] @ pictures.T
            own = (self.text_of[part], self.picture_of[part])
            likeness[belonging(own, (self.text_of, self.picture_of))] = -np.inf
            found.append(np.argpartition(-likeness, depth - 1, axis=1)[:, :depth])
        return np.concatenate(found)


def batches(
    texts: Array, pictures: Array, negatives: Negatives, size: int, random: np.random.Generator
) -> Iterator[Groups]:
    """All pairs in batches of at most `size`, each pair once, with its hard negatives beside it where that goes.

    texts, pictures: [n, width], as the model has them now. Where all fit into one batch, everything is a negative of
    everything, and nothing is mined.

    >>> rows = np.eye(4)
    >>> groups = np.arange(4)
    >>> mined = list(batches(rows, rows, Negatives(groups, groups), 2, np.random.default_rng(0)))
    >>> len(mined), sorted(np.concatenate(mined).tolist())
    (2, [0, 1, 2, 3])
    """
    order = random.permutation(len(texts))
    if len(order) <= size:
        yield order
        return
    nearest = negatives.nearest(texts, pictures)
    drawn = nearest[np.arange(len(texts)), random.integers(0, nearest.shape[1], len(texts))]
    beside = np.stack([order, drawn[order]], axis=1).ravel()
    _, first = np.unique(beside, return_index=True)
    mixed = beside[np.sort(first)]
    for start in range(0, len(mixed), size):
        yield mixed[start : start + size]
