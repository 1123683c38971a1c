"""How well voices are told apart: errors of "is this the same person", and how clean clusters of voices are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Likeness = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualError:
    """The threshold at which as large a share of the same is missed as of others is let in, and that share."""

    rate: float
    threshold: float


def equal_error(same: Likeness, other: Likeness) -> EqualError:
    """The equal error rate of a verification. same, other: likenesses of pairs of one person and of two, [n], [m].

    >>> equal_error(np.array([0.9, 0.8, 0.4, 0.7]), np.array([0.1, 0.2, 0.6, 0.3]))
    EqualError(rate=0.25, threshold=0.6)
    """
    thresholds = np.unique(np.concatenate([same, other]))
    missed = np.searchsorted(np.sort(same), thresholds, side="left") / len(same)
    let_in = 1 - np.searchsorted(np.sort(other), thresholds, side="left") / len(other)
    best = int(np.argmin(np.abs(missed - let_in)))
    return EqualError(rate=float(missed[best] + let_in[best]) / 2, threshold=float(thresholds[best]))


def purity(labels: Sequence[int], people: Sequence[str]) -> float:
    """Share of utterances whose cluster is mostly of their speaker: 1 where no cluster mixes two people.

    >>> purity([0, 0, 1, 1], ["a", "a", "a", "b"])
    0.75
    """
    return _largest(list(labels), list(people)) / len(labels)


def coverage(labels: Sequence[int], people: Sequence[str]) -> float:
    """Share of utterances that lie in the largest cluster of their speaker: 1 where nobody is cut in two.

    >>> coverage([0, 0, 1, 1], ["a", "a", "a", "b"])
    0.75
    """
    return _largest(list(people), list(labels)) / len(labels)


def _largest(groups: Sequence[object], members: Sequence[object]) -> int:
    """Over all groups, how often their commonest member occurs."""
    counts: dict[object, dict[object, int]] = {}
    for group, member in zip(groups, members, strict=True):
        of_group = counts.setdefault(group, {})
        of_group[member] = of_group.get(member, 0) + 1
    return sum(max(of_group.values()) for of_group in counts.values())
