"""Search results that show themselves: `print(results)`, and thumbnails in a notebook."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, fields

from sensorium.core.results import SearchResults
from sensorium.present.notebook import notebook_fragment
from sensorium.present.terminal import plain_text

UNKNOWN_WIDTH = (100, 24)
"""Columns and lines where the output is no terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownResults(SearchResults):
    """`SearchResults` with a form for people.

    >>> from sensorium.core.trace import Trace
    >>> print(ShownResults.of(SearchResults(question="two dogs", hits=(), trace=Trace())))
    two dogs
    Nothing found.
    """

    @classmethod
    def of(cls, results: SearchResults) -> ShownResults:
        """The same hits, showing themselves."""
        return cls(**{entry.name: getattr(results, entry.name) for entry in fields(results)})

    def __str__(self) -> str:
        return plain_text(self, width=shutil.get_terminal_size(UNKNOWN_WIDTH).columns)

    def _repr_html_(self) -> str:
        return notebook_fragment(self)
