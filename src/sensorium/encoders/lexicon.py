"""The words that a tokenizer of English knows: what is spelled as it should be, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

WITHIN = "##"
"""What a piece begins with that goes on with a word (WordPiece)."""

_ENDINGS = (
    "s es d ed ing er ers est ly y ness less ful ment ments able ish al ally ism ist ists ity ion ions ive ous man"
)
ENDINGS = frozenset(_ENDINGS.split())
"""What a known word may go on with."""

INFLECTIONS = ("s", "es", "ed", "ing", "er", "ers", "est")
"""What is taken off a word to find what it is a form of."""

LEAST = 3
"""Letters of a common word."""
LEAST_JOINED = 4
"""Letters of a word that another may be joined with, as in "snowboard"."""


class Lexicon:
    """Common English words by the pieces of a tokenizer, whose numbers follow their frequency.

    odds: float32 [pieces], ln of the odds that a text with this piece is English; None where nobody knows.
    """

    def __init__(self, tokenizer: Any, odds: npt.NDArray[np.float32] | None) -> None:
        self._tokenizer = tokenizer
        self._odds = odds

    def english_odds(self, text: str) -> float:
        """ln of the odds that the text is English; 0 where nobody knows."""
        if self._odds is None:
            return 0.0
        return float(self._odds[self._tokenizer.encode(text, add_special_tokens=False).ids].sum())

    def knows(self, word: str) -> bool:
        """Whether it is one of the words, a form of one, or several joined."""
        if any(self._is_word(form) for form in (word, *forms(word))):
            return True
        first, *rest = self._tokenizer.encode(word, add_special_tokens=False).tokens or [""]
        return self._is_word(first) and all(self._goes_on(piece.removeprefix(WITHIN)) for piece in rest)

    def like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        """Words with this beginning of a length in `lengths`, the most frequent first."""
        shelf = self._shelves.get(beginning[:1], {})
        listed = sorted(chain.from_iterable(shelf.get(length, ()) for length in range(lengths[0], lengths[1] + 1)))
        if len(beginning) > 1:
            listed = [entry for entry in listed if entry[1].startswith(beginning)]
        return [word for _, word in listed]

    @cached_property
    def _shelves(self) -> Mapping[str, Mapping[int, Sequence[tuple[int, str]]]]:
        """Number and word, by first letter and length: looked up while somebody waits."""
        shelves: dict[str, dict[int, list[tuple[int, str]]]] = {}
        for word, number in self._tokenizer.get_vocab().items():
            if word.isalpha() and len(word) >= LEAST:
                shelves.setdefault(word[0], {}).setdefault(len(word), []).append((number, word))
        return shelves

    def _is_word(self, word: str) -> bool:
        return len(word) >= LEAST and word.isalpha() and self._tokenizer.token_to_id(word) is not None

    def _goes_on(self, piece: str) -> bool:
        return piece in ENDINGS or (len(piece) >= LEAST_JOINED and self._is_word(piece))


def is_whole_word(tokenizer: Any, word: str) -> bool:
    """Whether a tokenizer of many languages has the word in one piece, small or as it begins a sentence."""
    return any(len(tokenizer.encode(form, add_special_tokens=False).ids) == 1 for form in (word, word.capitalize()))


def forms(word: str) -> Iterator[str]:
    """What an English word may be a form of.

    >>> list(forms("puppies")), list(forms("trotting")), list(forms("hiker"))
    (['puppie', 'puppi', 'puppy'], ['trott', 'trotte', 'trot'], ['hik', 'hike'])
    """
    for ending in INFLECTIONS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < LEAST:
            continue
        yield stem
        if ending[0] in "ei" and ending not in ("es", "ies"):
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]
    if word.endswith(("ies", "ied", "ier")):
        yield word[:-3] + "y"
