"""From raw inner products to scores that can stand in one list."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the raw inner product of one pair of modalities becomes a score of 0..1 (Platt 1999).

    mean, deviation: of the raw inner products of random pairs. slope, bias: of the logistic curve over the
    standardised product, fitted on judged pairs.

    >>> Calibration(mean=0.1, deviation=0.2, slope=2.0, bias=-1.0).score(0.2)
    0.5
    """

    mean: float
    deviation: float
    slope: float
    bias: float

    def standardised(self, raw: float) -> float:
        """How many deviations `raw` lies above that of a random pair."""
        return (raw - self.mean) / self.deviation

    def score(self, raw: float) -> float:
        """`1 / (1 + exp(-(slope * z + bias)))`, computed without overflow."""
        return logistic(self.slope * self.standardised(raw) + self.bias)


def logistic(x: float) -> float:
    """The logistic function, 0..1, for any finite x.

    >>> logistic(0.0), round(logistic(-800.0), 6)
    (0.5, 0.0)
    """
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    odds = math.exp(x)
    return odds / (1.0 + odds)
