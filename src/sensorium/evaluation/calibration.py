"""Whether scores are what they say: calibration error, reliability, and how often "nothing here matches" is true."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.evaluation.answered import Answered, Answers, Asking, Captioned, Flags, Table
from sensorium.evaluation.foreign import FOREIGN

CALIBRATION_SCHEMA = "sensorium.calibration/1"
"""Name and version of the JSON of a `CalibrationReport`. New fields do not change the version."""

LIST = 10
"""Hits of each question that are judged."""

KS = (1, 5, 10)

LISTED = Asking(depth=2 * LIST, foreign=FOREIGN)
"""As deep as a list of `LIST` hits needs when right answers are taken out of it."""

BINS = 15

LABELS = (
    "right is what the captions say: a caption's own picture, a picture's own captions, other captions of the same "
    "picture, and pictures whose captions agree most. Another picture may fit a caption as well, so true shares of "
    "right answers are higher, and some of the questions that are called unanswerable have an answer"
)
EQUAL = "how often the statement is true, among as many questions with an answer as without"
ANY_HIT = "percent of the questions with an answer that have one among their first k hits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Hits of neighbouring scores. score: their mean score. share: of them that are right. hits: how many."""

    score: float
    share: float
    hits: int

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `bins`."""
        return {"score": round(self.score, 6), "share": round(self.share, 6), "hits": self.hits}


def reliability(scores: npt.ArrayLike, right: npt.ArrayLike, bins: int = BINS) -> list[Bin]:
    """Hits by score, in `bins` of as many hits each (fewer where there are fewer hits).

    >>> [(bin.score, bin.share) for bin in reliability([0.8, 0.1, 0.3, 0.6], [True, False, False, True], bins=2)]
    [(0.2, 0.0), (0.7, 1.0)]
    """
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    return [
        Bin(score=float(values[part].mean()), share=float(truth[part].mean()), hits=len(part))
        for part in np.array_split(order, min(bins, max(len(order), 1)))
        if len(part)
    ]


def expected_calibration_error(bins: list[Bin]) -> float:
    """The mean distance of score and share over all hits, 0..1 (Naeini et al. 2015, AAAI; bins of equal mass).

    By hand: |0.2 - 0.0| and |0.7 - 1.0| for as many hits each.

    >>> round(expected_calibration_error([Bin(score=0.2, share=0.0, hits=5), Bin(score=0.7, share=1.0, hits=5)]), 6)
    0.25
    """
    total = sum(bin.hits for bin in bins)
    return sum(bin.hits * abs(bin.score - bin.share) for bin in bins) / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """How often it is said that nothing matches, 0..1, and of how many questions of each kind.

    answerable: the right answer is there; then it is wrong. removed: the right answers were taken out of the list.
    foreign: the question is on another subject than everything that is there; none are asked by a picture.
    """

    answerable: float
    answerables: int
    removed: float
    foreign: float | None
    foreigns: int

    def precision(self, said: float | None) -> float | None:
        """How often the statement is true among as many questions with an answer as without; None where never said.

        >>> Verdicts(answerable=0.1, answerables=9, removed=0.3, foreign=None, foreigns=0).precision(0.1)
        0.5
        """
        if said is None or said + self.answerable == 0:
            return None
        return said / (said + self.answerable)

    def as_json(self) -> dict[str, Any]:
        """The schema's `nothing_matches`."""
        return {
            "answerable": self.answerables,
            "said_of_answerable": round(self.answerable, 6),
            "removed": _statement(self.removed, self.precision(self.removed), self.answerables),
            "foreign": _statement(self.foreign, self.precision(self.foreign), self.foreigns),
        }


