"""How well moments of films are found: the right stretch of the right film, and a place to press play.

A moment is a stretch of media time of one film. What is found is compared to what is right by temporal IoU, and R@k at
IoU m says for how many queries one of the first k moments reaches m: Gao, Sun, Yang and Nevatia 2017, ICCV, "TALL:
Temporal Activity Localization via Language Query"; Hendricks, Wang, Shechtman, Sivic, Darrell and Russell 2017, ICCV,
"Localizing Moments in Video with Natural Language". There the film is given; here it has to be found as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensorium.evaluation.intervals import Interval, Values, cluster_bootstrap
from sensorium.evaluation.reports import cluster_numbers

NEAR = 2.0
"""Seconds: who presses play no further than this from a moment sees it."""

SLACK = 1e-9
"""IoUs and distances this close to their bounds reach them: seconds are sums of fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A half-open stretch `[start, end)` of a film, in seconds. film: its id. Raises ValueError when end < start.

    A picture that a film shows at one instant is a moment of no length.
    """

    film: str
    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a moment must satisfy 0 <= start <= end, got {self.start} and {self.end}")


def temporal_iou(one: Moment, other: Moment) -> float:
    """What two moments share, as a share of what they cover together: 0..1; 0 in different films.

    By hand: of 0-4 and 2-8 the seconds 2-4 are shared, and 0-8 are covered.

    >>> temporal_iou(Moment(film="a", start=0, end=4), Moment(film="a", start=2, end=8))
    0.25
    >>> temporal_iou(Moment(film="a", start=0, end=4), Moment(film="b", start=0, end=4))
    0.0
    """
    if one.film != other.film:
        return 0.0
    shared = min(one.end, other.end) - max(one.start, other.start)
    covered = max(one.end, other.end) - min(one.start, other.start)
    return max(0.0, shared) / covered if covered > 0 else 1.0


def is_near(found: Moment, right: Moment, seconds: float = NEAR) -> bool:
    """Whether pressing play at the start of what was found shows the right moment, or does within some seconds.

    The start has to lie in the moment, or no further than `seconds` before it or after it.

    >>> right = Moment(film="a", start=10, end=14)
    >>> [is_near(Moment(film="a", start=start, end=90), right) for start in (7.9, 8.0, 13.0, 16.0, 16.1)]
    [False, True, True, True, False]
    """
    if found.film != right.film:
        return False
    return right.start - seconds - SLACK <= found.start <= right.end + seconds + SLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMoment:
    """One query with what was found.

    kind: what the moments can be known by ("speech", "sound"). right: all moments that answer it, at least one.
    found: best first. cluster: queries of one cluster rise and fall together; by default each stands alone.
    """

    id: str
    kind: str
    right: tuple[Moment, ...]
    found: tuple[Moment, ...]
    cluster: str = ""

    def __post_init__(self) -> None:
        if not self.right:
            raise ValueError(f"no moment answers {self.id}")

    def reaches(self, iou: float, k: int = 1) -> bool:
        """Whether one of the first k moments has this IoU, or a higher one, with a right one.

        >>> right, found = Moment(film="a", start=0, end=4), Moment(film="a", start=1, end=4)
        >>> asked = AskedMoment(id="q", kind="speech", right=(right,), found=(found,))
        >>> asked.reaches(0.7), asked.reaches(0.8)
        (True, False)
        """
        return any(temporal_iou(found, right) >= iou - SLACK for found in self.found[:k] for right in self.right)

    def plays(self, k: int = 1) -> bool:
        """Whether one of the first k moments is near to a right one: see `is_near`."""
        return any(is_near(found, right) for found in self.found[:k] for right in self.right)

    def finds_film(self, k: int = 1) -> bool:
        """Whether one of the first k moments is at least of a right film."""
        return any(found.film == right.film for found in self.found[:k] for right in self.right)


MEASURES: Mapping[str, Callable[[AskedMoment], bool]] = {
    "R@1, IoU 0.5": lambda asked: asked.reaches(0.5),
    "R@1, IoU 0.7": lambda asked: asked.reaches(0.7),
    "R@5, IoU 0.5": lambda asked: asked.reaches(0.5, 5),
    "hit within 2 s": lambda asked: asked.plays(),
    "right film": lambda asked: asked.finds_film(),
}
"""What is told of moments, by name: for each query whether it is so."""


def moment_figures(asked: Sequence[AskedMoment]) -> dict[str, Interval]:
    """The share of queries for which each of MEASURES holds, 0..1, with 95 % intervals by the bootstrap over clusters.

    By hand: of two queries one finds its moment exactly, the other only its film.

    >>> one = Moment(film="a", start=0, end=4)
    >>> late = Moment(film="a", start=20, end=24)
    >>> asked = [
    ...     AskedMoment(id="1", kind="sound", right=(one,), found=(one,)),
    ...     AskedMoment(id="2", kind="sound", right=(one,), found=(late,)),
    ... ]
    >>> {name: figure.mean for name, figure in moment_figures(asked).items()}
    {'R@1, IoU 0.5': 0.5, 'R@1, IoU 0.7': 0.5, 'R@5, IoU 0.5': 0.5, 'hit within 2 s': 0.5, 'right film': 1.0}
    """
    clusters = cluster_numbers([query.cluster or query.id for query in asked])

    def values(holds: Callable[[AskedMoment], bool]) -> Values:
        return np.array([holds(query) for query in asked], dtype=np.float64)

    return {name: cluster_bootstrap(values(holds), clusters) for name, holds in MEASURES.items()}


def by_kind(asked: Sequence[AskedMoment]) -> dict[str, list[AskedMoment]]:
    """The queries of each kind, kinds in the order in which they come."""
    kinds: dict[str, list[AskedMoment]] = {}
    for query in asked:
        kinds.setdefault(query.kind, []).append(query)
    return kinds
