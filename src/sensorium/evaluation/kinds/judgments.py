"""Queries and items with graded judgments, as TREC keeps them."""

from __future__ import annotations

from pathlib import Path

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.evaluation.fields import Fields
from sensorium.evaluation.tables import Row
from sensorium.evaluation.tasks import Entry, Task, senses
from sensorium.evaluation.trec import Judgment, read_qrels

SENSES = ("image", "text")


def read(fields: Fields) -> tuple[Task, ...]:
    """`items` and `queries`, tables with `id` and `image` or `text`; `qrels`, a file of TREC's; pictures in `folder`.

    A column `cluster` among the queries names what belongs together; without it each query stands alone.
    """
    folder, qrels = fields.place("folder", "."), fields.place("qrels")
    gallery = [_entry(row, folder) for row in fields.rows(fields.place("items"), ["id"])]
    rows = fields.rows(fields.place("queries"), ["id"])
    queries = [_entry(row, folder) for row in rows]
    grades = _grades(read_qrels(qrels), {entry.id for entry in queries}, {entry.id for entry in gallery})
    task = Task(
        name=f"{senses(queries)} -> {senses(gallery)}",
        queries=tuple(queries),
        gallery=tuple(gallery),
        grades=tuple(grades.get(entry.id, {}) for entry in queries),
        clusters=tuple(row.fields.get("cluster") or row["id"] for row in rows),
    )
    return (task,)


def _entry(row: Row, folder: Path) -> Entry:
    given = [sense for sense in SENSES if row.fields.get(sense)]
    if len(given) != 1:
        raise BadInput(
            f"it has {' and '.join(given) or 'neither image nor text'}",
            subject=row.place,
            remedy="fill one of the columns `image` and `text`",
        )
    if given == ["image"]:
        return Entry(id=row.filled("id"), modality=Modality.IMAGE, path=row.file("image", folder))
    return Entry(id=row.filled("id"), modality=Modality.TEXT, text=row["text"])


def _grades(judgments: list[Judgment], queries: set[str], items: set[str]) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for judgment in judgments:
        for kind, name, known in (("query", judgment.query, queries), ("item", judgment.answer, items)):
            if name not in known:
                raise BadInput(
                    f"the {kind} {name} is in no table", subject=judgment.place, remedy="add it, or take the line out"
                )
        if judgment.grade > 0:
            grades.setdefault(judgment.query, {})[judgment.answer] = judgment.grade
    return grades
