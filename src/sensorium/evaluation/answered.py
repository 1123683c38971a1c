"""Questions with known answers, asked through the product: what came back, and what of it was right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Aspect, Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.receipts import Outcome, Receipt
from sensorium.core.results import Hit, SearchResults
from sensorium.core.scopes import Filter
from sensorium.evaluation.agreement import agreeing
from sensorium.evaluation.captions import caption_rows
from sensorium.evaluation.encoding import Told

Table = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SHARE = 0.001
"""Share of right answers among what is looked at: that of a caption's picture among 1,000. Scores are fitted for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioned:
    """Pictures and captions of a split. captions[i] describes pictures[described[i]]."""

    pictures: tuple[Path, ...]
    captions: tuple[str, ...]
    described: tuple[int, ...]

    @classmethod
    def read(cls, folder: Path, split: str) -> Captioned:
        """`folder/captions_SPLIT.tsv` and `folder/images`. Raises BadInput."""
        rows = caption_rows(folder, split)
        numbers: dict[Path, int] = {}
        described = tuple(numbers.setdefault(row.file("image", folder / "images"), len(numbers)) for row in rows)
        captions = tuple(row.filled("caption") for row in rows)
        return cls(pictures=tuple(numbers), captions=captions, described=described)

    def take(self, positions: Sequence[int]) -> Captioned:
        """The pictures at these positions with their captions."""
        number = {position: new for new, position in enumerate(positions)}
        kept = [(text, number[own]) for text, own in zip(self.captions, self.described, strict=True) if own in number]
        return Captioned(
            pictures=tuple(self.pictures[position] for position in positions),
            captions=tuple(text for text, _ in kept),
            described=tuple(own for _, own in kept),
        )

    def write_captions(self, folder: Path) -> list[Path]:
        """A text file for each caption, named by its number."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{number}.txt" for number in range(len(self.captions))]
        for path, caption in zip(paths, self.captions, strict=True):
            path.write_text(caption, encoding="utf-8")
        return paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the questions of one pair of senses found, a row a question, the best hit first.

    scores, raw: float64 [questions, depth], NaN below the last hit; raw is what came out of the last look. matches,
    right: bool of the same shape. groups: int [questions], questions about one picture have the same. right_answers:
    int [questions], how many there are to be found. pictures, pieces: how many pictures there are, and how many pieces
    of the sense that was looked in. grows: whether the
    right answers of a question become more as the gallery grows. looks: what was looked at closer.
    """

    asked: Modality
    found: Modality
    looks: tuple[str, ...]
    scores: Table = field(repr=False)
    raw: Table = field(repr=False)
    matches: Flags = field(repr=False)
    right: Flags = field(repr=False)
    groups: npt.NDArray[np.int64] = field(repr=False)
    right_answers: npt.NDArray[np.int64] = field(repr=False)
    pictures: int
    pieces: int
    grows: bool = False

    @property
    def pair(self) -> str:
        """Its name, as in a manifest."""
        return f"{self.asked}->{self.found}"

    def take(self, rows: Flags) -> Answers:
        """Only these questions."""
        return replace(
            self,
            scores=self.scores[rows],
            raw=self.raw[rows],
            matches=self.matches[rows],
            right=self.right[rows],
            groups=self.groups[rows],
            right_answers=self.right_answers[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How to ask.

    depth: hits of each question. foreign: questions that nothing answers. rerank, hubness: as in `Query`.
    """

    depth: int = 50
    foreign: Sequence[str] = ()
    rerank: bool | None = None
    hubness: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Answers by pair: of questions with a known answer, and of foreign ones, which are asked in words alone."""

    known: Mapping[str, Answers]
    foreign: Mapping[str, Answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The library that is asked. folder: where captions may be laid. picture: reads one to ask with it."""

    folder: Path
    is_empty: bool
    add: Callable[..., Receipt]
    ask: Callable[[Query], SearchResults]
    picture: Callable[[Path], QueryPart]

    def fill(self, data: Captioned) -> None:
        """Adds pictures and captions. Raises BadInput where other things are, or a file is refused."""
        if not self.is_empty:
            raise BadInput("it is not empty", subject=str(self.folder), remedy="name a new library")
        receipt = self.add(*data.pictures, *data.write_captions(self.folder / "captions"))
        for line in receipt.of(Outcome.REFUSED):
            raise BadInput(f"it was refused: {line.code}", subject=line.source, remedy="take its rows out of the table")


def answered(data: Captioned, product: Product, asking: Asking, told: Told | None = None) -> Answered:
    """Asks with every caption and every picture for captions and for pictures.

    A question's own file, and every caption of the same words, is left out of its answer. A look that is insisted on is
    left out for pairs of senses that can not have it. Raises BadInput, and BadQuery when no pair can.
    """
    product.fill(data)
    judge, asker = _Judge(data), _Asker(product, asking)
    rounds = [
        *((_text(words), judge.caption(number), number) for number, words in enumerate(data.captions)),
        *((None, judge.picture(number), number) for number in range(len(data.pictures))),
        *((_text(words), _Key(), -1) for words in asking.foreign),
    ]
    rows: dict[tuple[bool, Modality, Modality], list[_Row]] = {}
    for done, (part, key, number) in enumerate(rounds, 1):
        part = part or product.picture(data.pictures[number])
        for found in (Modality.TEXT, Modality.IMAGE):
            row = judge.row(asker.ask(part, found), key, found, asking.depth)
            rows.setdefault((number < 0, part.modality, found), []).append(row)
        if told is not None:
            told(done, len(rounds))
    asker.check_insisted()
    known = {name: _answers(kept, name[1:], asking.depth, data) for name, kept in rows.items() if not name[0]}
    foreign = {name: _answers(kept, name[1:], asking.depth, data) for name, kept in rows.items() if name[0]}
    return Answered(
        known={own.pair: own for own in known.values()}, foreign={own.pair: own for own in foreign.values()}
    )


class _Asker:
    """Asks, and remembers for each pair of senses which looks it may insist on."""

    def __init__(self, product: Product, asking: Asking) -> None:
        self._product = product
        self._ways = [replace(asking, rerank=rerank, hubness=hubness) for rerank, hubness in _insisting(asking)]
        self._way: dict[tuple[Modality, Modality], int] = {}
        self._refused: BadQuery | None = None

    def ask(self, part: QueryPart, found: Modality) -> SearchResults:
        """The answer. Raises BadQuery where no way to ask is left."""
        pair = part.modality, found
        while True:
            number = self._way.setdefault(pair, 0)
            try:
                return self._product.ask(_query(part, found, self._ways[number]))
            except BadQuery as error:
                if number + 1 == len(self._ways):
                    raise
                self._refused, self._way[pair] = error, number + 1

    def check_insisted(self) -> None:
        """Raises the BadQuery that every pair met with, if that was so."""
        if self._refused is not None and all(number + 1 == len(self._ways) for number in self._way.values()):
            raise self._refused


def _insisting(asking: Asking) -> list[tuple[bool | None, bool | None]]:
    """What to ask for, one look less each time: `rerank` first."""
    ways = [(asking.rerank, asking.hubness)]
    if asking.rerank and asking.hubness:
        ways += [(None, True), (True, None)]
    if asking.rerank or asking.hubness:
        ways.append((asking.rerank and None, asking.hubness and None))
    return ways


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What is right for a question. words, name: its own, which do not count as an answer."""

    group: int = -1
    pictures: frozenset[int] = frozenset()
    captions: frozenset[int] = frozenset()
    words: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    group: int
    right_answers: int
    hits: list[tuple[float, float, bool, bool]]
    looks: tuple[str, ...]


class _Judge:
    """Knows which hit is right. Captions of the same words answer for every picture that they describe."""

    def __init__(self, data: Captioned) -> None:
        self._data = data
        self._number = {path.name: number for number, path in enumerate(data.pictures)}
        self._of_words: dict[str, set[int]] = {}
        for words, own in zip(data.captions, data.described, strict=True):
            self._of_words.setdefault(words, set()).add(own)
        self._alike = agreeing(data.captions, data.described, SHARE)

    def caption(self, number: int) -> _Key:
        """For the question that is a caption: its pictures, and what else is said of them."""
        words = self._data.captions[number]
        own = frozenset(self._of_words[words])
        return _Key(group=self._data.described[number], pictures=own, captions=own, words=words)

    def picture(self, number: int) -> _Key:
        """For the question that is a picture: its captions, and the pictures whose captions agree with them."""
        alike = frozenset(np.flatnonzero(self._alike[number]).tolist())
        name = self._data.pictures[number].name
        return _Key(group=number, pictures=alike, captions=frozenset({number}), name=name)

    def row(self, results: SearchResults, key: _Key, found: Modality, depth: int) -> _Row:
        """The hits of one answer, judged."""
        judged = [
            (hit.score, hit.evidence[0].last_raw, hit.matches, self._is_right(hit, key))
            for hit in results
            if not self._is_itself(hit, key)
        ]
        looks = tuple(look.name for look in results[0].evidence[0].looks) if results else ()
        return _Row(group=key.group, right_answers=self._right_answers(key, found), hits=judged[:depth], looks=looks)

    def _is_itself(self, hit: Hit, key: _Key) -> bool:
        if hit.piece.modality is Modality.TEXT:
            return self._words_of(hit) == key.words
        return Path(hit.path).name == key.name

    def _is_right(self, hit: Hit, key: _Key) -> bool:
        if hit.piece.modality is Modality.TEXT:
            return not key.captions.isdisjoint(self._of_words[self._words_of(hit)])
        return self._number[Path(hit.path).name] in key.pictures

    def _right_answers(self, key: _Key, found: Modality) -> int:
        if found is Modality.IMAGE:
            return len(key.pictures)
        return sum(words != key.words and not key.captions.isdisjoint(own) for words, own in self._of_words.items())

    def _words_of(self, hit: Hit) -> str:
        return self._data.captions[int(Path(hit.path).stem)]


def _text(words: str) -> QueryPart:
    return QueryPart(modality=Modality.TEXT, content=words)


def _query(part: QueryPart, found: Modality, asking: Asking) -> Query:
    return Query(
        parts=(part,),
        k=asking.depth + 1,
        # Writing that is read off a picture is a text too, which no caption is and nobody judges.
        filter=Filter(modalities=frozenset({found}), aspects=frozenset({Aspect.CONTENT})),
        rerank=asking.rerank,
        hubness=asking.hubness,
    )


def _answers(rows: Sequence[_Row], pair: tuple[Modality, Modality], depth: int, data: Captioned) -> Answers:
    scores, raw = (np.full((len(rows), depth), np.nan) for _ in range(2))
    matches, right = (np.zeros((len(rows), depth), dtype=np.bool_) for _ in range(2))
    for number, row in enumerate(rows):
        if row.hits:
            columns = zip(*row.hits, strict=True)
            for array, column in zip((scores, raw, matches, right), columns, strict=True):
                array[number, : len(row.hits)] = column
    return Answers(
        asked=pair[0],
        found=pair[1],
        looks=max((row.looks for row in rows), key=len, default=()),
        scores=scores,
        raw=raw,
        matches=matches,
        right=right,
        groups=np.array([row.group for row in rows], dtype=np.int64),
        right_answers=np.array([row.right_answers for row in rows], dtype=np.int64),
        pictures=len(data.pictures),
        pieces=len(data.pictures) if pair[1] is Modality.IMAGE else len(set(data.captions)),
        grows=pair == (Modality.IMAGE, Modality.IMAGE),
    )
