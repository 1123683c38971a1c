"""From raw scores to scores that can stand in one list."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

SMALLEST = 10
"""The tenth of `gallery` below which scores rise no more."""

RISE = 1 / 4
"""How fast a cut rises with the pieces: chosen on kept-out pictures, where the share of false alarms then
changes least between 100 and 6,000 pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the raw score of one pair of modalities becomes the share of right answers among such pairs, 0..1.

    mean, deviation: of the raw inner products of random pairs. slope, bias: of the logistic curve over the
    standardised score (Platt 1999). knots: (standardised score, correction) from low to high; the corrections are
    added to the line's log-odds, straight between two knots and constant beyond the outer ones, which holds what
    isotonic regression found. A curve rises everywhere, so it changes no order within its pair.
    gallery: among how many pieces these shares were found; 0 where nobody knows, then the size of a library changes
    nothing. cut: the score from which a hit among so many is said to match; 0 where none was fitted.

    A question is taken to have as many right answers in a large library as in a small one, so among twice the pieces
    the odds of each are half (Elkan 2001, IJCAI). Below a tenth of `gallery` they rise no more.

    Raises ValueError for a curve that does not rise, and for a cut that is no score.

    >>> Calibration(mean=0.1, deviation=0.2, slope=2.0, bias=-1.0).score(0.2)
    0.5
    """

    mean: float
    deviation: float
    slope: float
    bias: float
    knots: tuple[tuple[float, float], ...] = ()
    gallery: int = 0
    cut: float = 0.0

    def __post_init__(self) -> None:
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(self.knots, self.knots[1:], strict=False)]
        if not (self.deviation > 0 and self.slope > 0 and all(z > 0 and self.slope * z + up > 0 for z, up in steps)):
            raise ValueError("a calibration curve has to rise everywhere")
        if not 0 <= self.cut <= 1:
            raise ValueError(f"a cut is a score of 0..1, got {self.cut}")
        if self.gallery < 0:
            raise ValueError(f"a gallery has no {self.gallery} pieces")

    def standardised(self, raw: float) -> float:
        """How many deviations `raw` lies above that of a random pair."""
        return (raw - self.mean) / self.deviation

    def log_odds(self, standardised: float) -> float:
        """The logarithm of the odds that such a pair is right.

        By hand: halfway between the knots half of the correction is added, so 1 * 1 + 0 + 0.5.

        >>> Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, knots=((0.0, 0.0), (2.0, 1.0))).log_odds(1.0)
        1.5
        """
        return self.slope * standardised + self.bias + self._correction(standardised)

    def shift(self, pieces: int) -> float:
        """What is added to the log-odds where that many pieces were looked at; 0 for 0: nothing is known of them.

        >>> curve = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, gallery=1000)
        >>> round(curve.shift(2000), 6), curve.shift(1000), curve.shift(1) == curve.shift(100)
        (-0.693147, 0.0, True)
        """
        if not (self.gallery and pieces):
            return 0.0
        return math.log(self.gallery / max(pieces, self.gallery / SMALLEST))

    def score(self, raw: float, pieces: int = 0) -> float:
        """`1 / (1 + exp(-(log_odds + shift)))`, computed without overflow. pieces: how many were looked at."""
        return self.judge(pieces)(raw)[0]

    def least_odds(self, pieces: int) -> float:
        """The log-odds, before the shift, from which a hit matches: they rise with the pieces, as chance hits do."""
        return logit(self.cut) - RISE * self.shift(pieces)

    def matches(self, raw: float, pieces: int = 0) -> bool:
        """Whether `raw` reaches the cut among that many pieces."""
        return self.judge(pieces)(raw)[1]

    def judge(self, pieces: int = 0) -> Callable[[float], tuple[float, bool]]:
        """`score` and `matches` of raw scores among that many pieces: what all of them share is worked out once.

        >>> curve = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, cut=0.5)
        >>> curve.judge(10)(0.0), curve.judge(10)(-0.1)[1]
        ((0.5, True), False)
        """
        shift, least = self.shift(pieces), self.least_odds(pieces)

        def judged(raw: float) -> tuple[float, bool]:
            odds = self.log_odds(self.standardised(raw))
            return logistic(odds + shift), odds >= least

        return judged

    def _correction(self, z: float) -> float:
        if not self.knots:
            return 0.0
        right = bisect_right(self.knots, z, key=lambda knot: knot[0])
        if right in (0, len(self.knots)):
            return self.knots[min(right, len(self.knots) - 1)][1]
        (left_z, left), (right_z, up) = self.knots[right - 1], self.knots[right]
        return left + (up - left) * (z - left_z) / (right_z - left_z)


def logistic(x: float) -> float:
    """The logistic function, 0..1, for any x.

    >>> logistic(0.0), round(logistic(-800.0), 6)
    (0.5, 0.0)
    """
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    odds = math.exp(x)
    return odds / (1.0 + odds)


def logit(share: float) -> float:
    """The inverse of `logistic`: -inf for 0, inf for 1.

    >>> logit(0.5), logit(0.0)
    (0.0, -inf)
    """
    if share in (0.0, 1.0):
        return math.copysign(math.inf, share - 0.5)
    return math.log(share) - math.log1p(-share)
