"""Copies as questions: who asks with a picture often asks with one that is there, cut, compressed or seen on a screen.

Captions know nothing of copies, and lists leave a question's own picture out. A curve that was fitted without them is
asked, at the height where copies lie, for what it never saw.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import Calibration
from sensorium.core.contents import Pixels
from sensorium.evaluation.answered import Answers
from sensorium.evaluation.robustness.corruptions import CORRUPTIONS, corrupt
from sensorium.training.calibrate import calibrate, cut

DAMAGES = (("jpeg", 2), ("crop", 1), ("crop", 3), ("low-light", 1), ("blur", 1), ("text", 1))
"""What befalls copies, in turn: name and severity."""


def damaged(pictures: list[Pixels]) -> list[Pixels]:
    """A copy of each picture [height, width, 3], damaged as `DAMAGES` goes round."""
    turns = [DAMAGES[number % len(DAMAGES)] for number in range(len(pictures))]
    return [corrupt(one, CORRUPTIONS[name], level) for one, (name, level) in zip(pictures, turns, strict=True)]


def with_copies(known: Answers, copies: npt.NDArray[np.float64]) -> Answers:
    """The same questions, and once more each by a copy of its picture, which finds that picture too.

    copies: float64 [questions], inner products of pictures and their copies. As many people are taken to ask with what
    is there as with what is not. The other hits of a copy are taken to be those of the picture.

    >>> from sensorium.core.items import Modality
    >>> rows, no = np.array([[0.4, 0.3]]), np.zeros((1, 2), np.bool_)
    >>> image = Modality.IMAGE
    >>> of = Answers(asked=image, found=image, looks=(), scores=rows, raw=rows, matches=no, right=no,
    ...              groups=np.array([0]), right_answers=np.array([0]), pictures=3, pieces=3, grows=True)
    >>> both = with_copies(of, np.array([0.9]))
    >>> both.raw.tolist(), both.right.tolist()
    ([[0.4, 0.3], [0.9, 0.4]], [[False, False], [True, False]])
    """
    raw = np.hstack([copies[:, None], known.raw])
    right = np.hstack([np.ones((len(copies), 1), np.bool_), known.right])
    order = np.argsort(-np.where(np.isfinite(raw), raw, -np.inf), axis=1, kind="stable")[:, : known.raw.shape[1]]
    return replace(
        known,
        scores=np.vstack([known.scores, np.full_like(known.scores, np.nan)]),
        raw=np.vstack([known.raw, np.take_along_axis(raw, order, axis=1)]),
        matches=np.vstack([known.matches, np.zeros_like(known.matches)]),
        right=np.vstack([known.right, np.take_along_axis(right, order, axis=1)]),
        groups=np.concatenate([known.groups, known.groups]),
        right_answers=np.concatenate([known.right_answers, known.right_answers + 1]),
    )


def calibrate_with_copies(
    known: Answers, copies: npt.NDArray[np.float64], mean: float, deviation: float
) -> Calibration:
    """As `calibrate`, with a curve that knows copies too; see `with_copies`.

    A copy is found so surely that it says nothing of where the answers to other questions end: the cut is that of
    `known` alone.
    """
    curve = calibrate(with_copies(known, copies), mean, deviation)
    return replace(curve, cut=round(cut(curve, known), 6))
