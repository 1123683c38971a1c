"""Whether a difference is more than luck: a randomisation test, and a correction for having looked often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sensorium.evaluation.intervals import Values

PERMUTATIONS = 10_000
SIGNS_AT_ONCE = 256

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less, as a share of all that is summed."""


def sign_flip_p(sums: Values, *, permutations: int = PERMUTATIONS, seed: int = 0) -> Values:
    """The chance, for each column, that a sum as far from 0 as the one seen comes of luck alone (two-sided).

    Were two systems equal, each cluster's difference could as well have had the other sign. All ways to set the signs
    are tried where they are not more than `permutations`; else so many are drawn, and the one seen counts as one more.

    sums: float64 [clusters, columns], differences summed over each cluster.

    Fisher 1935, The Design of Experiments; for retrieval Smucker, Allan and Carterette 2007, CIKM.

    By hand: signs of (1, 1, 1) give sums of 3, 1, -1 or -3; two of eight are as far from 0 as 3.

    >>> sign_flip_p(np.ones((3, 1)))
    array([0.25])
    """
    if sums.ndim != 2 or not sums.size or not np.isfinite(sums).all():
        raise ValueError(f"expected finite sums [clusters, columns], got {sums.shape}")
    seen = np.abs(sums.sum(axis=0)) - ROUNDING * np.abs(sums).sum(axis=0)
    as_far, tried = np.zeros(sums.shape[1]), 0
    is_exact = 2 ** min(len(sums), 63) <= permutations
    for signs in _every_sign(len(sums)) if is_exact else _drawn_signs(len(sums), permutations, seed):
        as_far += np.count_nonzero(np.abs(signs @ sums) >= seen, axis=0)
        tried += len(signs)
    return as_far / tried if is_exact else (as_far + 1) / (tried + 1)


def holm(chances: Sequence[float]) -> list[float]:
    """Each chance, corrected so that the chance of even one false finding among them stays what it says.

    Holm 1979, Scandinavian Journal of Statistics 6(2).

    By hand: sorted 0.01, 0.03, 0.04, times 3, 2 and 1: 0.03, 0.06 and 0.04, which may not fall below 0.06.

    >>> [round(p, 2) for p in holm([0.04, 0.01, 0.03])]
    [0.06, 0.03, 0.06]
    """
    corrected, least = [0.0] * len(chances), 0.0
    for place, position in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        least = max(least, min(1.0, (len(chances) - place) * chances[position]))
        corrected[position] = least
    return corrected


def _every_sign(count: int) -> Iterator[npt.NDArray[np.float64]]:
    """float64 [2 ** count, count] of 1 and -1."""
    numbers = np.arange(2**count)[:, np.newaxis]
    yield np.where((numbers >> np.arange(count)) & 1, -1.0, 1.0)


def _drawn_signs(count: int, permutations: int, seed: int) -> Iterator[npt.NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    for start in range(0, permutations, SIGNS_AT_ONCE):
        rows = min(SIGNS_AT_ONCE, permutations - start)
        yield np.where(random.random((rows, count)) < 0.5, -1.0, 1.0)
