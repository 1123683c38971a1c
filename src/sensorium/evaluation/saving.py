"""Reports as files that can be compared later, and rankings as files that other tools read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.errors import BadInput, WriteFailed
from sensorium.evaluation.intervals import Values
from sensorium.evaluation.reports import SUITE_SCHEMA, SuiteReport
from sensorium.evaluation.suite_run import Evaluated
from sensorium.evaluation.trec import write_qrels, write_run


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTask:
    """What a saved report says of one task, query by query. values: float64 [queries] by measure."""

    name: str
    data: str
    ids: Sequence[str] = field(repr=False)
    clusters: Sequence[str] = field(repr=False)
    values: Mapping[str, Values] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReport:
    """A report that was read back. system: what was measured, in words."""

    path: Path
    suite: str
    system: str
    tasks: tuple[SavedTask, ...]


def save_report(report: SuiteReport, folder: Path) -> Path:
    """Writes the report with its per-query values as `SUITE.json`. Raises WriteFailed."""
    return _write(folder / f"{file_name(report.suite)}.json", json.dumps(report.as_json(per_query=True), indent=None))


def save_runs(evaluated: Evaluated, folder: Path) -> list[Path]:
    """Writes `SUITE.TASK.run` and `SUITE.TASK.qrels` for each task, in TREC's formats. Raises WriteFailed."""
    written = []
    tag = evaluated.report.system.space
    for task, ranking in zip(evaluated.suite.tasks, evaluated.rankings, strict=True):
        stem = f"{file_name(evaluated.suite.name)}.{file_name(task.name)}"
        run, qrels = folder / f"{stem}.run", folder / f"{stem}.qrels"
        graded = zip(task.queries, task.grades, strict=True)
        write_run(run, dict(ranking.run(task)), tag)
        write_qrels(
            qrels, {q.id: {a: g for a, g in own.items() if a != q.id or not task.leave_out} for q, own in graded}
        )
        written += [run, qrels]
    return written


def read_report(path: Path) -> SavedReport:
    """A report as `save_report` wrote it. Raises BadInput for a file that is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SUITE_SCHEMA:
            raise BadInput(f"it is of the schema {document['schema']}", subject=str(path), remedy=_REMEDY)
        tasks = tuple(map(_task, document["tasks"], document["per_query"]))
        system = document["system"]
        words = f"{system['space']}, {system['index']}" + "".join(f", {k} {v}" for k, v in system["settings"].items())
        return SavedReport(path=path, suite=str(document["suite"]), system=words, tasks=tasks)
    except OSError as error:
        raise BadInput(f"it can not be read ({error.strerror})", subject=str(path), remedy=_REMEDY) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"it is no saved report ({type(error).__name__}: {error})"
        raise BadInput(what, subject=str(path), remedy=_REMEDY) from None


_REMEDY = "give a file that `sensorium evaluate suite FILE --out DIR` wrote"


def _task(told: Mapping[str, Any], per_query: Mapping[str, Any]) -> SavedTask:
    values = {str(name): np.array(own, dtype=np.float64) for name, own in per_query["values"].items()}
    task = SavedTask(
        name=told["task"], data=told["data"], ids=per_query["ids"], clusters=per_query["clusters"], values=values
    )
    shapes = {(len(task.ids),), np.shape(task.clusters), *(own.shape for own in values.values())}
    if (
        per_query["task"] != task.name
        or len(shapes) > 1
        or not values
        or not all(np.isfinite(v).all() for v in values.values())
    ):
        raise ValueError(f"the values of {task.name} do not fit its queries")
    return task


def file_name(name: str) -> str:
    """A name that any file system takes.

    >>> file_name("text -> image (dev)")
    'text-image-dev'
    """
    return "-".join(re.findall(r"\w+", name.lower())) or "suite"


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise WriteFailed(error.strerror or str(error), subject=str(path), remedy="name a folder of yours") from error
    return path
