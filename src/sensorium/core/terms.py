"""The words of a text that tell something: what a search by the letter and the check of a citation go by."""

from __future__ import annotations

import re
from importlib.resources import files

MOST_WORDS = 32
"""Of a question; the longest are taken."""

_TERM = re.compile(r"\w+(?:[-./:@_']\w+)*")

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