def _statement(recall: float | None, precision: float | None, questions: int) -> dict[str, Any]:
    figures = {"recall": recall, "precision": precision}
    return {"questions": questions, **{name: value and round(value, 6) for name, value in figures.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReport:
    """One pair of senses.

    looks: the closer looks behind the scores. recall: by k, the share of the questions with an answer that have one
    among the first k. error: the expected calibration error. bins: from low scores to high.
    """

    pair: str
    looks: tuple[str, ...]
    questions: int
    pictures: int
    recall: dict[int, float]
    error: float
    bins: tuple[Bin, ...] = field(repr=False)
    verdicts: Verdicts

    @classmethod
    def of(cls, known: Answers, foreign: Answers | None) -> PairReport:
        """The figures of these answers."""
        scores, right = top(known)
        bins = reliability(scores, right)
        return cls(
            pair=known.pair,
            looks=known.looks,
            questions=len(known.scores),
            pictures=known.pictures,
            recall={k: found_at(known, k) for k in KS},
            error=expected_calibration_error(bins),
            bins=tuple(bins),
            verdicts=verdicts(known, foreign),
        )

    def as_json(self) -> dict[str, Any]:
        """One of the schema's `pairs`."""
        return {
            "pair": self.pair,
            "looks": list(self.looks),
            "questions": self.questions,
            "pictures": self.pictures,
            **{f"recall@{k}": round(share, 6) for k, share in self.recall.items()},
            "expected_calibration_error": round(self.error, 6),
            "bins": [bin.as_json() for bin in self.bins],
            "nothing_matches": self.verdicts.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """How far scores can be believed on one split. seconds: what it took, adding and encoding included."""

    split: str
    space_id: str
    pairs: tuple[PairReport, ...]
    seconds: float

    @classmethod
    def of(cls, found: Answered, *, split: str, space_id: str, seconds: float) -> CalibrationReport:
        """The report on what was answered."""
        pairs = tuple(PairReport.of(known, found.foreign.get(pair)) for pair, known in found.known.items())
        return cls(split=split, space_id=space_id, pairs=pairs, seconds=seconds)

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `CALIBRATION_SCHEMA`."""
        return {
            "schema": CALIBRATION_SCHEMA,
            "split": self.split,
            "space": self.space_id,
            "list": LIST,
            "labels": LABELS,
            "precision": EQUAL,
            "pairs": [pair.as_json() for pair in self.pairs],
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        lines = [
            f"Split {self.split}, space {self.space_id}, {self.seconds:.0f} s; first {LIST} hits of each question",
            f"{'':15}{'questions':>10}{'pictures':>9}{'R@1':>7}{'R@5':>7}{'R@10':>7}{'ECE':>8}  looks",
            *(_error_line(pair) for pair in self.pairs),
            "",
            '"Nothing here matches", said of questions in percent, and how often that is true',
            f"{'':15}{'answerable':>11}{'removed':>10}{'true':>7}{'foreign':>10}{'true':>7}",
            *(_verdict_line(pair) for pair in self.pairs),
            "",
            "Mean score / share of right answers, by bins of as many hits",
            *(f"{pair.pair:15}" + _bins_line(pair) for pair in self.pairs),
            "",
            f"R@k: {ANY_HIT}",
            f"true: {EQUAL}",
            f"labels: {LABELS}",
        ]
        return "\n".join(lines)


def evaluate_calibration(
    folder: Path, split: str, asks: Callable[[Captioned], Answered], *, space_id: str
) -> CalibrationReport:
    """The report on one split of captioned pictures. asks: fills a library and asks it. Raises BadInput."""
    start = time.perf_counter()
    found = asks(Captioned.read(folder, split))
    return CalibrationReport.of(found, split=split, space_id=space_id, seconds=time.perf_counter() - start)


def top(answers: Answers) -> tuple[Table, Flags]:
    """Scores and truth of the first hits of all questions, [n]."""
    scores, right = answers.scores[:, :LIST], answers.right[:, :LIST]
    there = ~np.isnan(scores)
    return scores[there], right[there]


def found_at(answers: Answers, k: int) -> float:
    """The share of questions with a right answer that have one among their first k, 0..1 (any-hit)."""
    answerable = answers.take(answers.right_answers > 0)
    return float(np.mean(answerable.right[:, :k].any(axis=1))) if len(answerable.right) else 0.0


def verdicts(known: Answers, foreign: Answers | None) -> Verdicts:
    """How often it is said that nothing matches, for each kind of question."""
    answerable = known.take(known.right_answers > 0)
    others = np.isfinite(answerable.scores) & ~answerable.right
    listed = others & (np.cumsum(others, axis=1) <= LIST)
    return Verdicts(
        answerable=_unmatched(answerable.matches[:, :LIST]),
        answerables=len(answerable.scores),
        removed=_unmatched(answerable.matches & listed),
        foreign=None if foreign is None else _unmatched(foreign.matches[:, :LIST]),
        foreigns=0 if foreign is None else len(foreign.scores),
    )


def _unmatched(matches: Flags) -> float:
    """The share of rows without a match, 0 where there are no rows."""
    return float(np.mean(~matches.any(axis=1))) if len(matches) else 0.0


def _error_line(pair: PairReport) -> str:
    looks = ", ".join(pair.looks) or "-"
    found = "".join(f"{100 * share:7.1f}" for share in pair.recall.values())
    return f"{pair.pair:15}{pair.questions:10,}{pair.pictures:9,}{found}{pair.error:8.4f}  {looks}"


def _verdict_line(pair: PairReport) -> str:
    said = pair.verdicts
    figures = (said.answerable, said.removed, said.precision(said.removed), said.foreign, said.precision(said.foreign))
    widths = (11, 10, 7, 10, 7)
    shown = ("-" if value is None else f"{100 * value:.1f}" for value in figures)
    return f"{pair.pair:15}" + "".join(f"{text:>{width}}" for text, width in zip(shown, widths, strict=True))


def _bins_line(pair: PairReport) -> str:
    return " ".join(f"{bin.score:.2f}/{bin.share:.2f}" for bin in pair.bins)
