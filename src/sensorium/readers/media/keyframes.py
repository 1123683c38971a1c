"""Chooses the pictures that stand for a shot: sharp ones, and as many as the shot has different things to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from sensorium.readers.media.shots import Small

SLOT_SECONDS = 0.5
MOST_SLOTS = 12
"""One candidate is kept for each slot of a shot; when there are too many, slots are joined two by two."""

SHARPER = 1.2
"""By how much a frame must be sharper to take the place of an earlier one. Blur costs more than this; without it the
emptiest moment of every slot would win, since what moves is never quite sharp."""

EDGE_SECONDS = 0.2
"""So close to a cut frames are often mixed with the other shot, or smeared by the encoder."""

SECONDS_OF_FRAME = 3.0
"""A shot may have one more key frame for each of these."""

CELLS = 6, 8
"""Rows and columns of the grid in which change is looked for: what comes into a picture is often small."""

CHANGED_CELLS = 8
"""The sixth of them that changed most says how much changed."""

LEAST_CHANGE = 30.0
"""How much a further key frame must differ from those chosen already, as `change` measures it."""

FLAT = 3.0
"""Standard deviation of grey below which a frame shows nothing: black, white, or the middle of a fade."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that may stand for its shot. seconds: its time. sharpness: as `sharpness` says. picture: upright RGB."""

    seconds: float
    sharpness: float
    small: Small = field(repr=False)
    picture: Image.Image = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A picture and the stretch of its shot that it stands for."""

    candidate: Candidate
    seconds: tuple[float, float]


def sharpness(grey: npt.NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of a grey picture [height, width] (Pech-Pacheco et al. 2000).

    >>> checks = np.indices((8, 8)).sum(0) % 2 * 255
    >>> sharpness(checks.astype(np.uint8)) > sharpness(np.full((8, 8), 9, np.uint8))
    True
    """
    tall = grey.astype(np.float32)
    if min(tall.shape) < 3:
        return 0.0
    inner = 4 * tall[1:-1, 1:-1] - tall[:-2, 1:-1] - tall[2:, 1:-1] - tall[1:-1, :-2] - tall[1:-1, 2:]
    return float(inner.var())


def change(one: Small, other: Small) -> float:
    """How much the most changed parts of two frames differ: the mean over their cells, 0..765.

    >>> blank = np.zeros((3, 36, 64), np.int16)
    >>> spot = blank.copy(); spot[0, :12, :16] = 100
    >>> change(blank, spot)
    50.0
    """
    apart = np.abs(one - other).sum(0)
    rows, columns = CELLS
    cells = apart.reshape(rows, apart.shape[0] // rows, columns, apart.shape[1] // columns).mean((1, 3))
    return float(np.sort(cells, axis=None)[-CHANGED_CELLS:].mean())


class Gathering:
    """The candidates of the shot that is running, never more than `MOST_SLOTS`."""

    def __init__(self, start: float) -> None:
        self.start = start
        self._slot = SLOT_SECONDS
        self._kept: list[Candidate] = []

    def add(self, seconds: float, sharp: float, small: Small, make: Callable[[], Image.Image]) -> None:
        """Keeps the frame if it is clearly the sharpest of its slot; only then the picture is made."""
        last = self._kept[-1] if self._kept else None
        if last is not None and self._number(last.seconds) == self._number(seconds):
            if last.sharpness * SHARPER >= sharp:
                return
            self._kept.pop()
        self._kept.append(Candidate(seconds, sharp, small, make()))
        while len(self._kept) > MOST_SLOTS:
            self._slot *= 2
            self._kept = self._sharpest_of_slots()

    def split(self, cut: float) -> tuple[list[Candidate], Gathering]:
        """The candidates before the cut, and the gathering of the shot that begins there."""
        following = Gathering(cut)
        following._kept = [entry for entry in self._kept if entry.seconds >= cut]
        return [entry for entry in self._kept if entry.seconds < cut], following

    def _number(self, seconds: float) -> int:
        return int((seconds - self.start) / self._slot)

    def _sharpest_of_slots(self) -> list[Candidate]:
        best: dict[int, Candidate] = {}
        for entry in self._kept:
            number = self._number(entry.seconds)
            if number not in best or entry.sharpness > SHARPER * best[number].sharpness:
                best[number] = entry
        return list(best.values())


def choose(candidates: Sequence[Candidate], start: float, stop: float, most: int) -> tuple[KeyFrame, ...]:
    """The key frames of the shot [start, stop) in order, from one to `most`; their stretches tile it.

    The sharpest comes first; then, while the shot is long enough for one more, the one that differs most from those
    chosen, if it differs enough. None for a shot without candidates.
    """
    inner = [entry for entry in candidates if start + EDGE_SECONDS <= entry.seconds <= stop - EDGE_SECONDS]
    inner = inner or list(candidates)
    if not inner:
        return ()
    chosen = [max(inner, key=lambda entry: entry.sharpness)]
    allowed = min(most, 1 + int((stop - start) / SECONDS_OF_FRAME))
    while len(chosen) < allowed:
        distances = [min(change(entry.small, other.small) for other in chosen) for entry in inner]
        farthest = int(np.argmax(distances))
        if distances[farthest] < LEAST_CHANGE:
            break
        chosen.append(inner[farthest])
    return tuple(_tiled(sorted(chosen, key=lambda entry: entry.seconds), start, stop))


def _tiled(chosen: Sequence[Candidate], start: float, stop: float) -> Iterator[KeyFrame]:
    """Borders half-way between neighbours."""
    times = [entry.seconds for entry in chosen]
    borders = [start, *(round((one + two) / 2, 3) for one, two in pairwise(times)), stop]
    for entry, interval in zip(chosen, pairwise(borders), strict=True):
        yield KeyFrame(entry, interval)
