"""What is said of a whole answer: that nothing matches, or how much of it does."""

from __future__ import annotations

from sensorium.core.results import SearchResults

NOTHING_MATCHES = "Nothing here matches; the nearest are:"
NOTHING_FOUND = "Nothing found."


def warning(results: SearchResults) -> str:
    """The line above hits of which none matches; empty where it would not be true.

    >>> from sensorium.core.trace import Trace
    >>> warning(SearchResults(question="dogs", hits=(), trace=Trace()))
    ''
    """
    return NOTHING_MATCHES if results and results.nothing_matches else ""


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "hit"), counted(0, "hit"), counted(2, "search")
    ('1 hit', '0 hits', '2 searches')
    """
    plural = noun + ("es" if noun.endswith("ch") else "s")
    return f"{number} {noun if number == 1 else plural}"


def tally(results: SearchResults) -> str:
    """How many hits there are and, where not all of them match, how many do, by sense.

    >>> from sensorium.core.trace import Trace
    >>> tally(SearchResults(question="dogs", hits=(), trace=Trace()))
    '0 hits'
    """
    hits = counted(len(results), "hit")
    if results.matching == len(results):
        return hits
    senses = ", ".join(f"{number} {modality}" for modality, number in results.matching_by_modality.items())
    return f"{hits}, matching: {senses or 'none'}"
