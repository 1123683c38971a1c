"""From raw scores to scores for pairs of senses of which one is sound.

Fitted on sounds that the head which is asked did not learn from: each part of the sounds is left out of one head, and
what the three heads find is put together. A kind of sound is right for a sound when it is its label or when the teacher
is sure of it; where the teacher is unsure, nothing is judged. The wrong hits of a list are the hard negatives.

Most questions that people ask of a library have no answer among its sounds, and most sounds none among its pictures. So
questions without an answer are fitted on too, as often as they come: a curve that knew only pictures of dogs would take
the best sound for any picture to be right. And of the sounds that answer a question one is kept, by lot: a caption has
one picture in 1,000 where other curves are fitted, and scores of two senses can be put in one list only where both mean
the same odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.encoders.manifest import chain_name
from sensorium.evaluation.answered import Answers
from sensorium.evaluation.calibration import LISTED
from sensorium.training.calibrate import calibrate

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

SURE, UNSURE = 0.4, 0.05
"""Scores of the teacher from which a kind of sound is there, and below which it is not."""

LOTS = 5
"""How often each question is asked, each time with another right answer."""

PAIRS = (
    (Modality.TEXT, Modality.AUDIO),
    (Modality.AUDIO, Modality.TEXT),
    (Modality.AUDIO, Modality.AUDIO),
    (Modality.AUDIO, Modality.IMAGE),
    (Modality.IMAGE, Modality.AUDIO),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Questions against pieces of one left-out part.

    raw: float32 [questions, pieces], inner products. right: whether the piece answers. judged: where somebody knows;
    a question is never judged against itself. Of a question, nothing may be right.
    """

    raw: Floats
    right: Flags
    judged: Flags


def sound_curves(
    parts: Mapping[tuple[Modality, Modality], Sequence[Judged]], strangers: Mapping[tuple[Modality, Modality], Floats]
) -> dict[str, Calibration]:
    """A curve with cut and gallery for each pair, by its name in a manifest.

    parts: what each left-out part gave. strangers: inner products of random pairs.
    """
    found = {}
    for pair, judged in parts.items():
        mean, deviation = float(np.mean(strangers[pair])), float(np.std(strangers[pair]))
        found[chain_name(*pair)] = calibrate(answers(pair, judged), mean, deviation)
    return found


def answers(pair: tuple[Modality, Modality], parts: Sequence[Judged]) -> Answers:
    """Lists as people get them: the best of each question, as deep as those that other curves are fitted on."""
    depth, chance = LISTED.depth, np.random.default_rng(0)
    rows = [row for _ in range(LOTS) for part in parts for row in _listed(part, depth, chance)]
    raw, right = (np.stack([row[number] for row in rows]) for number in (0, 1))
    pieces = round(float(np.mean([part.raw.shape[1] for part in parts])))
    return Answers(
        asked=pair[0],
        found=pair[1],
        looks=(),
        scores=np.full_like(raw, np.nan),
        raw=raw,
        matches=np.zeros_like(right),
        right=right,
        groups=np.arange(len(rows), dtype=np.int64) % (len(rows) // LOTS),
        right_answers=np.array([row[2] for row in rows], dtype=np.int64),
        pictures=pieces,
        pieces=pieces,
    )


def _listed(part: Judged, depth: int, chance: np.random.Generator) -> list[tuple[npt.NDArray[np.float64], Flags, int]]:
    """For each question: raw scores and whether they are right, best first, and how many are: one or none."""
    found = []
    for raw, right, judged in zip(part.raw, part.right, part.judged, strict=True):
        answering = np.flatnonzero(right & judged)
        others = np.delete(answering, chance.integers(len(answering))) if len(answering) else answering
        kept = judged.copy()
        kept[others] = False
        order = [number for number in np.argsort(-raw, kind="stable") if kept[number]][:depth]
        values, flags = np.full(depth, np.nan), np.zeros(depth, np.bool_)
        values[: len(order)], flags[: len(order)] = raw[order], right[order]
        found.append((values, flags, int(len(answering) > 0)))
    return found


def named(scores: Floats, labels: Sequence[int], kinds: int) -> tuple[Flags, Flags]:
    """Which names and labels are right for sounds, and where that is known: two bool [sounds, names + kinds].

    scores: float32 [sounds, names] of the teacher. labels: of labelled sounds, -1 elsewhere. A label is known to be
    wrong only for sounds that have another one.

    >>> right, known = named(np.array([[0.9, 0.2, 0.0]], np.float32), [-1], 1)
    >>> right.tolist(), known.tolist()
    ([[True, False, False, False]], [[True, False, True, False]])
    """
    given = np.asarray(labels)
    own = given[:, None] == np.arange(kinds)[None, :]
    labelled = np.broadcast_to(given[:, None] >= 0, own.shape)
    right = np.hstack([scores >= SURE, own])
    known = np.hstack([(scores >= SURE) | (scores < UNSURE), labelled])
    return right, known
