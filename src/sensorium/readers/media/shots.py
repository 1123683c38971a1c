"""Finds the cuts of a film: hard cuts, and dissolves and fades, from its frames made very small.

Hard cuts after the adaptive detector of PySceneDetect (BSD 3-Clause; `AdaptiveDetector` in its version 0.7): a frame
differs from the one before by much, and by several times as much as the frames around it do, so that a fast pan is no
cut. Differences are taken in luma and chroma, which decoders give, where PySceneDetect converts to hue and saturation.
Gradual ones by the twin comparison of Zhang, Kankanhalli and Smoliar (1993): two stretches that are each at rest and
differ from each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SMALL_WIDTH, SMALL_HEIGHT = 64, 36
"""Pixels of the frames that are compared. Averaging over so large cells is what makes noise and grain harmless."""

Small = npt.NDArray[np.int16]
"""int16 [3, SMALL_HEIGHT, SMALL_WIDTH]: luma and two chroma planes, 0..255."""

AROUND = 3
"""Frames on each side of a pair that say how much movement is usual here."""

LEAST_DIFFERENCE = 25.0
"""Mean difference of a pair, summed over the three planes, below which nothing is a cut."""

LEAST_RATIO = 2.0
"""How many times the usual movement a cut differs by. Of the 25 cuts, told by eye, of a war scene with whip pans,
gunfire and explosions, 23 are found, and one explosion besides; with 3.0, as PySceneDetect has it, 20."""

LASTING = 0.5
"""Share of the difference that is still there a few frames later; after a photographer's flash it is not."""

SHORTEST_SHOT = 0.4
"""Seconds. A cut that comes sooner after another is part of it."""

STEP_SECONDS = 0.25
"""Gradual transitions are looked for among frames this far apart."""

BRIDGE, REST = 4, 2
"""Steps over which a gradual transition happens, and steps before and after in which the film must be at rest."""

LEAST_CHANGE = 40.0
MOST_UNREST = 12.0
"""Difference of the two sides of a gradual transition, and the most that each side may differ from itself."""


def difference(one: Small, other: Small) -> float:
    """Mean absolute difference, summed over luma and both chromas: 0..765.

    >>> difference(np.zeros((3, 2, 2), np.int16), np.full((3, 2, 2), 5, np.int16))
    15.0
    """
    return float(np.abs(one - other).mean() * 3)


@dataclass(frozen=True, slots=True)
class _Seen:
    seconds: float
    small: Small
    change: float


class CutDetector:
    """Fed with frames in order, says where cuts are, some frames after them.

    >>> detector = CutDetector()
    >>> dark, light = np.zeros((3, 36, 64), np.int16), np.full((3, 36, 64), 90, np.int16)
    >>> [cut for i in range(20) for cut in detector.push(i / 10, dark if i < 10 else light)]
    [1.0]
    """

    def __init__(self) -> None:
        self._recent: deque[_Seen] = deque(maxlen=2 * AROUND + 2)
        self._steps: deque[_Seen] = deque(maxlen=BRIDGE + 2 * REST + 1)
        self._last = -np.inf

    def push(self, seconds: float, small: Small) -> Iterator[float]:
        """The seconds of the cuts that this frame confirms: of the first frame after each."""
        if not self._recent:
            self._last = seconds
        change = difference(small, self._recent[-1].small) if self._recent else 0.0
        self._recent.append(_Seen(seconds, small, change))
        cut = self._hard_cut()
        if cut is None and (not self._steps or seconds >= self._steps[-1].seconds + STEP_SECONDS):
            self._steps.append(_Seen(seconds, small, 0.0))
            cut = self._gradual_cut()
        if cut is not None and cut >= self._last + SHORTEST_SHOT:
            self._last = cut
            yield cut

    def _hard_cut(self) -> float | None:
        """Judges the pair in the middle of the recent frames."""
        frames = list(self._recent)
        if len(frames) < AROUND + 2:
            return None
        middle = len(frames) - 1 - AROUND
        change = frames[middle].change
        around = [frame.change for at, frame in enumerate(frames) if at not in (0, middle)]
        usual = sum(around) / len(around)
        if change < LEAST_DIFFERENCE or change < LEAST_RATIO * usual:
            return None
        before = frames[max(0, middle - 2)].small
        return frames[middle].seconds if difference(before, frames[-1].small) >= LASTING * change else None

    def _gradual_cut(self) -> float | None:
        """Judges the middle of the last steps; a hard cut within them has been found already."""
        steps = list(self._steps)
        if len(steps) < BRIDGE + 2 * REST + 1 or steps[0].seconds < self._last:
            return None
        before, after = steps[: REST + 1], steps[-REST - 1 :]
        unrest = max(difference(side[0].small, side[-1].small) for side in (before, after))
        if unrest > MOST_UNREST or difference(before[-1].small, after[0].small) < LEAST_CHANGE:
            return None
        return steps[len(steps) // 2].seconds
