"""Columns of a catalogue -> typed values: declared by the caller, or inferred from all that stands in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sensorium.core.attributes import Kind, Point, Value, name_of
from sensorium.ingest.catalogue_rows import EAST, NORTH, Cell, Row, Table, is_place

NOTHING = frozenset({"", "-", "n/a", "na", "null", "none", "nan"})
"""What stands in a cell that says nothing, in small letters."""

YES_AND_NO: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_POINT = re.compile(r"([+-]?\d{1,2}\.\d+)\s*[,;]\s*([+-]?\d{1,3}\.\d+)", re.ASCII)
_CURRENCY = "$€£¥"
LIST_SIGN = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. title: as the file has it. name: in filters. comma: whether 12,5 is a number of it."""

    title: str
    name: str
    kind: Kind
    declared: bool = False
    comma: bool = False

    def value(self, cell: Cell) -> Value | None:
        """What a cell says; None for nothing. Raises ValueError for what is not of the column's kind."""
        if _says_nothing(cell) or cell is None:
            return None
        return _READ[self.kind](cell, self.comma)


def columns_of(table: Table, declared: Mapping[str, Kind]) -> tuple[Column, ...]:
    """The columns of a table; `declared`: kinds by title or name."""
    wanted = {name_of(title): kind for title, kind in declared.items()}
    taken: set[str] = set()
    found = []
    for title in table.columns:
        name = _free(name_of(title) or "column", taken)
        taken.add(name)
        kind = wanted.get(name)
        cells = [row.get(title) for row in table.rows]
        comma = table.decimal_comma and _writes_commas(cells)
        inferred = kind or _infer(cells, comma)
        found.append(Column(title=title, name=name, kind=inferred, declared=kind is not None, comma=comma))
    return tuple(found)


def place_of(columns: Iterable[Column], row: Row) -> Point | None:
    """The place that a column of latitudes and one of longitudes say together."""
    pair = {}
    for column in columns:
        side = "north" if column.name in NORTH else "east" if column.name in EAST else ""
        if side and column.kind is Kind.NUMBER:
            pair[side] = column.value(row.get(column.title))
    try:
        return Point(float(pair["north"]), float(pair["east"]))  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return None


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _says_nothing(cell: Cell) -> bool:
    return cell is None or cell == [] or (isinstance(cell, str) and cell.strip().casefold() in NOTHING)


def _infer(cells: Iterable[Cell], comma: bool) -> Kind:
    """The narrowest kind that every cell is of; text for a column that says nothing."""
    said = [cell for cell in cells if not _says_nothing(cell)]
    if not said:
        return Kind.TEXT
    if any(isinstance(cell, str) and LIST_SIGN in cell for cell in said) and all(isinstance(c, str) for c in said):
        return Kind.LIST
    kinds = [Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.POINT]
    for kind in [*kinds, Kind.LIST] if any(isinstance(cell, list) for cell in said) else kinds:
        if all(_fits(cell, kind, comma) for cell in said):
            return kind
    return Kind.TEXT


def _fits(cell: Cell, kind: Kind, comma: bool) -> bool:
    try:
        assert cell is not None
        _READ[kind](cell, comma)
    except ValueError:
        return False
    return True


def _writes_commas(cells: Iterable[Cell]) -> bool:
    """Whether numbers are written with a comma: 12,5 and 1.234,50."""
    said = [
        cell.strip().strip(_CURRENCY).strip() for cell in cells if isinstance(cell, str) and not _says_nothing(cell)
    ]
    form = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?", re.ASCII)
    return bool(said) and any("," in cell for cell in said) and all(form.fullmatch(cell) for cell in said)


def _text(cell: Cell, comma: bool) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, list):
        return ", ".join(_text(entry, comma) for entry in cell)
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _number(cell: Cell, comma: bool) -> float | int:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise ValueError("no number")
    if isinstance(cell, str):
        bare = cell.strip().strip(_CURRENCY).strip()
        bare = bare.replace(".", "").replace(",", ".") if comma else bare
        if not _NUMBER.fullmatch(bare):
            raise ValueError("no number")
        cell = int(bare) if re.fullmatch(r"[+-]?\d{1,15}", bare, re.ASCII) else float(bare)
    if not math.isfinite(cell) or abs(cell) > 2**63:
        raise ValueError("no number")
    return cell


def _date(cell: Cell, comma: bool) -> date | datetime:
    if not isinstance(cell, str):
        raise ValueError("no date")
    written = cell.strip()
    if dotted := _DOTTED_DATE.fullmatch(written):
        day, month, year = map(int, dotted.groups())
        return date(year, month, day)
    if _ISO_DATE.fullmatch(written):
        return date.fromisoformat(written)
    if _ISO_TIME.fullmatch(written):
        return datetime.fromisoformat(written.replace("Z", "+00:00"))
    raise ValueError("no date")


def _boolean(cell: Cell, comma: bool) -> bool:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str | int) and str(cell).strip().casefold() in YES_AND_NO:
        return YES_AND_NO[str(cell).strip().casefold()]
    raise ValueError("neither yes nor no")


def _list(cell: Cell, comma: bool) -> tuple[str, ...]:
    if isinstance(cell, str):
        return tuple(entry.strip() for entry in cell.split(LIST_SIGN) if entry.strip())
    if isinstance(cell, list) and not any(isinstance(entry, list | dict) for entry in cell):
        return tuple(_text(entry, comma) for entry in cell if not _says_nothing(entry))
    raise ValueError("no list of texts")


def _point(cell: Cell, comma: bool) -> Point:
    if isinstance(cell, Mapping) and is_place(cell):
        sides = {"north" if str(name).casefold() in NORTH else "east": value for name, value in cell.items()}
        return Point(float(_number(sides["north"], comma)), float(_number(sides["east"], comma)))
    if isinstance(cell, str) and (found := _POINT.fullmatch(cell.strip())):
        return Point(float(found[1]), float(found[2]))
    raise ValueError("no place")


_READ: Mapping[Kind, Callable[[Cell, bool], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.LIST: _list,
    Kind.POINT: _point,
}
