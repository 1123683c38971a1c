"""Suites as data: a TOML file that says what is asked of what, and which answers are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sensorium.evaluation.fields import Fields
from sensorium.evaluation.kinds import catalogue, judgments, labels, pages, pairs
from sensorium.evaluation.tasks import DEPTH, Suite, Task

KINDS: dict[str, Callable[[Fields], tuple[Task, ...]]] = {
    "catalogue": catalogue.read,
    "judgments": judgments.read,
    "labels": labels.read,
    "pages": pages.read,
    "pairs": pairs.read,
}
"""How each kind is read. To add one, write its module and name it here and in docs/evaluation.md."""


def read_suite(path: Path) -> Suite:
    """The suite that a file describes; docs/evaluation.md shows one of each kind.

    Raises BadInput for a file, table or picture that is missing or not as described, and says where it stands.
    """
    fields = Fields.read(path)
    kind = fields.text("kind")
    if kind not in KINDS:
        raise fields.wrong("kind", f"is {kind!r}; there are {', '.join(KINDS)}")
    name, depth = fields.text("name", path.stem), fields.number("depth", DEPTH)
    tasks = KINDS[kind](fields)
    fields.end()
    return Suite(name=name, kind=kind, tasks=tasks, depth=depth)
