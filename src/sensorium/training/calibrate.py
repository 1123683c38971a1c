"""From raw scores to scores: a curve and a cut for each pair of senses and each chain of looks.

Fitted on pictures that training did not see, asked through the product itself, on lists as people get them: the hits
around a right answer are the hard negatives, deeper ones stand for the easy ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import RISE, Calibration, logistic, logit
from sensorium.evaluation.answered import SHARE, Answers
from sensorium.evaluation.calibration import LIST

Numbers = npt.NDArray[np.float64]

EASY = 10
"""Hits below the list that each question adds to the hard ones."""

FALSE_ALARMS = 0.05
"""The share of questions with an answer that are told that nothing matches."""

FOLDS = 5
MOST_KNOTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Standardised raw scores, whether each is right (0 or 1), how much it counts, and its question's picture."""

    z: Numbers
    right: Numbers
    weight: Numbers
    groups: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.bool_]) -> Judged:
        """Only these."""
        return Judged(z=self.z[rows], right=self.right[rows], weight=self.weight[rows], groups=self.groups[rows])


Fit = Callable[[Judged], Calibration | None]
"""Fits a curve with mean 0 and deviation 1; None where this kind of curve does not rise."""


def calibrate(known: Answers, mean: float, deviation: float) -> Calibration:
    """The curve and the cut of these answers.

    mean, deviation: of the raw inner products of random pairs. Platt's line, beta calibration and isotonic regression
    are tried on pictures that are left out in turn, and the line is kept unless another one is better by more than the
    standard error of the difference. The scores are fitted for one right answer in 1 / `SHARE`.
    """
    judged = as_listed(known, mean, deviation)
    gallery = round(known.pieces / SHARE / known.pictures)
    curve = replace(chosen(judged), mean=mean, deviation=deviation, gallery=gallery)
    return replace(curve, cut=round(cut(curve, known), 6))


def as_listed(answers: Answers, mean: float, deviation: float) -> Judged:
    """What a list of the first `LIST` would hold if the gallery were of 1 / `SHARE` pictures, and some hits below it.

    A wrong hit stands for as many as such a gallery has for each one here; so it counts so often, and moves what is
    below it down by so many ranks.
    """
    larger = 1 / SHARE / answers.pictures
    there = np.isfinite(answers.raw)
    wrong, right = there & ~answers.right, there & answers.right
    each_right = larger if answers.grows else 1.0
    ahead = larger * (np.cumsum(wrong, axis=1) - wrong) + each_right * (np.cumsum(right, axis=1) - right)
    listed = there & (ahead < LIST)
    easy = there & ~listed
    easy &= np.cumsum(easy, axis=1) > np.maximum(easy.sum(axis=1, keepdims=True) - EASY, 0)
    kept = listed | easy
    weight = np.where(listed & ~answers.right, larger, np.where(listed, each_right, 1.0))
    groups = np.broadcast_to(answers.groups[:, None], kept.shape)
    z = (answers.raw[kept] - mean) / deviation
    return Judged(z=z, right=answers.right[kept].astype(np.float64), weight=weight[kept], groups=groups[kept])


def chosen(judged: Judged, folds: int = FOLDS) -> Calibration:
    """The curve, with mean 0 and deviation 1, that is likeliest on pictures it was not fitted on."""
    pictures, number = np.unique(judged.groups, return_inverse=True)
    line = platt(judged)
    if len(pictures) < 2 * folds:
        return line
    best, losses = line, _held_out_losses(judged, platt, number, folds)
    for fit in (beta, isotonic):
        other, own = fit(judged), _held_out_losses(judged, fit, number, folds)
        if other is None or not np.isfinite(own).all():
            continue
        gain = losses - own
        if float(gain.mean()) > float(gain.std(ddof=1) / np.sqrt(len(gain))):
            best, losses = other, own
    return best


def platt(judged: Judged) -> Calibration:
    """The logistic line under which the judgments are likeliest (Platt 1999)."""
    if not len(judged.z):
        return Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=logit(SHARE))
    slope, bias = _logistic_fit(np.stack([judged.z, np.ones_like(judged.z)], axis=1), judged)
    return Calibration(mean=0.0, deviation=1.0, slope=max(float(slope), 1e-3), bias=float(bias))


