"""From inner products to scores: Platt's logistic curve for each pair of modalities."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import Calibration
from sensorium.training.heads import Floats
from sensorium.training.pairs import Pairs

Scalar = TypeVar("Scalar", bound=np.generic)

PRIOR = 0.01
"""Share of right answers among what is scored: provisional, since it belongs to the library that is asked."""


def platt(right: Floats, random: Floats, prior: float = PRIOR) -> Calibration:
    """The curve under which `right` and `random` raw scores, weighed prior : 1 - prior, are likeliest (Platt 1999).

    >>> curve = platt(np.float32([0.5, 0.6, 0.7, 0.3]), np.float32([0.0, 0.1, -0.1, 0.4]), prior=0.5)
    >>> curve.score(0.7) > 0.5 > curve.score(0.0)
    True
    """
    mean, deviation = float(random.mean()), float(random.std())
    z = (np.concatenate([right, random]).astype(np.float64) - mean) / deviation
    target = np.repeat([1.0, 0.0], [len(right), len(random)])
    weight = np.repeat([prior / len(right), (1 - prior) / len(random)], [len(right), len(random)])
    columns = np.stack([z, np.ones_like(z)], axis=1)
    ridge = np.diag([1e-6, 0.0])  # keeps the curve finite where the two kinds do not overlap
    theta = np.array([0.0, np.log(prior / (1 - prior))])
    for _ in range(100):
        share = 1 / (1 + np.exp(-columns @ theta))
        gradient = columns.T @ (weight * (share - target)) + ridge @ theta
        curvature = (columns * (weight * share * (1 - share))[:, None]).T @ columns + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), gradient)
        theta -= step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(mean=mean, deviation=deviation, slope=float(theta[0]), bias=float(theta[1]))


def calibrations(pairs: Pairs, texts: Floats, pictures: Floats, agreement: Floats) -> dict[str, Calibration]:
    """A curve for each pair of modalities, from pairs that training did not see.

    texts: vectors of `pairs.flat_captions`; pictures: of `pairs.pictures`. agreement: [n, n], how well the captions
    of two pictures agree; the best 0.2 % of all pairs count as pictures that show the same: a weak label.
    """
    owner = np.asarray(pairs.picture_of_caption)
    own = owner[:, None] == np.arange(len(pairs))[None, :]
    across = texts @ pictures.T
    crossed = platt(across[own], across[~own])
    among_texts, same_picture = _upper(texts @ texts.T), _upper(owner[:, None] == owner[None, :])
    among_pictures, agreeing = _upper(pictures @ pictures.T), _upper(agreement)
    alike = agreeing >= np.quantile(agreeing, 0.998)
    return {
        "text->image": crossed,
        "image->text": crossed,
        "text->text": platt(among_texts[same_picture], among_texts[~same_picture]),
        "image->image": platt(among_pictures[alike], among_pictures[~alike]),
    }


def _upper(square: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Each unordered pair of different rows once."""
    return square[np.triu_indices(len(square), k=1)]
