"""Near duplicates, folded under the best of them: pictures by their fingerprints, texts by their words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from sensorium.core.attributes import folded as without_case
from sensorium.core.candidates import Ranked
from sensorium.core.fingerprints import FINGERPRINT, NEAR_BITS
from sensorium.core.items import Modality


def folded(above: Sequence[Ranked], hits: Sequence[Ranked]) -> tuple[list[Ranked], list[Ranked]]:
    """`above` and `hits` without near duplicates of what stands before them; each is kept by the one it is like.

    above: what stands before the hits and is folded already. A pinned hit is folded under none. What is folded is
    compared with heads alone, so that no chain of small differences joins what is not alike.
    """
    heads = _Heads()
    for hit in above:
        heads.add(hit)
    for hit in sorted(hits, key=lambda hit: not hit.pinned):
        heads.fold_or_add(hit)
    order = {hit.found.key: place for place, hit in enumerate([*above, *hits])}
    everything = sorted(heads.with_folds(), key=lambda hit: order[hit.found.key])
    return everything[: len(above)], everything[len(above) :]


class _Heads:
    """Hits that stand for themselves, and what is folded under each."""

    def __init__(self) -> None:
        self._hits: list[Ranked] = []
        self._folds: dict[int, list[Ranked]] = {}
        self._texts: dict[Hashable, int] = {}
        self._prints = np.empty(64, dtype=np.uint64)
        self._owners: list[int] = []

    def add(self, hit: Ranked) -> None:
        number = len(self._hits)
        self._hits.append(hit)
        self._folds[number] = []
        words = words_of(hit)
        if words:
            self._texts.setdefault(words, number)
        mark = fingerprint_of(hit)
        if mark is not None:
            if len(self._owners) == len(self._prints):
                self._prints = np.concatenate([self._prints, np.empty_like(self._prints)])
            self._prints[len(self._owners)] = mark
            self._owners.append(number)

    def fold_or_add(self, hit: Ranked) -> None:
        number = self._like(hit)
        if number is None or hit.pinned:
            self.add(hit)
        else:
            self._folds[number].append(hit)

    def with_folds(self) -> list[Ranked]:
        return [replace(hit, folded=(*hit.folded, *self._folds[number])) for number, hit in enumerate(self._hits)]

    def _like(self, hit: Ranked) -> int | None:
        """The number of the head that a hit is a near duplicate of: of several the nearest, then the first."""
        words, mark = words_of(hit), fingerprint_of(hit)
        if words:
            return self._texts.get(words)
        if mark is None or not self._owners:
            return None
        apart = np.bitwise_count(self._prints[: len(self._owners)] ^ mark)
        nearest = int(apart.argmin())
        return self._owners[nearest] if apart[nearest] <= NEAR_BITS else None


def words_of(hit: Ranked) -> str:
    """What two texts are compared by: their words without case, in one form of Unicode, blanks as one; "" for none."""
    piece = hit.found.piece
    return without_case(piece.text) if piece.modality is Modality.TEXT and piece.text else ""


def fingerprint_of(hit: Ranked) -> np.uint64 | None:
    """The fingerprint of a picture; None for what has none."""
    written = hit.found.piece.attributes.get(FINGERPRINT, "")
    return np.uint64(int(written, 16)) if written else None
