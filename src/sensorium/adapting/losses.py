"""What training makes small, each with its gradient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sensorium.encoders.adapters import Array

Groups = npt.NDArray[np.int64]
"""int64 [n]: rows of the same number are the same text, or the same picture."""


def belonging(texts: tuple[Groups, Groups], pictures: tuple[Groups, Groups]) -> npt.NDArray[np.bool_]:
    """bool [texts, pictures]: which belong together, by the text or by the picture that they share.

    Each side is given as (text of each pair, picture of each pair), so that a title that several pictures have is right
    for all of them, and so is every title of one picture.

    >>> one, other = np.array([0, 0, 1]), np.array([0, 1, 2])
    >>> belonging((one, other), (one, other)).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    """
    same_text = texts[0][:, None] == pictures[0][None, :]
    return np.asarray(same_text | (texts[1][:, None] == pictures[1][None, :]))


def multi_positive(likeness: Array, right: npt.NDArray[np.bool_], scale: float) -> tuple[float, Array]:
    """InfoNCE in both directions where a row may have several right columns, each of them to be found.

    likeness: cosines [texts, pictures]. right: bool of the same shape, with at least one True in each row and each
    column. scale: inverse temperature. Returns the loss, 0 at best, and its gradient by `likeness`. InfoNCE: van den
    Oord et al. 2018; both ways: Radford et al. 2021; several right answers: L_out of Khosla et al. 2020.

    >>> loss, gradient = multi_positive(np.eye(2), np.eye(2, dtype=bool), scale=0.0)
    >>> round(loss, 4), bool(gradient.any())
    (0.6931, False)
    """
    one, its = _one_way(scale * likeness, right)
    other, theirs = _one_way(scale * likeness.T, right.T)
    return (one + other) / 2, scale * (its + theirs.T) / 2


def staying(unit: Array, base: Array) -> tuple[float, Array]:
    """How far unit rows went from where they were: the mean squared distance, 0 to 4, and its gradient by `unit`.

    Learning without forgetting (Li and Hoiem 2016), on vectors: for questions of other domains the base is right.
    """
    distance = 2 - 2 * float((unit * base).sum()) / len(base)
    return distance, -2 * base / len(base)


def _one_way(logits: Array, right: npt.NDArray[np.bool_]) -> tuple[float, Array]:
    """The mean cross entropy of rows against their right columns, and its gradient by `logits`."""
    logits = logits - logits.max(axis=1, keepdims=True)
    odds = np.exp(logits)
    sums = odds.sum(axis=1, keepdims=True)
    share = right / right.sum(axis=1, keepdims=True)
    loss = -float((share * (logits - np.log(sums))).sum()) / len(logits)
    return loss, np.asarray((odds / sums - share) / len(logits), dtype=logits.dtype)
