"""A task, asked of a real library: what each stage of a search does to the answers, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.candidates import VectorChanges, VisiblePiece
from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Modality
from sensorium.core.ports import VectorIndex
from sensorium.core.queries import Query, QueryPart
from sensorium.core.receipts import Receipt
from sensorium.core.results import SearchResults
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.core.spaces import Keys, Vectors, check_vectors
from sensorium.core.trace import Trace
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.index_recall import index_recall, nearest
from sensorium.evaluation.intervals import Clusters, cluster_bootstrap
from sensorium.evaluation.measures import Judged, per_query
from sensorium.evaluation.reading import EvaluationPorts, check_taken, read_parts
from sensorium.evaluation.reports import cluster_numbers
from sensorium.evaluation.suite_run import system_of
from sensorium.evaluation.system.answers import Answers, check_added, lay_out
from sensorium.evaluation.system.report import StageQuality, SystemReport, latencies
from sensorium.evaluation.tasks import Suite, Task

K = 10
MEASURES = (f"nDCG@{K}", "Success@1", f"Success@{K}", f"R@{K}")

PIECES_A_PAGE = 10
"""Where answers are pages, so many pieces are asked for each page that is wanted."""

QUERIES = 1_000
"""Most queries that are asked; of more, so many are drawn."""

SEARCHES = (
    ("search", "a search without a closer look", False, False),
    ("hubness", "a search that sets hubs back", False, True),
    ("rerank", "a search that looks closer", True, False),
    ("hubness, rerank", "a search that does both", True, True),
    ("as set", "a search as the settings have it", None, None),
)
"""The searches that are asked: name, in words, whether they look closer, whether they set hubs back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A library that holds nothing yet, and what stands behind it.

    folder: texts of the suite are written there, to be added. sources: of an item, by its id. changes: all that the
    store holds. pieces: of keys, as a caller may see them.
    """

    ports: EvaluationPorts
    folder: Path
    add: Callable[..., Receipt]
    ask: Callable[[Query], SearchResults]
    sources: Callable[[str], Sequence[str]]
    index: Callable[[], VectorIndex]
    changes: Callable[[], Iterable[VectorChanges]]
    pieces: Callable[[Sequence[int]], Mapping[int, VisiblePiece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The queries that are asked. rows: of the task's. clusters: int64. vectors: float32 [queries, width]."""

    rows: tuple[int, ...]
    clusters: Clusters
    parts: tuple[QueryPart, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """What the library holds that may answer. keys: rising."""

    keys: Keys
    vectors: Vectors
    pieces: Mapping[int, VisiblePiece]
    answers: Answers


def evaluate_system(
    suite: Suite, task: str, whole: Whole, *, most: int = QUERIES, told: Told | None = None
) -> SystemReport:
    """Adds the gallery of a task, and asks its queries of the index and in searches of every kind.

    task: its name, "" for the first. most: queries; of more, so many are drawn with seed 0. told: called after each
    search with what is done and what there is. All but the times is the same at every run. Raises BadInput,
    ExtraMissing.
    """
    start = time.perf_counter()
    chosen = _chosen(suite, task)
    check_taken([*chosen.queries, *chosen.gallery], whole.ports.encoder)
    paths = lay_out(chosen.gallery, whole.folder)
    check_added(whole.add(*dict.fromkeys(paths.values())))
    asked, stock = _asked(chosen, whole, most), _stock(chosen, whole, Answers(chosen, paths, whole.sources))
    traces: list[Trace] = []
    stages = [*_found(chosen, whole, asked, stock), *_searched(chosen, whole, asked, stock.answers, traces, told)]
    depth = min(K, len(stock.keys))
    return SystemReport(
        suite=suite.name,
        task=chosen.name,
        system=system_of(whole.ports),
        pieces=len(stock.keys),
        queries=len(asked.rows),
        asked_of=len(chosen.queries),
        clusters=len(np.unique(asked.clusters)),
        gallery=len(chosen.gallery),
        k=K,
        stages=tuple(stages),
        index_recall=tuple(
            index_recall(whole.index(), stock.keys, stock.vectors, asked.vectors, asked.clusters, depth)
        ),
        latency=latencies(traces),
        seconds=time.perf_counter() - start,
    )


def _chosen(suite: Suite, task: str) -> Task:
    for one in suite.tasks:
        if task in ("", one.name):
            return one
    names = ", ".join(one.name for one in suite.tasks)
    raise BadInput(f"it has no task {task!r}", subject=suite.name, remedy=f"name one of: {names}")


def _asked(task: Task, whole: Whole, most: int) -> _Asked:
    drawn = np.sort(np.random.default_rng(0).permutation(len(task.queries))[:most]).tolist()
    encoder = whole.ports.encoder
    parts = [read_parts(task.queries[row], whole.ports)[0] for row in drawn]
    vectors = [encoder.encode(part.modality, [part.content], "query")[0] for part in parts]
    return _Asked(
        rows=tuple(drawn),
        clusters=cluster_numbers([task.clusters[row] for row in drawn]),
        parts=tuple(QueryPart(modality=part.modality, content=part.content) for part in parts),
        vectors=check_vectors(np.stack(vectors), encoder.space.width),
    )


def _stock(task: Task, whole: Whole, answers: Answers) -> _Stock:
    blocks = list(whole.changes())
    keys, vectors = (np.concatenate(rows) for rows in zip(*((b.keys, b.vectors) for b in blocks), strict=True))
    order = np.argsort(keys)
    pieces = whole.pieces(keys.tolist())
    senses = _senses(task)
    rows = [row for row in order.tolist() if senses is None or pieces[int(keys[row])].piece.modality in senses]
    return _Stock(keys=keys[rows], vectors=vectors[rows], pieces=pieces, answers=answers)


def _senses(task: Task) -> frozenset[Modality] | None:
    """Where answers are looked for; None for everywhere."""
    return None if task.by_page else frozenset(entry.modality for entry in task.gallery)


def _depth(task: Task) -> int:
    return (K + task.leave_out) * (PIECES_A_PAGE if task.by_page else 1)


def _found(task: Task, whole: Whole, asked: _Asked, stock: _Stock) -> list[StageQuality]:
    """What the vectors themselves say, and what the index makes of them."""
    depth = min(_depth(task), len(stock.keys))
    exact = nearest(stock.keys, stock.vectors, asked.vectors, depth)
    indexed = whole.index().search(asked.vectors, depth, stock.keys).keys

    def quality(stage: str, about: str, keys: npt.NDArray[np.int64]) -> StageQuality:
        rows = ([stock.pieces[key] for key in row if key >= 0] for row in keys.tolist())
        found = ([(piece.item.id, piece.piece) for piece in row] for row in rows)
        return _quality(stage, about, stock.answers.judged(asked.rows, found, K), asked.clusters)

    return [
        quality("exact", "every vector compared, by numpy", exact),
        quality("index", "the library's index, behind a filter of the answers' sense", indexed),
    ]


def _searched(
    task: Task, whole: Whole, asked: _Asked, answers: Answers, traces: list[Trace], told: Told | None
) -> list[StageQuality]:
    """What each kind of search makes of it; the traces of the last kind are kept."""
    stages = []
    base = Query(
        parts=asked.parts[:1],
        k=_depth(task),
        per_item=0 if task.by_page else 1,
        filter=EVERYTHING if task.by_page else Filter(modalities=_senses(task)),
    )
    for number, (stage, about, rerank, hubness) in enumerate(SEARCHES):
        query, before = replace(base, rerank=rerank, hubness=hubness), number * len(asked.parts)
        try:
            results = list(_results(whole, query, asked.parts, before, told))
        except BadQuery as error:
            stages.append(StageQuality(stage=stage, about=about, figures={}, lacking=error.what))
            continue
        found = ([(hit.item.id, hit.piece) for hit in result] for result in results)
        stages.append(_quality(stage, about, answers.judged(asked.rows, found, K), asked.clusters))
        traces[:] = [result.trace for result in results]
    return stages


def _results(
    whole: Whole, query: Query, parts: Sequence[QueryPart], before: int, told: Told | None
) -> Iterator[SearchResults]:
    """`query` asked with each of these parts in its place. before: searches that were done already, for `told`."""
    for done, part in enumerate(parts, before + 1):
        yield whole.ask(replace(query, parts=(part,)))
        if told is not None:
            told(done, len(SEARCHES) * len(parts))


def _quality(stage: str, about: str, judged: Judged, clusters: Clusters) -> StageQuality:
    values = per_query(judged, MEASURES)
    figures = {name: cluster_bootstrap(own, clusters) for name, own in values.items()}
    return StageQuality(stage=stage, about=about, figures=figures)
