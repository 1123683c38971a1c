"""A suite, asked of the product's own reader, encoder and index."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sensorium.evaluation.encoding import Told, encode_entries, needed
from sensorium.evaluation.ranking import Ranking, gallery_of, index_of, rank
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.reports import SuiteReport, System, report_of
from sensorium.evaluation.tasks import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A report, and what it is made of: the suite, and the ranking of each of its tasks."""

    suite: Suite
    report: SuiteReport
    rankings: tuple[Ranking, ...]


def evaluate_suite(suite: Suite, ports: EvaluationPorts, told: Told | None = None) -> Evaluated:
    """Encodes the entries of all tasks once, asks every query of its gallery, and measures what came back.

    told: called after each batch with what is encoded and what there is. Raises BadInput for data that are not as
    described, a file that is refused among them; ExtraMissing where `ir_measures` is not installed.
    """
    start = time.perf_counter()
    rankings = dict(rankings_of(suite, ports, told))
    reports = tuple(
        report_of(task, ranking.judged, len(ranking.ids), suite.depth)
        for task, ranking in zip(suite.tasks, rankings.values(), strict=True)
    )
    report = SuiteReport(
        suite=suite.name,
        kind=suite.kind,
        system=system_of(ports),
        tasks=reports,
        seconds=time.perf_counter() - start,
    )
    return Evaluated(suite=suite, report=report, rankings=tuple(rankings.values()))


def rankings_of(suite: Suite, ports: EvaluationPorts, told: Told | None = None) -> Iterator[tuple[str, Ranking]]:
    """The ranking of every task, by its name."""
    encoded = encode_entries(needed(suite.tasks), ports, told)
    for task in suite.tasks:
        gallery = gallery_of(task, encoded)
        yield (
            task.name,
            rank(task, encoded, gallery, index_of(gallery, ports.encoder.space, ports.indexes), suite.depth),
        )


def system_of(ports: EvaluationPorts) -> System:
    """What is measured, by its own words."""
    return System(
        space=ports.encoder.space.id, index=ports.indexes.adapter, settings=dict(getattr(ports.indexes, "settings", {}))
    )
