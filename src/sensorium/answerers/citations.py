"""Whether what a sentence cites is there, was in the pack, and bears the sentence out.

Support is judged by words and by meaning: every number of the sentence has to stand in what it cites, most of its words
too, or enough of them beside a passage whose vector lies close. Neither proves that one follows from the other; both
together tell most sentences that were made up or that cite the wrong piece. What that is worth is measured by
`python -m benchmarks.judged answers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sensorium.answerers.statements import plain, statements
from sensorium.core.answers import Citation, Draft, Exhibit, Pack, Sentence
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors
from sensorium.core.terms import terms

MOST_WORDS = 0.75
"""A sentence of whose words the cited piece holds so many is supported."""

SOME_WORDS = 0.4
CLOSE = 0.6
"""Or one of whose words it holds so many, and to which one of its passages has this inner product."""

STEM = 5
"""Words that share so many first letters count as one word in two forms."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|nicht|kein\w*|nie|niemals|ohne|ne|pas|jamais|aucune?)\b|n['’]t\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?|ftp|file|data|javascript):[^\s)>\]\"']*|\bwww\.[^\s)>\]\"']+", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|en|er|e|n)$")
_MARKDOWN = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")


@dataclass(slots=True)
class Checker:
    """Checks the sentences of one answer against its pack."""

    pack: Pack
    encoder: Encoder
    _passages: dict[int, tuple[list[str], Vectors]] = field(default_factory=dict)

    def check(self, draft: Draft) -> Sentence:
        """The sentence with the citations that hold; numbers of no exhibit of the pack are dropped, and told.

        Addresses that no cited exhibit holds are taken out of its words, and links are left as their words.
        """
        numbers = list(dict.fromkeys(draft.cites))
        exhibits = [found for number in numbers if (found := self.pack.get(number)) is not None]
        text = _harmless(draft.text, exhibits)
        citations = [self._citation(text, exhibit) for exhibit in exhibits]
        if len(citations) > 1 and not any(citation.supports for citation in citations):
            citations = self._together(text, citations)
        return Sentence(
            text=text,
            citations=tuple(citations),
            supported=any(citation.supports for citation in citations),
            dropped=tuple(number for number in numbers if self.pack.get(number) is None),
            heading=_harmless(draft.heading, exhibits),
            cells=tuple(_harmless(cell, exhibits) for cell in draft.cells),
        )

    def _citation(self, text: str, exhibit: Exhibit) -> Citation:
        said = _spaced(exhibit.text)
        if _spaced(text).strip(" .") in said:
            return Citation(exhibit=exhibit, support=1.0, supports=bool(text.strip()))
        share = overlap(text, exhibit.text)
        near, passage = self._nearest(text, exhibit)
        support = (share + max(near, 0.0)) / 2
        if not numbers_hold(text, exhibit.text) or _negated(text) != _negated(passage):
            return Citation(exhibit=exhibit, support=min(support, SOME_WORDS), supports=False)
        return Citation(
            exhibit=exhibit, support=support, supports=share >= MOST_WORDS or (share >= SOME_WORDS and near >= CLOSE)
        )

    def _together(self, text: str, citations: Sequence[Citation]) -> list[Citation]:
        """A sentence that joins what several exhibits say, each a part of it."""
        joined = "\n\n".join(citation.exhibit.text for citation in citations)
        if overlap(text, joined) < MOST_WORDS or not numbers_hold(text, joined) or _negated(text):
            return list(citations)
        return [
            Citation(exhibit=one.exhibit, support=one.support, supports=overlap(text, one.exhibit.text) >= SOME_WORDS)
            for one in citations
        ]

    def _nearest(self, text: str, exhibit: Exhibit) -> tuple[float, str]:
        """The largest inner product with a passage of the exhibit, and that passage."""
        if exhibit.number not in self._passages:
            texts = [statement.text for statement in statements(exhibit.text)] or [exhibit.text]
            self._passages[exhibit.number] = texts, self.encoder.encode(Modality.TEXT, texts, "piece")
        texts, vectors = self._passages[exhibit.number]
        near = vectors @ self.encoder.encode(Modality.TEXT, [text], "piece")[0]
        best = int(np.argmax(near))
        return float(near[best]), texts[best]


def overlap(text: str, evidence: str) -> float:
    """The share of the telling words of `text` that `evidence` holds in some form, 0..1; 0 where there are none.

    >>> overlap("Red dogs bark", "a red dog barked at us"), overlap("the cat", "a dog")
    (1.0, 0.0)
    """
    asked = terms(text, most=None)
    return sum(held_words(asked, evidence)) / len(asked) if asked else 0.0


def held_words(words: Sequence[str], evidence: str) -> list[bool]:
    """Which of `words` stand in `evidence`, in some form.

    >>> held_words(["dogs", "cat", "1901"], "A dog of 1901")
    [True, False, True]
    """
    held = set(terms(evidence, most=None))
    stems = {stem(word) for word in held}
    return [word in held or stem(word) in stems for word in words]


def stem(word: str) -> str:
    """The start of a word that its forms share. Numbers and codes stay whole.

    >>> stem("dogs"), stem("barking"), stem("observations"), stem("inv-2024")
    ('dog', 'bark', 'obser', 'inv-2024')
    """
    return _SUFFIX.sub("", word)[:STEM] if word.isalpha() else word


def numbers_hold(text: str, evidence: str) -> bool:
    """Whether every number of `text` stands in `evidence`.

    >>> numbers_hold("3 dogs of 1,200", "1200 dogs, 3 cats"), numbers_hold("4 dogs", "3 dogs")
    (True, False)
    """
    return {_bare(number) for number in _NUMBER.findall(text)} <= {_bare(n) for n in _NUMBER.findall(evidence)}


def _bare(number: str) -> str:
    """A number without what groups its thousands."""
    return re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number)


def _spaced(text: str) -> str:
    return " ".join(text.lower().split())


def _negated(text: str) -> bool:
    return bool(_NEGATION.search(text))


def _harmless(text: str, exhibits: Sequence[Exhibit]) -> str:
    """Words alone: no hidden characters, no Markdown links or pictures, no address that what is cited does not hold."""
    words = _MARKDOWN.sub(r"\1", plain(text).replace("\n", " "))
    held = " ".join(exhibit.text for exhibit in exhibits)
    kept = _ADDRESS.sub(lambda found: found[0] if found[0].rstrip(".,;") in held else "(address left out)", words)
    return kept.strip()
