"""Judgments: which items answer a question, and how well."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sensorium.core.attributes import folded
from sensorium.core.errors import BadInput, ItemNotFound
from sensorium.evaluation.tables import Row, read_rows

COLUMNS = ("query", "item", "grade")
MOST_GRADE = 3


class Part(StrEnum):
    """What the judgments of a question are for."""

    TRAIN = "train"
    DEV = "dev"
    HELD_OUT = "held-out"


TENTHS = {Part.TRAIN: range(6), Part.DEV: range(6, 8), Part.HELD_OUT: range(8, 10)}
"""Which tenths of the questions are which part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuery:
    """A question with the grades of items by their ids: 0 for one that does not answer it, to 3 for the best answer."""

    text: str
    grades: Mapping[str, int]

    @property
    def part(self) -> Part:
        """What it is for: told by a hash of its words, so that it stays there when others come and go."""
        return part_of(self.text)


def part_of(text: str) -> Part:
    """The part of a question, by its words without case and blanks.

    >>> part_of("red shoes") is part_of(" Red  shoes ")
    True
    """
    tenth = int.from_bytes(hashlib.sha256(folded(text).encode()).digest()[:8], "big") % 10
    return next(part for part, tenths in TENTHS.items() if tenth in tenths)


def read_judgments(table: Path, item_id: Callable[[str], str]) -> tuple[JudgedQuery, ...]:
    """The columns `query`, `item` and `grade` (0 to 3), one row for each judgment.

    item_id: what stands in `item` (an id, or a path as it was added; a relative one counts from the table's folder) ->
    the item's id; raises ItemNotFound. Raises BadInput for an item that is not there, a grade that is none, and two
    grades for one item.
    """
    grades: dict[str, dict[str, int]] = {}
    for row in read_rows(table, COLUMNS):
        found, grade = _item(row, table, item_id), _grade(row)
        if grades.setdefault(row.filled("query"), {}).setdefault(found, grade) != grade:
            raise BadInput("this item has another grade above", subject=row.place, remedy="judge each item once")
    return tuple(JudgedQuery(text=text, grades=own) for text, own in grades.items())


def _item(row: Row, table: Path, item_id: Callable[[str], str]) -> str:
    name = row.filled("item")
    beside = table.parent / name
    try:
        return item_id(str(beside) if beside.exists() else name)
    except ItemNotFound:
        raise BadInput(
            f"no item {name!r} in this library", subject=row.place, remedy="add it first, or take the row out"
        ) from None


def _grade(row: Row) -> int:
    said = row.filled("grade")
    if said not in map(str, range(MOST_GRADE + 1)):
        raise BadInput(f"{said!r} is no grade", subject=row.place, remedy=f"give a whole number from 0 to {MOST_GRADE}")
    return int(said)
