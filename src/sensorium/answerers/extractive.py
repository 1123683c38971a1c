"""Answers without a language model: the sentences, rows and moments of the evidence that fit the question best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.answerers.citations import held_words, overlap
from sensorium.answerers.hops import compared_things
from sensorium.answerers.looks import asks_for_pictures, is_description
from sensorium.answerers.statements import Statement, statements
from sensorium.core.answers import AnswerRequest, Draft, Exhibit, Form, Pack, Spent
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.settings import Settings
from sensorium.core.terms import terms

WORDS = 0.5
"""What holding all words of the question adds to the inner product of a sentence with it."""

PLACE = 1.0
"""What the score of its hit adds, 0..1: a sentence of a page that answers is likelier to answer."""

CUT = 0.68
"""Below this score of its best sentence the evidence answers nothing. Chosen, with the two above, on half of the
judged documents: `python -m benchmarks.judged answers`."""

NEAR = 0.75
"""Sentences whose score is less than this share of the best one's are left out of a short answer."""

REPEATS = 0.9
"""A sentence with this inner product with an earlier one, or so many of its words, says it again."""

MOST = {Form.ANSWER: 3, Form.BRIEF: 5, Form.SUMMARY: 8, Form.COMPARISON: 3, Form.TABLE: 12}
"""Sentences of an answer; of each heading of a comparison; rows of a table."""

MOST_HEADINGS = 4

ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
"""What sentences end with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A statement with how well it fits. order: of its exhibit and in it."""

    statement: Statement
    exhibit: Exhibit
    score: float
    order: tuple[int, int]
    vector: npt.NDArray[np.float32]


class Extractive:
    """Fits the port `Answerer`. Every sentence is one that the evidence holds, or a row of a table in words."""

    name = "extractive"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @classmethod
    def load(cls, settings: Settings, encoder: Encoder) -> Extractive:
        """Fits the port `AnswererFactory`."""
        return cls(encoder)

    def write(self, request: AnswerRequest, spent: Spent) -> Iterator[Draft]:
        """The best statements in the form that is asked for; none where the best is below the cut.

        What a picture looks like is no statement but where pictures are asked for.
        """
        found = self.ranked(request.question, request.pack, asks_for_pictures(request.question))
        if not found or found[0].score < CUT:
            return
        for draft in self._laid_out(request, found):
            if request.stop.is_set():
                return
            yield draft

    def ranked(self, question: str, pack: Pack, looks: bool = False) -> list[Found]:
        """Every statement of the pack, best first. looks: what pictures look like among them.

        A title is shown beside what is cited, so it is left out where something answers better: the title of a note
        is its first line, which may be all that it says.
        """
        held = [
            (exhibit, statement)
            for exhibit in pack.exhibits
            for statement in statements(exhibit.text)
            if looks or not (exhibit.described and is_description(statement.text))
        ]
        if not held:
            return []
        asked = self._encoder.encode(Modality.TEXT, [question], "query")[0]
        vectors = self._encoder.encode(Modality.TEXT, [statement.text for _, statement in held], "piece")
        words = _shares(question, [_context(exhibit, statement) for exhibit, statement in held])
        found = [
            Found(
                statement=statement,
                exhibit=exhibit,
                score=float(vector @ asked) + WORDS * share + PLACE * exhibit.hit.score,
                order=(exhibit.number, place),
                vector=vector,
            )
            for place, ((exhibit, statement), vector, share) in enumerate(zip(held, vectors, words, strict=True))
        ]
        best, *others = sorted(found, key=lambda one: (-one.score, one.order))
        return [best, *(one for one in others if not _is_title(one.exhibit, one.statement))]

    def _laid_out(self, request: AnswerRequest, found: Sequence[Found]) -> Iterator[Draft]:
        most = MOST[request.form]
        match request.form:
            case Form.COMPARISON:
                yield from self._compared(request, found)
            case Form.TABLE:
                yield from _rows(found, most)
            case Form.SUMMARY:
                yield from map(_draft, sorted(_different(found, most), key=lambda one: one.order))
            case Form.BRIEF:
                yield from map(_draft, _different(_first_of_each(found), most))
            case _:
                good = [one for one in found if one.score >= NEAR * found[0].score]
                yield from map(_draft, _different(good, most))

    def _compared(self, request: AnswerRequest, found: Sequence[Found]) -> Iterator[Draft]:
        """Under each thing that is compared what tells of it; where none is named, under each item."""
        things = compared_things(request.question)
        looks = asks_for_pictures(request.question)
        groups = {thing: own for thing in things if (own := self.ranked(thing, request.pack, looks))}
        if not groups:
            items = list(dict.fromkeys(one.exhibit.hit.item.id for one in found))[:MOST_HEADINGS]
            of_item = {item: [one for one in found if one.exhibit.hit.item.id == item] for item in items}
            groups = {own[0].exhibit.hit.item.title or item: own for item, own in of_item.items()}
        for heading, own in groups.items():
            good = [one for one in own if one.score >= max(CUT, NEAR * own[0].score)]
            for one in _different(good, MOST[Form.COMPARISON]):
                yield _draft(one, heading)


