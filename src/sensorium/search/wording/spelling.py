"""What may be meant where a question holds a word that nobody knows. Offered beside the hits, never asked instead.

A word is left alone when a visible text holds it or it is a common word. What is offered is a word of the visible texts
or a common one, at most two slips away: a letter too many, too few, another one, or two neighbours exchanged (Damerau
1964). Hidden texts neither make a word known nor offer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.core.explanations import Suggestion
from sensorium.core.ports import WordKnowing
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import VocabularyStore
from sensorium.search.wording.tongue import ENGLISH, language_of

LEAST = 4
"""Letters of a word that is looked at; what is shorter has too many neighbours."""
LONG = 7
"""Letters from which two slips are thought of."""
LONGEST = 24
MOST_WORDS = 24
"""Of a question; the first are looked at."""
MOST_UNKNOWN = 3
"""With more unknown words than this it is another language or a list of names, and nothing is offered."""
MOST_LOOKED_AT = 2_000
"""Words of the library with one beginning that are compared with one of the question, those in the most texts. Among
112,000 made-up words of few syllables an unknown word takes 25 ms, among the 7,000 of 5,500 captions 4."""
MOST = 3
"""Suggestions."""

_TOKEN = re.compile(r"[^\s\"'“”„‘’«»()\[\]{},;:!?]+")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")
_PLAIN = re.compile(r"[^\W\d_]+")

Letters = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question. start, end: where it stands."""

    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """A word that may be meant; the least is the likeliest. common: no visible text holds it. rank: by frequency."""

    slips: int
    common: bool
    rank: int
    word: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """Knows words on behalf of a scope. encoder: None where it knows no words."""

    scope: Scope
    store: VocabularyStore
    encoder: WordKnowing | None

    def language(self, text: str) -> str | None:
        """The language of a text (ISO 639-1), None where it can not be told."""
        return language_of(text, self.encoder.english_odds) if self.encoder else language_of(text)

    def suggestions(self, text: str, language: str | None) -> tuple[Suggestion, ...]:
        """Other ways to put the question, the likeliest first; none where every word is known."""
        english = language == ENGLISH or (language is None and self._may_be_english(text))
        unknown = [word for word in correctable(text) if not self._knows(word.written.lower(), english)]
        if not 0 < len(unknown) <= MOST_UNKNOWN:
            return ()
        meant = {word: found for word in unknown if (found := self._neighbours(word.written.lower(), english))}
        if not meant:
            return ()
        ways = [{word: found[0].word for word, found in meant.items()}]
        if len(meant) == 1:
            ((word, found),) = meant.items()
            ways += [{word: other.word} for other in found[1:MOST] if other.slips == found[0].slips]
        return tuple(_suggestion(text, way) for way in ways)

    def _may_be_english(self, text: str) -> bool:
        return self.encoder is not None and self.encoder.english_odds(text) >= 0

    def _knows(self, word: str, english: bool) -> bool:
        if self.encoder is not None and self.encoder.knows_word(word, english):
            return True
        return self.store.holds_word(self.scope, word)

    def _neighbours(self, word: str, english: bool) -> list[Neighbour]:
        """What may be meant, the likeliest first: a word of the visible texts or, in an English question, a common one.

        Of other languages few words are known, so that what is right and rare would be taken for a slip of two letters.
        """
        most = 2 if len(word) >= LONG and english else 1
        lengths = len(word) - most, len(word) + most
        held: dict[str, int] = {}
        ranks: dict[str, int] = {}
        for beginning in dict.fromkeys((word[0], word[1])):  # the first letter stands, or is too many, or exchanged
            held.update(self.store.words_like(self.scope, beginning, lengths, MOST_LOOKED_AT))
            if english and self.encoder is not None:
                listed = self.encoder.common_words_like(beginning, lengths)
                ranks.update(zip(listed, range(len(listed)), strict=True))
        return sorted(
            Neighbour(slips, other not in held, -held[other] if other in held else ranks[other], other)
            for other, slips in near(word, list(ranks | held), most)
            if (self._fits(other, english) if other in held else slips == 1 or len(word) > LONG)
        )

    def _fits(self, word: str, english: bool) -> bool:
        """Whether a word of the library may be meant: in a question in another language none that is English."""
        return english or self.encoder is None or not self.encoder.knows_word(word)


def correctable(text: str) -> Iterator[Word]:
    """The words of a question that may be misspelt: no codes, no numbers, nothing in quotes, no capitals throughout.

    >>> [word.written for word in correctable('imvoice INV-2024-0917 of "Szymborska", NASA, 42 and Mr. Knopf')]
    ['imvoice', 'Knopf']
    """
    quoted = [(found.start(), found.end()) for found in _QUOTED.finditer(text)]
    for token in list(_TOKEN.finditer(text))[:MOST_WORDS]:
        written = token[0].rstrip(".…")
        is_word = bool(_PLAIN.fullmatch(written)) and LEAST <= len(written) <= LONGEST
        if is_word and not written.isupper() and not any(a <= token.start() < b for a, b in quoted):
            yield Word(written, token.start(), token.start() + len(written))


def _suggestion(text: str, meant: dict[Word, str]) -> Suggestion:
    changed = []
    for word, other in sorted(meant.items(), key=lambda pair: -pair[0].start):
        written = other.capitalize() if word.written[0].isupper() else other
        text = text[: word.start] + written + text[word.end :]
        changed.append((word.written, written))
    return Suggestion(words=text, changed=tuple(reversed(changed)))


def near(word: str, others: Sequence[str], most: int) -> list[tuple[str, int]]:
    """Those of `others` that are one to `most` slips away, each with how many.

    >>> near("harbuor", ["harbour", "harbuor", "labour"], 2)
    [('harbour', 1)]
    """
    if not others:
        return []
    slips = slips_between(word, others)
    return [(others[place], int(slips[place])) for place in np.flatnonzero((slips > 0) & (slips <= most)).tolist()]


def slips_between(word: str, others: Sequence[str]) -> npt.NDArray[np.int8]:
    """int8 [others]: the fewest slips from `word` to each (optimal string alignment; Damerau 1964).

    >>> slips_between("harbuor", ["harbour", "harbor", "labour"]).tolist()
    [1, 1, 3]
    """
    padded = np.array(others)  # NumPy's own form: letters by number, filled up with 0
    letters = np.ascontiguousarray(padded.view(np.int32).reshape(len(others), -1).T)
    column = _last_column([ord(letter) for letter in word], letters)
    return column[np.char.str_len(padded), np.arange(len(others))]


def _last_column(word: Sequence[int], others: Letters) -> npt.NDArray[np.int8]:
    """int8 [width + 1, others]: of each table of distances what belongs to the whole word.

    others: int32 [width, others]. All tables are filled at once, letter by letter of the word.
    """
    width, count = others.shape
    steps = np.arange(width + 1, dtype=np.int8)[:, None]
    before: npt.NDArray[np.int8] | None = None
    last = np.repeat(steps, count, axis=1)
    for place, letter in enumerate(word, start=1):
        same = others == letter
        now = np.empty_like(last)
        now[0] = place
        np.minimum(last[1:] + np.int8(1), last[:-1] + ~same, out=now[1:])
        if before is not None:
            swapped = same[:-1] & (others[1:] == word[place - 2])
            np.minimum(now[2:], before[:-2] + np.int8(1), out=now[2:], where=swapped)
        # A letter too many: each cell is at most the one above and one, all the way down.
        for row in range(1, width + 1):
            np.minimum(now[row], now[row - 1] + np.int8(1), out=now[row])
        before, last = last, now
    return last
