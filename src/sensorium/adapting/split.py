"""Pairs in three parts: to learn from, to stop by, and kept out for the gate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from sensorium.adapting.learn import Pairs
from sensorium.adapting.losses import Groups

SHARE = 0.15
"""Of all pairs, for each of the two parts that nothing is learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Rows of each part, in order."""

    learned: Groups
    judged: Groups
    kept_out: Groups


def split(pairs: Pairs, seed: int) -> Parts:
    """Each pair to one part. Pairs that share a text or a picture, or share one with a third, go together.

    Fewer than `FEWEST_TO_SPLIT` pairs are all to learn from, which is then too few for anything.
    """
    groups = together(pairs)
    names, sizes = np.unique(groups, return_counts=True)
    order = np.argsort([hashlib.sha256(f"{seed} {name}".encode()).hexdigest() for name in names.tolist()])
    wanted = SHARE * len(pairs) if len(pairs) >= FEWEST_TO_SPLIT else 0
    before = np.cumsum(sizes[order]) - sizes[order]  # pairs of all groups that come before
    part_of = np.empty(len(names), dtype=np.int64)
    part_of[order] = np.where(before < wanted, 2, np.where(before < 2 * wanted, 1, 0))
    of_pairs = part_of[np.searchsorted(names, groups)]
    learned, judged, kept_out = (np.flatnonzero(of_pairs == part) for part in range(3))
    return Parts(learned=learned, judged=judged, kept_out=kept_out)


FEWEST_TO_SPLIT = 12


def together(pairs: Pairs) -> Groups:
    """int64 [n]: a number for each pair, equal for those that are joined by texts and pictures.

    >>> vectors = np.eye(3, dtype=np.float32)
    >>> chain = Pairs(texts=vectors, pictures=vectors, text_of=np.array([0, 0, 1]), picture_of=np.array([0, 1, 1]))
    >>> together(chain).tolist()
    [0, 0, 0]
    """
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for text, picture in zip(pairs.text_of.tolist(), pairs.picture_of.tolist(), strict=True):
        parent[root(("picture", picture))] = root(("text", text))
    roots = [root(("text", text)) for text in pairs.text_of.tolist()]
    number = {node: position for position, node in enumerate(dict.fromkeys(roots))}
    return np.array([number[node] for node in roots], dtype=np.int64)
