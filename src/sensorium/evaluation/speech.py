"""How well speech is written down: the word error rate, with what counts as the same word said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.evaluation.intervals import LEVEL, ROUNDS, Interval, drawn

_NO_WORD = re.compile(r"[^\w' ]+|_")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What it takes to turn what was heard into what was said. words: those of the reference."""

    substituted: int
    deleted: int
    inserted: int
    words: int

    @property
    def total(self) -> int:
        return self.substituted + self.deleted + self.inserted

    @property
    def rate(self) -> float:
        """The word error rate: 0 is perfect, above 1 is possible; of no words, infinite unless nothing was heard."""
        if self.words:
            return self.total / self.words
        return float("inf") if self.total else 0.0


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Errors in words over words of the reference, after `normalised`.

    >>> word_error_rate("The cat sat on the mat.", "the cat sat on a mat, too")
    0.3333333333333333
    """
    return word_errors(reference, hypothesis).rate


def word_errors(reference: str, hypothesis: str) -> Errors:
    """The fewest substitutions, deletions and insertions (Levenshtein 1966), each counted as one.

    >>> word_errors("one two three", "one too three four")
    Errors(substituted=1, deleted=0, inserted=1, words=3)
    """
    said, heard = normalised(reference), normalised(hypothesis)
    # For each prefix of what was heard: errors in all, then by kind, so that equal totals are told apart for good.
    row = [(n, 0, 0, n) for n in range(len(heard) + 1)]
    for count, word in enumerate(said, start=1):
        before, row = row, [(count, 0, count, 0)]
        for position, other in enumerate(heard, start=1):
            if word == other:
                row.append(before[position - 1])
                continue
            total, substituted, deleted, inserted = before[position - 1]
            by_change = (total + 1, substituted + 1, deleted, inserted)
            total, substituted, deleted, inserted = before[position]
            by_loss = (total + 1, substituted, deleted + 1, inserted)
            total, substituted, deleted, inserted = row[position - 1]
            by_gain = (total + 1, substituted, deleted, inserted + 1)
            row.append(min(by_change, by_loss, by_gain, key=lambda errors: errors[0]))
    _, substituted, deleted, inserted = row[-1]
    return Errors(substituted=substituted, deleted=deleted, inserted=inserted, words=len(said))


def normalised(text: str) -> list[str]:
    """The words that are compared: small letters (NFKC, casefold), no marks but apostrophes within words.

    Hyphens and dashes part words. Figures are not turned into words: "7" for "seven" is an error.

    >>> normalised("Well-known: “Don’t!” — said the ’boss’.")
    ['well', 'known', "don't", 'said', 'the', 'boss']
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    words = (word.strip("'") for word in _NO_WORD.sub(" ", plain).split())
    return [word for word in words if word]


def corpus_word_error_rate(
    errors: Sequence[Errors], *, rounds: int = ROUNDS, seed: int = 0, level: float = LEVEL
) -> Interval:
    """Errors of all utterances over words of all, with its interval by the bootstrap over utterances.

    Bisani and Ney 2004, "Bootstrap Estimates for Confidence Intervals in ASR Performance Evaluation", ICASSP.
    Raises ValueError unless there is an utterance, and each has words.

    >>> print(corpus_word_error_rate([word_errors("a b", "a b"), word_errors("a b", "a c")]))
    0.250 [0.000, 0.500]
    """
    if not errors or not all(one.words for one in errors):
        raise ValueError("expected at least one utterance, each with words in its reference")
    wrong: npt.NDArray[np.int64] = np.array([one.total for one in errors])
    words: npt.NDArray[np.int64] = np.array([one.words for one in errors])
    draw = drawn(len(errors), seed)
    rates = []
    for _ in range(rounds):
        picked = draw()
        rates.append(float(wrong[picked].sum() / words[picked].sum()))
    low, high = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean=float(wrong.sum() / words.sum()), low=float(low), high=float(high))
