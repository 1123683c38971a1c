"""What the user gets: hits with place, score and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from sensorium.core.items import Item, Piece, Preview
from sensorium.core.trace import Trace

SEARCH_SCHEMA = "sensorium.search/1"
"""Name and version of the JSON of a search; `docs/json.md` describes it. New fields do not change the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a hit is here: the route that found it, that route's own score and rank (from 1)."""

    route: str
    raw: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer. score: 0..1, comparable across modalities. preview: a small picture, None where there is none."""

    item: Item
    piece: Piece
    score: float
    evidence: tuple[Evidence, ...]
    preview: Preview | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The source that the item was added from."""
        return self.item.lineage.source

    def as_json(self) -> dict[str, Any]:
        """One hit of the schema `SEARCH_SCHEMA`."""
        return {
            "item": self.item.id,
            "piece": self.piece.id,
            "path": self.path,
            "title": self.item.title,
            "modality": str(self.piece.modality),
            "media_type": self.item.media_type,
            "place": self.piece.place.as_json(),
            "score": round(self.score, 6),
            "text": self.piece.text,
            "evidence": [{"route": e.route, "raw": round(e.raw, 6), "rank": e.rank} for e in self.evidence],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults(Sequence[Hit]):
    """Hits, best first, with the question in words and a trace of how they were found.

    picture: a preview of the picture that was asked with, None where none was.
    """

    question: str
    hits: tuple[Hit, ...]
    picture: Preview | None = field(default=None, repr=False, compare=False)
    trace: Trace = field(repr=False, compare=False)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def as_json(self) -> dict[str, Any]:
        """The whole answer in the schema `SEARCH_SCHEMA`."""
        return {"schema": SEARCH_SCHEMA, "question": self.question, "hits": [hit.as_json() for hit in self.hits]}