def _is_title(exhibit: Exhibit, statement: Statement) -> bool:
    """Whether it says no more than the title of its item, and is no sentence."""
    if statement.cells or statement.text.rstrip("\"'”’»)]").endswith(ENDS):
        return False
    return overlap(statement.text, exhibit.hit.item.title) == 1.0


def _shares(question: str, texts: Sequence[str]) -> list[float]:
    """Of each text, how much of the question's words it holds, 0..1; a word weighs more the fewer texts hold it."""
    asked = terms(question)
    if not asked:
        return [0.0] * len(texts)
    held = np.array([held_words(asked, text) for text in texts], dtype=float)
    weights = np.array([math.log(1 + (len(texts) + 1) / (count + 0.5)) for count in held.sum(axis=0)])
    return [float(share) for share in held @ weights / weights.sum()]


def _context(exhibit: Exhibit, statement: Statement) -> str:
    """What tells what a statement is about: a row is understood by its head and what stands above the table."""
    heading = exhibit.hit.piece.attributes.get("heading", "")
    above = " ".join([exhibit.hit.piece.attributes.get("caption", ""), *statement.columns]) if statement.cells else ""
    return f"{statement.text} {above} {heading}"


def _different(found: Sequence[Found], most: int) -> list[Found]:
    """The first `most` that do not say what an earlier one says."""
    kept: list[Found] = []
    for one in found:
        if len(kept) == most:
            break
        if not any(_repeats(one, earlier) for earlier in kept):
            kept.append(one)
    return kept


def _repeats(one: Found, other: Found) -> bool:
    if one.statement.cells or other.statement.cells:
        return one.statement.text == other.statement.text
    return float(one.vector @ other.vector) > REPEATS or overlap(one.statement.text, other.statement.text) > REPEATS


def _first_of_each(found: Sequence[Found]) -> list[Found]:
    """The best of each item, then what is left."""
    firsts = {one.exhibit.hit.item.id: one for one in reversed(found)}
    return sorted(firsts.values(), key=lambda one: -one.score)


def _rows(found: Sequence[Found], most: int) -> Iterator[Draft]:
    """The rows of the best table with the best one first; where the best is prose, a row a sentence: which, where."""
    best = found[0]
    if best.statement.cells:
        own = [one for one in found if one.exhibit is best.exhibit and one.statement.columns == best.statement.columns]
        for one in [best, *sorted((one for one in own if one is not best), key=lambda one: one.order)][:most]:
            yield Draft(text=one.statement.text, cites=(one.exhibit.number,), cells=one.statement.cells)
        return
    for one in _different([one for one in found if one.score >= NEAR * best.score], most):
        hit = one.exhibit.hit
        cells = (hit.item.title, hit.piece.place.describe(), one.statement.text)
        yield Draft(text=one.statement.text, cites=(one.exhibit.number,), cells=cells)


def _draft(one: Found, heading: str = "") -> Draft:
    return Draft(text=one.statement.text, cites=(one.exhibit.number,), heading=heading)
