"""Questions of several parts taken apart by rule, unless a model plans it, and asked where no evidence covers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sensorium.answerers.citations import held_words
from sensorium.core.answers import Hop
from sensorium.core.results import Hit
from sensorium.core.terms import terms

COVERED = 0.8
"""A part is covered when one hit holds so many of its words."""

_ASKING = (
    r"(?:who|whose|what|when|where|why|which|how|is|are|was|were|does|do|did|can|wer|was|wann|wo|warum|welche\w*|wie"
    r"|ist|sind|qui|que|quand|où|pourquoi|quel\w*|comment|combien)"
)
_JOINTS = re.compile(rf"\?\s+|;\s+|,?\s+\b(?:and|und|et)\s+(?={_ASKING}\b)", re.IGNORECASE)
_COMPARED = re.compile(
    r"^(?:please\s+)?(?:compare|(?:what\s+is\s+)?the\s+differences?\s+between|vergleiche|comparer?)\s+(?P<one>.+?)"
    r"\s+(?:and|with|to|und|mit|et|avec)\s+(?P<other>.+?)[?.]?$",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"^(?P<one>.+?)\s+(?:vs\.?|versus|compared\s+(?:to|with))\s+(?P<other>.+?)[?.]?$", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|es|er|sie|ihr\w*|il|elle|ils|elles)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What was asked on the way, and what came back. hits: of all hops, best of each in turn, each piece once."""

    path: tuple[Hop, ...]
    hits: tuple[Hit, ...]
    by_hop: tuple[tuple[str, ...], ...]
    """The ids of the pieces that each hop brought."""


def parts(question: str) -> list[str]:
    """The questions that a question is made of; none where it is but one.

    >>> parts("Who wrote the letter, and when was it sent?")
    ['Who wrote the letter', 'when was it sent (Who wrote the letter)']
    >>> parts("Compare ducks of lakes and ducks of the sea")
    ['ducks of lakes', 'ducks of the sea']
    >>> parts("Who wrote the letter?")
    []
    """
    compared = compared_things(question)
    if compared:
        return compared
    found = [part.strip(" ,?") for part in _JOINTS.split(question) if terms(part)]
    if len(found) < 2:
        return []
    return [found[0], *(_with_subject(part, found[0]) for part in found[1:])]


def compared_things(question: str) -> list[str]:
    """The two things that a question compares; none where it does not say.

    >>> compared_things("FAISS versus pgvector")
    ['FAISS', 'pgvector']
    """
    found = _COMPARED.match(question.strip()) or _VERSUS.match(question.strip())
    return [found["one"].strip(), found["other"].strip()] if found else []


def walk(
    question: str,
    search: Callable[[str], Sequence[Hit]],
    most: int,
    split: Callable[[str, float], Sequence[str]] = lambda question, covered: parts(question),
) -> Walked:
    """Asks the question, then those of its parts that no hit covers, `most` of them.

    split: takes a question apart, of which a hit covers so much.
    """
    first = tuple(search(question))
    hops = [Hop(question=question, covered=covered(question, first))]
    found: list[Sequence[Hit]] = [first]
    for part in split(question, hops[0].covered)[:most] if most else ():
        before = covered(part, first)
        if before < COVERED:
            hits = search(part)
            found.append(hits)
            hops.append(Hop(question=part, parent=0, covered=max(before, covered(part, hits))))
    return Walked(
        path=tuple(hops),
        hits=_in_turn(found),
        by_hop=tuple(tuple(hit.piece.id for hit in hits) for hits in found),
    )


def covered(question: str, hits: Sequence[Hit]) -> float:
    """The largest share of the telling words of a question that the text of one hit holds, 0..1."""
    asked = terms(question)
    shares = [sum(held_words(asked, hit.piece.text)) / len(asked) for hit in hits if hit.piece.text and asked]
    return max(shares, default=0.0)


def _with_subject(part: str, first: str) -> str:
    """A part that speaks of "it" is asked with the first part, which says what that is."""
    return f"{part} ({first})" if _PRONOUN.search(part) else part


def _in_turn(found: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    merged: dict[str, Hit] = {}
    for row in zip_longest(*found):
        for hit in row:
            if hit is not None:
                merged.setdefault(hit.piece.id, hit)
    return tuple(merged.values())
