"""The words of a text that tell something: what a search by the letter and the check of a citation go by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

MOST_WORDS = 32
"""Of a question; the longest are taken."""

_TERM = re.compile(r"\w+(?:[-./:@_']\w+)*")

_QUOTED = re.compile(r"[\"“„«](?P<quoted>[^\"“”„«»]{1,200})[\"”“»]")
_BEGINNING = re.compile(r"(?P<beginning>\w+(?:[-./:@_']\w+)*)\*")

LITERAL_WEIGHT = 3.0
"""How many times its rarity a phrase in quotation marks counts, and a code such as INV-2024-0917: whoever writes them
wants them so and not otherwise."""

LEAST_BEGINNING = 3
"""Letters that the beginning of a word has to have."""

STOP_WORDS = frozenset(files(__package__).joinpath("stop_words.txt").read_text(encoding="utf-8").split())
"""Words of English, German, French and Czech that stand in texts on anything."""


def terms(text: str, most: int | None = MOST_WORDS) -> list[str]:
    """The words of a text that tell something: each once, codes and numbers whole. most: None for all of them.

    >>> terms("Where is the invoice INV-2024-0917, and the invoice of May?")
    ['invoice', 'inv-2024-0917', 'may']
    """
    found = dict.fromkeys(match[0].lower() for match in _TERM.finditer(text))
    telling = [word for word in found if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())]
    if most is not None and len(telling) > most:
        longest = set(sorted(telling, key=len, reverse=True)[:most])
        telling = [word for word in telling if word in longest]
    return telling


@dataclass(frozen=True, slots=True)
class Sought:
    """What a question looks for by the letter. phrase: words one after the other. begins: whether the last of them is
    but the beginning of a word. weight: how many times its rarity it counts."""

    phrase: str
    begins: bool = False
    weight: float = 1.0

    @property
    def pattern(self) -> str:
        """The phrase as `WordStore.holding` takes it: with a star behind the beginning of a word."""
        return self.phrase + "*" * self.begins


def sought(question: str) -> list[Sought]:
    """What stands in quotation marks as one phrase, `begin*` as the beginning of a word, and the terms of the rest.

    Phrases and codes count more.

    >>> [(one.pattern, one.weight) for one in sought('Hartmann and a "fire door" of INV-2024*')]
    [('fire door', 3.0), ('inv-2024*', 1.0), ('hartmann', 1.0)]
    """
    rest = question
    found: list[Sought] = []
    for match in _QUOTED.finditer(question):
        words = " ".join(_TERM.findall(match["quoted"].lower()))
        if words:
            found.append(Sought(words, weight=LITERAL_WEIGHT))
        rest = rest.replace(match[0], " ")
    for match in _BEGINNING.finditer(rest):
        if len(match["beginning"]) >= LEAST_BEGINNING:
            found.append(Sought(match["beginning"].lower(), begins=True))
            rest = rest.replace(match[0], " ")
    plain = [Sought(word, weight=LITERAL_WEIGHT if is_code(word) else 1.0) for word in terms(rest)]
    return list(dict.fromkeys([*found[:MOST_WORDS], *plain]))


def is_code(word: str) -> bool:
    """Whether it has a digit beside a letter or a sign, as a number alone has not.

    >>> [is_code(word) for word in ("inv-2024-0917", "img_2041", "b12", "2024", "well-known")]
    [True, True, True, False, False]
    """
    return any(map(str.isdigit, word)) and not word.isdigit()
