"""What scores an adapted encoder gives: its base's curves, moved to where its inner products now lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, LookCurves
from sensorium.encoders.adapters import Array
from sensorium.encoders.manifest import chain_name
from sensorium.evaluation.calibration import LIST, expected_calibration_error, reliability

FEWEST = 40
"""Texts and pictures that do not belong together, below which their spread is not told well enough to move a curve."""

LOOKS: tuple[tuple[str, ...], ...] = ((), ("late",))
"""Chains of looks whose scores are the inner product and something that does not move. After others, as the correction
of hubs, the base's curves are kept."""

Ends = tuple[Array, Array]
"""Vectors of questions and of answers of the same pairs."""


def moved_curves(
    base: Encoder, before: Ends, after: Ends, right: npt.NDArray[np.bool_], *, both_ways: bool
) -> dict[str, Calibration]:
    """The curves of words that look for pictures, and back where `both_ways`, each told how random pairs lie now.

    A curve speaks of how many deviations an inner product lies above that of a random pair. Both are measured on texts
    and pictures that do not belong together, by the base and adapted, and the curve's own are moved by as much.

    before, after: texts that nothing was learned of, and pictures, adapted as far as each side is. right: bool [texts,
    pictures], which belong together. Empty where there are fewer than `FEWEST` others: then the base's hold.
    """
    if int((~right).sum()) < FEWEST:
        return {}
    old, new = ((ends[0] @ ends[1].T)[~right] for ends in (before, after))
    rise, stretch = float(new.mean() - old.mean()), float(new.std() / max(float(old.std()), 1e-6))
    curves = {}
    ways = ((Modality.TEXT, Modality.IMAGE), (Modality.IMAGE, Modality.TEXT))
    for asked, found in ways if both_ways else ways[:1]:
        for looks, curve in _curves(base, asked, found):
            curves[chain_name(asked, found, looks)] = replace(
                curve, mean=curve.mean + rise, deviation=curve.deviation * stretch
            )
    return curves


def calibration_error(curve: Calibration, ends: Ends, right: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error, 0..1, over the first ten answers of each question (`evaluate calibration`).

    ends: vectors of questions and of all answers. right: bool [questions, answers].
    """
    raw = ends[0] @ ends[1].T
    listed = np.argsort(-raw, axis=1, kind="stable")[:, :LIST]
    rows = np.arange(len(raw))[:, None]
    scores = [curve.score(float(one), len(ends[1])) for one in raw[rows, listed].ravel()]
    return expected_calibration_error(reliability(scores, right[rows, listed].ravel()))


def _curves(base: Encoder, asked: Modality, found: Modality) -> Iterator[tuple[tuple[str, ...], Calibration]]:
    for looks in LOOKS:
        if not looks:
            yield looks, base.calibration(asked, found)
        elif isinstance(base, LookCurves):
            curve = base.calibration_after(asked, found, looks)
            if curve is not None:
                yield looks, curve
