"""Encoded entries -> ranked answers, through the product's own index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sensorium.core.candidates import VectorChanges
from sensorium.core.errors import BadInput
from sensorium.core.ports import IndexFactory, VectorIndex
from sensorium.core.spaces import Space, Vectors
from sensorium.evaluation.encoding import EncodedEntry
from sensorium.evaluation.kinds.pages import page_id
from sensorium.evaluation.measures import TIE, Grades, Judged
from sensorium.evaluation.tasks import Entry, Task

SEARCH_BATCH = 256

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The answers to choose from. ids: of the answers. vectors: float32 [pieces, width]. answer_of: int64 [pieces]."""

    ids: tuple[str, ...]
    vectors: Vectors = field(repr=False)
    answer_of: Numbers = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The answers to each query, best first, as far as was looked; -1 and -inf where there was no more.

    ids: of all answers. answers: int64 [queries, depth], numbers of `ids`. scores: float32, same shape.
    """

    ids: tuple[str, ...]
    answers: Numbers = field(repr=False)
    scores: Scores = field(repr=False)
    judged: Judged

    def run(self, task: Task) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """Each query's id with its answers and scores, as a run file has them."""
        for query, answers, scores in zip(task.queries, self.answers, self.scores, strict=True):
            found = zip(answers.tolist(), scores.tolist(), strict=True)
            yield query.id, [(self.ids[answer], score) for answer, score in found if answer >= 0]


def gallery_of(task: Task, encoded: Mapping[Entry, EncodedEntry]) -> Gallery:
    """The answers of a task. Raises BadInput when a page that is right is not there."""
    numbers: dict[str, int] = {}
    vectors: list[Vectors] = []
    answer_of: list[int] = []
    for entry in task.gallery:
        own = encoded[entry]
        for page, vector in zip(own.pages, own.pieces, strict=True):
            answer_of.append(numbers.setdefault(page_id(entry.id, page) if task.by_page else entry.id, len(numbers)))
            vectors.append(vector)
    for query, grades in zip(task.queries, task.grades, strict=True):
        missing = [answer for answer in grades if answer not in numbers]
        if missing:
            remedy = "correct the page; pages count from 1, and those without anything to encode are not found"
            raise BadInput(f"there is no page {missing[0]}", subject=f"query {query.id}", remedy=remedy)
    return Gallery(ids=tuple(numbers), vectors=np.stack(vectors), answer_of=np.array(answer_of, dtype=np.int64))


def index_of(gallery: Gallery, space: Space, indexes: IndexFactory) -> VectorIndex:
    """An index of the product's kind over the pieces of a gallery; key i is piece i."""
    index = indexes.create(space)
    keys, none = np.arange(len(gallery.vectors), dtype=np.int64), np.empty(0, dtype=np.int64)
    index.apply(VectorChanges(generation=1, keys=keys, vectors=gallery.vectors, removed=none))
    return index


def rank(
    task: Task, encoded: Mapping[Entry, EncodedEntry], gallery: Gallery, index: VectorIndex, depth: int
) -> Ranking:
    """The first `depth` answers to every query of the task. An answer scores as its best piece does.

    An answer that is worse and scores as high, to within `TIE`, stands before a right one, so that an encoder that says
    the same of everything is last, and the order in which an index lists equals does not matter.
    """
    numbers = {name: number for number, name in enumerate(gallery.ids)}
    depth = min(depth, len(gallery.ids) - task.leave_out)
    parts = []
    for start in range(0, len(task.queries), SEARCH_BATCH):
        part = slice(start, start + SEARCH_BATCH)
        queries = task.queries[part]
        answers, scores = _searched(queries, encoded, gallery, index, depth + task.leave_out)
        if task.leave_out:
            own = np.array([numbers.get(query.id, -1) for query in queries])[:, np.newaxis]
            scores = np.where(answers == own, -np.inf, scores)
            answers = np.where(answers == own, -1, answers)
        parts.append(_ordered(answers, scores, _grades_of(answers, task.grades[part], numbers), depth))
    answers, scores, grades = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    right = [
        [grade for answer, grade in own.items() if not (task.leave_out and answer == query.id)]
        for query, own in zip(task.queries, task.grades, strict=True)
    ]
    return Ranking(ids=gallery.ids, answers=answers, scores=scores, judged=Judged(grades=grades, right=right))


def _searched(
    queries: Sequence[Entry], encoded: Mapping[Entry, EncodedEntry], gallery: Gallery, index: VectorIndex, depth: int
) -> tuple[Numbers, Scores]:
    """[queries, at least depth]: answers, each once, with scores. Where answers have several pieces, all are read."""
    asked = np.ascontiguousarray([encoded[query].question for query in queries], dtype=np.float32)
    is_one_to_one = len(gallery.ids) == len(gallery.answer_of)
    found = index.search(asked, depth if is_one_to_one else len(index), None)
    answers = np.where(found.keys >= 0, gallery.answer_of[found.keys], -1)
    if is_one_to_one:
        return answers, found.scores
    best = np.full((len(asked), len(gallery.ids)), -np.inf, dtype=np.float32)
    rows = np.arange(len(asked))[:, np.newaxis].repeat(answers.shape[1], axis=1)
    np.maximum.at(best, (rows[answers >= 0], answers[answers >= 0]), found.scores[answers >= 0])
    everything = np.arange(len(gallery.ids), dtype=np.int64)
    return np.where(np.isfinite(best), everything, -1), best


def _grades_of(answers: Numbers, graded: Sequence[Mapping[str, int]], numbers: Mapping[str, int]) -> Grades:
    grades = np.zeros(answers.shape, dtype=np.int64)
    for row, own in enumerate(graded):
        for answer, grade in own.items():
            grades[row, answers[row] == numbers[answer]] = grade
    return grades


def _ordered(answers: Numbers, scores: Scores, grades: Grades, depth: int) -> tuple[Numbers, Scores, Grades]:
    """Best first. `lexsort` sorts by its last key first: scores, then grades, then numbers."""
    lowered = scores.astype(np.float64) - TIE * (grades > 0)
    order = np.lexsort((answers, grades, -lowered), axis=1)[:, :depth]
    rows = np.arange(len(order))[:, np.newaxis]
    return answers[rows, order], scores[rows, order], grades[rows, order]