def beta(judged: Judged) -> Calibration | None:
    """The line bent by beta calibration: `a * ln(p) - b * ln(1 - p) + c` of its shares p (Kull et al. 2017)."""
    line = platt(judged)

    def columns(z: Numbers) -> Numbers:
        odds = line.slope * z + line.bias
        return np.stack([-np.logaddexp(0, -odds), np.logaddexp(0, odds), np.ones_like(odds)], axis=1)

    theta = _logistic_fit(columns(judged.z), judged)
    knots = np.linspace(judged.z.min(), judged.z.max(), MOST_KNOTS)
    return _bent(line, knots, columns(knots) @ theta)


def isotonic(judged: Judged) -> Calibration | None:
    """The line bent to the rising steps that fit best (pool adjacent violators; Zadrozny and Elkan 2002, KDD).

    Hits are put into bins of as much evidence first, and a bin's share is drawn a little to its middle, so that no
    share is 0 or 1.
    """
    order = np.argsort(judged.z, kind="stable")
    evidence = np.cumsum(judged.right[order])
    edges = np.searchsorted(evidence, np.linspace(0, evidence[-1], MOST_KNOTS + 1)[1:-1])
    blocks: list[tuple[float, float, float]] = []  # sum of z, right, all, each weighed
    for part in np.split(order, np.unique(edges)):
        weight = judged.weight[part]
        blocks.append((float(weight @ judged.z[part]), float(weight @ judged.right[part]) + 0.5, weight.sum() + 1.0))
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = tuple(a + b for a, b in zip(blocks[-1], last, strict=True))  # type: ignore[assignment]
    z = np.array([total / weight for total, _, weight in blocks])
    odds = np.array([logit(right / weight) for _, right, weight in blocks])
    return _bent(platt(judged), z, odds)


def cut(curve: Calibration, known: Answers) -> float:
    """The score, among as many pieces as the curve was fitted for, below which `FALSE_ALARMS` of the questions with an
    answer have their best hit; 0 where no question has an answer.

    The share is a choice between two harms, made once on kept-out pictures: to hide an answer that is there counts more
    than to show what people see for themselves to be none.
    """
    best = _best(known.take(known.right_answers > 0).raw)
    if not len(best):
        return 0.0
    odds = curve.log_odds(curve.standardised(float(np.quantile(best, FALSE_ALARMS, method="lower"))))
    return logistic(odds + RISE * curve.shift(known.pieces))


def _best(raw: Numbers) -> Numbers:
    """The best of each row that has any."""
    there = np.isfinite(raw)
    return np.asarray(np.max(raw, axis=1, initial=-np.inf, where=there)[there.any(axis=1)])


def _logistic_fit(columns: Numbers, judged: Judged) -> Numbers:
    """The weights of the columns under which the judgments are likeliest, by Newton's steps."""
    total = judged.weight.sum()
    ridge = np.zeros(columns.shape[1])
    ridge[:-1] = 1e-6 * total  # keeps a curve finite where the two kinds do not overlap
    theta: Numbers = np.zeros(columns.shape[1])
    for _ in range(200):
        share = 1 / (1 + np.exp(-np.clip(columns @ theta, -500, 500)))
        gradient = columns.T @ (judged.weight * (share - judged.right)) + ridge * theta
        spread = judged.weight * share * (1 - share)
        curvature = (columns * spread[:, None]).T @ columns + np.diag(ridge + 1e-9 * total)
        step = np.linalg.solve(curvature, gradient)
        theta = theta - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return theta


def _bent(line: Calibration, z: Numbers, odds: Numbers) -> Calibration | None:
    corrections = odds - (line.slope * z + line.bias)
    knots = tuple((round(float(a), 6), round(float(b), 6)) for a, b in zip(z, corrections, strict=True))
    try:
        return replace(line, knots=knots)
    except ValueError:
        return None


def _held_out_losses(judged: Judged, fit: Fit, number: npt.NDArray[np.int64], folds: int) -> Numbers:
    """The mean loss of each picture's hits, -log of the share given to what was so, by curves fitted without it."""
    losses = np.zeros(len(judged.z))
    for fold in range(folds):
        out = number % folds == fold
        curve = fit(judged.take(~out))
        if curve is None:
            return np.full(number.max() + 1, np.inf)
        odds = np.array([curve.log_odds(float(z)) for z in judged.z[out]])
        losses[out] = judged.weight[out] * np.logaddexp(0, np.where(judged.right[out] > 0, -odds, odds))
    return np.asarray(np.bincount(number, losses) / np.bincount(number, judged.weight))
