"""A search inside a notebook cell."""

from __future__ import annotations

from sensorium.core.results import SearchResults
from sensorium.present.cards import search_section, stylesheet


def notebook_fragment(results: SearchResults) -> str:
    """An HTML fragment that carries its own style and refers to nothing outside.

    >>> from sensorium.core.trace import Trace
    >>> notebook_fragment(SearchResults(question="dogs", hits=(), trace=Trace())).count("Nothing found.")
    1
    """
    return f'<div class="sensorium fragment"><style>{stylesheet()}</style>{search_section(results)}</div>'
