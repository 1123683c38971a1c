"""What is told beside hits: the language of a question, other ways to put it, and why each hit is one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from sensorium.core.ports import WordKnowing
from sensorium.core.queries import Query
from sensorium.core.results import SearchResults
from sensorium.machine import Machine
from sensorium.search.explaining.explainer import Explainer
from sensorium.search.wording.spelling import Spelling

Results = TypeVar("Results", bound=SearchResults)


def understood(results: Results, text: str | None, machine: Machine) -> Results:
    """The same results with the language of `text` and what may be meant by it."""
    if text is None:
        return results
    encoder = machine.encoder
    spelling = Spelling(machine.scope, machine.store, encoder if isinstance(encoder, WordKnowing) else None)
    language = spelling.language(text)
    return replace(results, language=language, suggestions=spelling.suggestions(text, language))


def explained(results: Results, query: Query, wanted: bool | Collection[str], machine: Machine) -> Results:
    """The same results with explanations. wanted: of all hits or of none, or ids of pieces."""
    if not wanted:
        return results
    if query.arrangement.rules:  # what rules hide was not looked at
        book = machine.rules(machine.scope).of(query)
        query = replace(query, filter=book.narrowed(query.filter))
    explainer = Explainer(store=machine.store, encoders=(machine.asked,), rerankers=machine.rerankers)
    pieces = None if isinstance(wanted, bool) else frozenset(wanted)
    return replace(results, hits=explainer.explained(machine.scope, query, results.hits, pieces))
