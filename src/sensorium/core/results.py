"""What the user gets: hits with place, score and evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from sensorium.core.attributes import value_json
from sensorium.core.explanations import Explanation, Suggestion
from sensorium.core.items import Aspect, Clip, Item, Modality, Piece, Preview
from sensorium.core.receipts import CATALOGUE
from sensorium.core.trace import Trace

SEARCH_SCHEMA = "sensorium.search/1"
"""Name and version of the JSON of a search; `docs/json.md` describes it. New fields do not change the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A closer look that was taken at a candidate. name: of the reranker. raw: the raw score after it."""

    name: str
    raw: float

    def as_json(self) -> dict[str, Any]:
        """One look of the schema `SEARCH_SCHEMA`."""
        return {"name": self.name, "raw": round(self.raw, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a hit is here: the route that found it, that route's own score and rank (from 1).

    looks: the closer looks, in the order they were taken; none for what lay too deep to be looked at.
    """

    route: str
    raw: float
    rank: int
    looks: tuple[Look, ...] = ()

    @property
    def last_raw(self) -> float:
        """The raw score after all looks.

        >>> Evidence(route="vectors:a", raw=0.3, rank=1, looks=(Look(name="hubness", raw=0.1),)).last_raw
        0.1
        """
        return self.looks[-1].raw if self.looks else self.raw

    def as_json(self) -> dict[str, Any]:
        """One entry of the schema `SEARCH_SCHEMA`."""
        looks = [look.as_json() for look in self.looks]
        return {"route": self.route, "raw": round(self.raw, 6), "rank": self.rank, "looks": looks}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleApplied:
    """A rule that moved a hit. name: as its owner gave it. kind: "boost", "pin" and the like; "learned" of a learned
    ranker. words: what it did, for people. before, after: the places it moved it from and to, from 1; before is 0 for
    what it brought into the list.

    >>> RuleApplied(name="coats", kind="boost", words="its odds count 3 times", before=4, after=1).as_json()["kind"]
    'boost'
    """

    name: str
    kind: str
    words: str
    before: int
    after: int

    def as_json(self) -> dict[str, Any]:
        """One rule of the schema `SEARCH_SCHEMA`."""
        return {
            "name": self.name,
            "kind": self.kind,
            "words": self.words,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer.

    score: 0..1, comparable across modalities. matches: whether it is good enough to be an answer; what is not is shown
    as the nearest there is. preview: a small picture, None where there is none; of a sentence or a sound in a film the
    frame that is seen then, of a passage the page that it stands on. clip: what is heard and seen, where asked for.
    rules: what moved it from where its score puts it. folded: near duplicates that it stands for, best first.
    """

    item: Item
    piece: Piece
    score: float
    evidence: tuple[Evidence, ...]
    matches: bool = True
    rules: tuple[RuleApplied, ...] = ()
    folded: tuple[Hit, ...] = ()
    preview: Preview | None = field(default=None, repr=False)
    clip: Clip | None = field(default=None, repr=False)
    explanation: Explanation | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The source that the item was added from."""
        return self.item.lineage.source

    @property
    def words(self) -> str:
        """What it says: the text of the piece; of a picture in a catalogue, the title of its row."""
        return self.piece.text or (self.item.title if self.path.startswith(CATALOGUE) else "")

    @property
    def kind(self) -> str:
        """What it is, for people: the kind of the item and what of it was found, as "video, speech"."""
        aspect = self.piece.aspect
        return str(self.item.modality) if aspect is Aspect.CONTENT else f"{self.item.modality}, {aspect}"

    def as_json(self) -> dict[str, Any]:
        """One hit of the schema `SEARCH_SCHEMA`."""
        return {
            "item": self.item.id,
            "piece": self.piece.id,
            "path": self.path,
            "title": self.item.title,
            "modality": str(self.piece.modality),
            "kind": str(self.item.modality),
            "aspect": str(self.piece.aspect),
            "attributes": dict(self.piece.attributes),
            "item_attributes": {name: value_json(value) for name, value in self.item.attributes.items()},
            "media_type": self.item.media_type,
            "place": self.piece.place.as_json(),
            "score": round(self.score, 6),
            "matches": self.matches,
            "text": self.piece.text,
            "evidence": [evidence.as_json() for evidence in self.evidence],
            **({"explanation": self.explanation.as_json()} if self.explanation else {}),
            "rules": [rule.as_json() for rule in self.rules],
            "folded": [hit.in_fold() for hit in self.folded],
        }

    def in_fold(self) -> dict[str, Any]:
        """What is said of it where it is folded under another, in the schema `SEARCH_SCHEMA`."""
        return {
            "item": self.item.id,
            "piece": self.piece.id,
            "path": self.path,
            "title": self.item.title,
            "kind": str(self.item.modality),
            "media_type": self.item.media_type,
            "score": round(self.score, 6),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults(Sequence[Hit]):
    """Hits, best first or as they were arranged, with the question in words and a trace of how they were found.

    picture: a preview of the picture that was asked with, None where none was. suggestions: other ways to put the
    question, where a word of it is known to nobody. language: of its words (ISO 639-1), None where it can not be told.
    """

    question: str
    hits: tuple[Hit, ...]
    picture: Preview | None = field(default=None, repr=False, compare=False)
    suggestions: tuple[Suggestion, ...] = ()
    language: str | None = None
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

    @property
    def matching(self) -> int:
        """How many of the hits match."""
        return sum(hit.matches for hit in self.hits)

    @property
    def matching_by_modality(self) -> dict[Modality, int]:
        """How many of the hits match, for each modality that has any."""
        return dict(sorted(Counter(hit.piece.modality for hit in self.hits if hit.matches).items()))

    @property
    def nothing_matches(self) -> bool:
        """Whether none of the hits matches: those that there are, are but the nearest."""
        return self.matching == 0

    def as_json(self) -> dict[str, Any]:
        """The whole answer in the schema `SEARCH_SCHEMA`."""
        return {
            "schema": SEARCH_SCHEMA,
            "question": self.question,
            "matching": self.matching,
            "matching_by_modality": {str(name): count for name, count in self.matching_by_modality.items()},
            "nothing_matches": self.nothing_matches,
            "language": self.language,
            "suggestions": [suggestion.as_json() for suggestion in self.suggestions],
            "hits": [hit.as_json() for hit in self.hits],
        }
