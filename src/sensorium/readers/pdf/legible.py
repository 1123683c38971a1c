"""Whether the text of a page can be believed: many scans carry what a poor recogniser made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LEAST_CHARACTERS = 12
"""A page with fewer has no text to speak of: a page number."""

LEAST_ON_SCAN = 100
"""A page that pictures cover and that has fewer characters: a scan with a stamp."""

LEGIBLE_ON_SCAN = 0.9
"""Share of sound words on a page that pictures cover. In 20 documents, pages born digital that pictures cover have 0.96
or more, a newspaper scan with a poor text layer 0.82."""

LEGIBLE = 0.5
"""The same for other pages: below it the file's fonts do not say which letters they draw. The lowest sound pages (lists
of names and addresses, checklists in code words) have 0.62."""

_EDGES = "\"'“”‘’„«»()[]{}<>.,;:!?…*†‡§•·–—-/|"
_NUMBER = re.compile(r"[$€£±+<>≤≥~-]?\d[\d.,:/%°–—-]*[a-z]{0,2}", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]", re.IGNORECASE)
_CASE = re.compile(r"(?:[a-zß-öø-ÿ]+|[A-ZÀ-Ö][a-zß-öø-ÿ]*|[A-ZÀ-Ö]+s?|[a-z]?[A-Z][a-z]+[A-Z][a-z]+)")
_SINGLE = frozenset("aAIioOyYeuz&")


def is_legible(words: Sequence[str], covered: bool) -> bool:
    """Whether the words of a page are what is written on it. covered: pictures cover most of the page."""
    characters = sum(map(len, words))
    if characters < (LEAST_ON_SCAN if covered else LEAST_CHARACTERS):
        return False
    return legibility(words) >= (LEGIBLE_ON_SCAN if covered else LEGIBLE)


def legibility(words: Iterable[str]) -> float:
    """The share of words that have the shape of one, 0..1, among those with a letter; 1.0 where there are none.

    Letters of other scripts than Latin count as sound, for nothing is known of them here.

    >>> legibility("The big guns are protected.".split()), legibility("jjRE.-Offl- c X t. i. ,ml {w,".split()) < 0.5
    (1.0, True)
    """
    shapes = [_is_sound(word) for word in words if any(map(str.isalpha, word))]
    return sum(shapes) / len(shapes) if shapes else 1.0


def _is_sound(token: str) -> bool:
    core = token.strip(_EDGES)
    if not core:
        return len(token) <= 1 or len(set(token)) == 1
    if _NUMBER.fullmatch(core):
        return True
    parts = re.split(r"[-–—/’'.@_]", core)
    return all(_is_word(part) for part in parts if part)


def _is_word(part: str) -> bool:
    if part.isdigit():
        return True
    if not part.isalpha():
        return False
    if not _LATIN.fullmatch(part):
        return True
    if len(part) == 1:
        return part in _SINGLE
    return bool(_CASE.fullmatch(part)) and (bool(_VOWEL.search(part)) or part.isupper())
