"""What somebody says, as records: words with their times, and the sentences that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 30.0
"""Seconds. A sentence that goes on for longer is cut at its longest pause."""
PAUSE = 2.0
"""Seconds of silence after which a new sentence begins, whatever its marks say."""

_END = re.compile(r"[.!?。！？…।؟][\"'”’»)\]]*$")
_NO_END = re.compile(r"^[\"'“‘«(\[]*(?:[A-Z]|\d+|Mrs?|Ms|Drs?|St|Prof|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Sr|Jr|vs|No)\.$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as it was written, with the space before it where its language has spaces.

    start, end: seconds of media time. confidence: 0..1, the mean probability that the model gave its tokens.
    """

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A sentence that somebody says.

    seconds: half-open interval of media time. language: ISO 639-1, as the model told it ("en"). confidence: 0..1, the
    mean of its words' confidences. It orders what one model wrote by trust; it is no calibrated probability.
    """

    text: str
    seconds: tuple[float, float]
    language: str
    confidence: float
    words: tuple[Word, ...] = ()


def sentences(words: Sequence[Word], language: str) -> tuple[Utterance, ...]:
    """Words in order -> utterances: cut after the marks that end a sentence, at pauses, and where one grows too long.

    >>> said = [Word(text=t, start=n, end=n + 0.5, confidence=0.5) for n, t in enumerate((" I", " go.", " Mr.", " X?"))]
    >>> [(utterance.text, utterance.seconds) for utterance in sentences(said, "en")]
    [('I go.', (0, 1.5)), ('Mr. X?', (2, 3.5))]
    """
    found: list[Utterance] = []
    first = 0
    for position, word in enumerate(words):
        after = words[position + 1] if position + 1 < len(words) else None
        if after is None or ends_sentence(word.text) or after.start - word.end >= PAUSE:
            found += [_utterance(part, language) for part in _shortened(words[first : position + 1])]
            first = position + 1
    return tuple(utterance for utterance in found if utterance.text)


def ends_sentence(word: str) -> bool:
    """Whether the mark at the end of a word ends a sentence, too: not that of an initial, a number or a title.

    >>> [ends_sentence(word) for word in (" end.", ' "really?"', " Dr.", " J.", " 3.", " and")]
    [True, True, False, False, False, False]
    """
    bare = word.strip()
    return bool(_END.search(bare)) and not _NO_END.match(bare)


def _shortened(words: Sequence[Word]) -> list[Sequence[Word]]:
    """Parts of at most `LONGEST` seconds, cut at the longest pause of the middle half while one is longer."""
    if len(words) < 2 or words[-1].end - words[0].start <= LONGEST:
        return [words]
    quarter = len(words) // 4
    middle = range(max(1, quarter), max(2, len(words) - quarter))
    cut = max(middle, key=lambda n: words[n].start - words[n - 1].end)
    return [*_shortened(words[:cut]), *_shortened(words[cut:])]


def _utterance(words: Sequence[Word], language: str) -> Utterance:
    return Utterance(
        text=" ".join("".join(word.text for word in words).split()),
        seconds=(words[0].start, max(word.end for word in words)),
        language=language,
        confidence=sum(word.confidence for word in words) / len(words),
        words=tuple(words),
    )
