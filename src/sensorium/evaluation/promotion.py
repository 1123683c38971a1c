"""Two encoders asked the same: which answers better, by judged queries; how far they agree, where there are none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.core.items import Item, Piece
from sensorium.core.promotion import Agreement, Compared, Triple
from sensorium.evaluation.comparison import compare
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.intervals import Interval, cluster_bootstrap
from sensorium.evaluation.measures import Judged, per_query
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.reports import SuiteReport, cluster_numbers
from sensorium.evaluation.saving import SavedReport, SavedTask
from sensorium.evaluation.suite_run import evaluate_suite
from sensorium.evaluation.tables import read_rows
from sensorium.evaluation.tasks import Suite

SUITE_MEASURE = "nDCG@10"
TABLE_MEASURES = ("RR", "Success@1", "Success@10")
"""Of a table of queries; the first one decides. They follow from the first right answer, so they need no extra."""

TABLE_TASK = "questions -> this library"
DEPTH = 10
QUESTIONS = 50
QUESTION_WORDS = 12
LOOKED_AT = 20_000
"""Items among which those are drawn that questions are made of."""

Ask = Callable[[str, int], Sequence[str]]
"""A question and a number -> ids of the items that are found, best first, each once, at most so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuery:
    """A question and the items that answer it. cluster: questions of one rise and fall together."""

    text: str
    right: frozenset[str] = field(repr=False)
    cluster: str


def by_suite(
    suite: Suite, old: EvaluationPorts, new: EvaluationPorts, told: Told | None = None
) -> tuple[Compared, ...]:
    """Both encoders on a suite, as `evaluate compare` tells it. nDCG@10 of each task decides.

    Raises what `evaluate_suite` raises, BadInput where one of the encoders takes no entries of a sense.
    """
    reports = [_saved(evaluate_suite(suite, ports, told).report) for ports in (old, new)]
    return tuple(
        Compared(
            task=row.task,
            measure=row.measure,
            queries=row.queries,
            old=_triple(row.a),
            new=_triple(row.b),
            change=_triple(row.change),
            decides=SUITE_MEASURE in (row.measure, *row.same_as),
        )
        for row in compare(*reports).differences
    )


def by_table(queries: Sequence[JudgedQuery], old: Ask, new: Ask) -> tuple[Compared, ...]:
    """Both encoders on the same questions to one library. The reciprocal rank of the first right answer decides."""
    clusters = cluster_numbers([query.cluster for query in queries])
    values = [per_query(_judged(queries, ask), TABLE_MEASURES) for ask in (old, new)]
    return tuple(
        Compared(
            task=TABLE_TASK,
            measure=name,
            queries=len(queries),
            old=_triple(cluster_bootstrap(values[0][name], clusters)),
            new=_triple(cluster_bootstrap(values[1][name], clusters)),
            change=_triple(cluster_bootstrap(values[1][name] - values[0][name], clusters)),
            decides=name == TABLE_MEASURES[0],
        )
        for name in TABLE_MEASURES
    )


def read_judged(table: Path, item_of: Callable[[str], str]) -> tuple[JudgedQuery, ...]:
    """A table with the columns `query` and `item`, an id or a path; a question has as many rows as right answers.

    A column `cluster` names questions that belong together. item_of: the id of what a row names; raises ItemNotFound.
    Raises BadInput.
    """
    right: dict[str, set[str]] = {}
    clusters: dict[str, str] = {}
    for row in read_rows(table, ["query", "item"]):
        text = row.filled("query")
        right.setdefault(text, set()).add(item_of(row.filled("item")))
        clusters.setdefault(text, row.fields.get("cluster") or text)
    if not right:
        raise BadInput("it judges nothing", subject=str(table), remedy="give at least one row")
    return tuple(JudgedQuery(text=text, right=frozenset(own), cluster=clusters[text]) for text, own in right.items())


def agreement(questions: Sequence[str], old: Ask, new: Ask) -> Agreement | None:
    """How much both find the same; None without a question."""
    if not questions:
        return None
    found = [(list(old(question, DEPTH)), list(new(question, DEPTH))) for question in questions]
    shares = [len(set(a) & set(b)) / max(len(a), len(b), 1) for a, b in found]
    same = [a[:1] == b[:1] for a, b in found]
    return Agreement(
        questions=len(questions), depth=DEPTH, overlap=float(np.mean(shares)), same_first=float(np.mean(same))
    )


def own_questions(
    items: Callable[[], Iterable[Item]], pieces: Callable[[str], Sequence[Piece]], *, seed: int = 0
) -> list[str]:
    """Questions made of what a library holds: the first words of a text of an item, else its title.

    items: those that the caller sees. pieces: of an item by its id. Same library and seed, same questions.
    """
    held = list(islice(items(), LOOKED_AT))
    chosen = random.Random(seed).sample(held, min(QUESTIONS, len(held)))
    return list(dict.fromkeys(filter(None, (_words(item, pieces(item.id)) for item in chosen))))


def _words(item: Item, pieces: Sequence[Piece]) -> str:
    text = next((piece.text for piece in pieces if piece.text), item.title)
    return " ".join(text.split()[:QUESTION_WORDS])


def _judged(queries: Sequence[JudgedQuery], ask: Ask) -> Judged:
    grades = np.zeros((len(queries), DEPTH), dtype=np.int64)
    for row, query in enumerate(queries):
        for rank, item in enumerate(islice(ask(query.text, DEPTH), DEPTH)):
            grades[row, rank] = item in query.right
    return Judged(grades=grades, right=[[1] * len(query.right) for query in queries])


def _saved(report: SuiteReport) -> SavedReport:
    """The report as `evaluate compare` would read it."""
    tasks = tuple(
        SavedTask(name=task.name, data=task.data, ids=task.ids, clusters=task.cluster_of, values=task.values)
        for task in report.tasks
    )
    return SavedReport(path=Path(report.suite), suite=report.suite, system=str(report.system), tasks=tasks)


def _triple(interval: Interval) -> Triple:
    return interval.mean, interval.low, interval.high
