"""How far a figure may be from what another sample of the same kind would give: intervals by the bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
"""float64 [n]: what one measure gave for each query."""

Clusters = npt.NDArray[np.int64]
"""int [n]: the cluster that each value belongs to, in any numbering."""

ROUNDS = 1_000
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean and the two ends between which it lies with some confidence; low <= high."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def cluster_bootstrap(
    values: Values, clusters: Clusters, *, rounds: int = ROUNDS, seed: int = 0, level: float = LEVEL
) -> Interval:
    """The mean of `values` with its interval by the percentile bootstrap over whole clusters.

    Values of one cluster (five captions of one picture) rise and fall together, so whole clusters are drawn, with
    replacement and as many as there are, and the mean is taken of all values in them. Values that stand alone have a
    cluster each. Where all clusters agree, one cluster alone among them, the interval has no width: then it tells
    nothing about other data.

    values: float64 [n], finite, n >= 1. clusters: int [n]. rounds: samples drawn. seed: same seed, same interval.
    level: share of the samples' means between `low` and `high`, 0..1. Raises ValueError.

    Efron 1979, Annals of Statistics 7(1); Field and Welsh 2007, Journal of the Royal Statistical Society B 69(3).

    By hand: two clusters of equal size with means 0 and 1 give samples of mean 0, 1/2 and 1, one in four below 1/2.

    >>> print(cluster_bootstrap(np.array([0.0, 0.0, 1.0, 1.0]), np.array([7, 7, 9, 9])))
    0.500 [0.000, 1.000]
    """
    sums, sizes = cluster_sums(values, clusters)
    if rounds < 1 or not 0 < level < 1:
        raise ValueError(f"expected rounds >= 1 and a level between 0 and 1, got {rounds} and {level}")
    draw = drawn(len(sums), seed)
    means = []
    for _ in range(rounds):
        picked = draw()
        means.append(float(sums[picked].sum() / sizes[picked].sum()))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean=float(values.mean()), low=float(low), high=float(high))


def cluster_sums(values: Values, clusters: Clusters) -> tuple[Values, npt.NDArray[np.int64]]:
    """The sum and the number of the values of each cluster, by rising number of the cluster. Raises ValueError.

    >>> cluster_sums(np.array([1.0, 2.0, 4.0]), np.array([5, 3, 5]))
    (array([2., 5.]), array([1, 2]))
    """
    if values.ndim != 1 or values.shape != clusters.shape or values.size == 0:
        raise ValueError(f"expected values and clusters [n], n >= 1, got {values.shape} and {clusters.shape}")
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite; a mean of such values says nothing")
    _, numbers = np.unique(clusters, return_inverse=True)
    return np.bincount(numbers, weights=values).astype(np.float64), np.bincount(numbers).astype(np.int64)


def drawn(count: int, seed: int) -> Callable[[], npt.NDArray[np.int64]]:
    """Each call gives `count` numbers from 0 to `count` - 1, with replacement. Same seed, same sequence."""
    random = np.random.default_rng(seed)
    return lambda: random.integers(0, count, count)
