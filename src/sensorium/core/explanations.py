"""Why a hit is a hit: in sentences for people, in numbers for engineers, as places in what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]
"""`(left, top, right, bottom)` as shares of width and height, 0..1, from the top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPlace:
    """A word of the question that stands in a text.

    characters: half-open interval of Unicode code points in the text of the piece.
    """

    word: str
    characters: tuple[int, int]

    def as_json(self) -> dict[str, Any]:
        return {"word": self.word, "characters": list(self.characters)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCell:
    """Where in a picture a word of the question fits best. score: the inner product there, -1..1."""

    word: str
    box: Box
    score: float

    def as_json(self) -> dict[str, Any]:
        return {"word": self.word, "box": _rounded(self.box), "score": round(self.score, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The part of what was found that fits best.

    piece: id of the piece whose picture `box` lies in: the hit's own, or the frame of a film. box: None where no part
    of a picture stands out. name: of that part, for people, such as "the right half"; "" where it has none. seconds,
    page: where in its item it is. words: for each word of the question its best cell.
    """

    piece: str
    box: Box | None = None
    name: str = ""
    seconds: float | None = None
    page: int | None = None
    words: tuple[WordCell, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "piece": self.piece,
            "box": None if self.box is None else _rounded(self.box),
            "name": self.name,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "page": self.page,
            "words": [cell.as_json() for cell in self.words],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a closer look can tell of one candidate. numbers: by name; box, words: as of `Region`."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    box: Box | None = None
    words: tuple[WordCell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a hit is where it is.

    words: sentences that need no knowledge of how it works. numbers: what decided, by name; `docs/explaining.md` says
    what each is. terms: words of the question that stand in the piece's text, in the order of the text. region: None
    where nothing is seen.
    """

    words: tuple[str, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    terms: tuple[TermPlace, ...] = ()
    region: Region | None = None

    def as_json(self) -> dict[str, Any]:
        """As a part of a hit of the schema `SEARCH_SCHEMA`.

        >>> Explanation(words=("It says 'tea'.",), numbers={"rank": 1.0}).as_json()["numbers"]
        {'rank': 1.0}
        """
        return {
            "words": list(self.words),
            "numbers": {name: round(number, 6) for name, number in self.numbers.items()},
            "terms": [term.as_json() for term in self.terms],
            "region": None if self.region is None else self.region.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Another way to put a question. words: the whole of it. changed: each word that is another one: (given, meant)."""

    words: str
    changed: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return {"words": self.words, "changed": [list(pair) for pair in self.changed]}


def _rounded(box: Box) -> list[float]:
    return [round(edge, 4) for edge in box]
