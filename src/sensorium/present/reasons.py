"""Why a hit is a hit, and what a question may have meant, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from sensorium.core.explanations import Explanation
from sensorium.core.results import SearchResults
from sensorium.present.characters import one_line, wrapped

BULLET = "- "


def did_you_mean(results: SearchResults) -> str:
    """What else may be asked; "" where every word is known.

    >>> from sensorium.core.explanations import Suggestion
    >>> from sensorium.core.trace import Trace
    >>> meant = Suggestion(words="the harbour", changed=(("harbuor", "harbour"),))
    >>> did_you_mean(SearchResults(question="the harbuor", hits=(), suggestions=(meant,), trace=Trace()))
    'Did you mean: the harbour?'
    """
    meant = one_line(" / ".join(one.words for one in results.suggestions))
    return f"Did you mean: {meant}?" if meant else ""


def sentences(explanation: Explanation, width: int) -> Iterator[str]:
    """The sentences, one below the other, within `width` columns.

    >>> list(sentences(Explanation(words=("It says 'tea'.",)), 40))
    ["- It says 'tea'."]
    """
    for sentence in explanation.words:
        for number, line in enumerate(wrapped(one_line(sentence), width - len(BULLET))):
            yield (" " * len(BULLET) if number else BULLET) + line


def figures(explanation: Explanation, width: int) -> Iterator[str]:
    """The numbers, and where the region lies, within `width` columns.

    >>> list(figures(Explanation(words=(), numbers={"score": 0.5, "rank": 1.0}), 40))
    ['score 0.5, rank 1']
    """
    told = [f"{one_line(name)} {number:.4g}" for name, number in explanation.numbers.items()]
    region = explanation.region
    if region is not None and region.box is not None:
        told.append("region " + " ".join(f"{edge:.2f}" for edge in region.box))
    yield from wrapped(", ".join(told), width)
