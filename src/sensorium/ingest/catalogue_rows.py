"""A catalogue's file -> rows of cells: a table of values, lines of JSON records, one JSON array of them, or Parquet.

The standard library reads it, in this process: it is text, and has limits of bytes, rows, columns and depth. Parquet
is made text by a process of its own before.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium.core.errors import BadInput, Refused
from sensorium.core.settings import Settings

DELIMITERS = ",;\t|"
SAMPLE_LINES = 20
MOST_ROWS = 5_000_000
MOST_COLUMNS = 500
MOST_CELL = 131_072
"""Code points of one cell; the limit that the standard library's reader has too."""

MOST_DEPTH = 8
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
PARQUET = b"PAR1"
"""The first bytes of a Parquet file."""

Records = Callable[[int, Settings], str]
"""From an open file of records in another form to lines of JSON. Raises a `Refused`, ExtraMissing."""

Cell = str | int | float | bool | list[Any] | Mapping[str, Any] | None
"""What stands in a row: text in a table, anything that JSON has in a record; None for nothing."""

Row = dict[str, Cell]
"""The cells of one row by the titles of their columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows of a catalogue. columns: in the order in which they come. decimal_comma: whether cells are parted by
    something else than commas, so that numbers may be written 12,50."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool = False


def read_table(path: Path, settings: Settings, records: Records) -> Table:
    """The rows of a catalogue's file. records: what makes text of Parquet.

    Raises BadInput, which names the line where there is one, ExtraMissing.
    """
    parquet = _parquet(path, settings, records)
    text = _text(path, settings) if parquet is None else parquet
    is_json = parquet is not None or path.suffix.lower() in JSON_SUFFIXES or text.lstrip()[:1] in ("{", "[")
    table = _of_records(path, text) if is_json else _of_cells(path, text)
    if not table.rows:
        raise BadInput("it holds no rows", subject=str(path), remedy="give a table with a line of titles and rows")
    return table


def _parquet(path: Path, settings: Settings, records: Records) -> str | None:
    """The records of a Parquet file as lines of JSON; None where it is none, or can not be opened."""
    try:
        with path.open("rb") as file:
            return records(file.fileno(), settings) if file.read(len(PARQUET)) == PARQUET else None
    except Refused as refusal:
        raise BadInput(refusal.what, subject=str(path), remedy=refusal.remedy) from None
    except OSError:
        return None  # whoever reads it as text says why


def _text(path: Path, settings: Settings) -> str:
    try:
        size = path.stat().st_size
        if size > settings.text_bytes:
            raise BadInput(
                f"it has {size:,} bytes, {settings.text_bytes:,} are allowed",
                subject=str(path),
                remedy="raise SENSORIUM_TEXT_BYTES, or split it",
            )
        return path.read_text(encoding="utf-8-sig").replace("\0", "")
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start:,} is no UTF-8", subject=str(path), remedy="save it as UTF-8") from None
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path), remedy="name a file that is there") from None


def _of_cells(path: Path, text: str) -> Table:
    delimiter = _delimiter(text)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        titles = [title.strip() for title in next(reader, [])]
        _check_titles(path, titles)
        rows: list[Row] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(titles):
                raise _wrong(path, reader.line_num, f"{len(cells)} cells below {len(titles)} titles")
            rows.append(dict(zip(titles, cells, strict=False)))
            _check_count(path, rows)
    except csv.Error as error:
        raise _wrong(path, reader.line_num, str(error)) from None
    return Table(columns=tuple(titles), rows=tuple(rows), decimal_comma=delimiter != ",")


def _delimiter(text: str) -> str:
    """The sign that parts the first line in most cells, if it stands in the lines below too."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    most, chosen = 0, ","
    for sign in DELIMITERS:
        counts = [len(cells) for cells in csv.reader(lines, delimiter=sign)]
        if counts and counts[0] > 1 and max(counts[1:], default=counts[0]) <= counts[0] and counts[0] > most:
            most, chosen = counts[0], sign
    return chosen


def _check_titles(path: Path, titles: list[str]) -> None:
    doubled = sorted({title for title in titles if titles.count(title) > 1})
    if not titles or not all(titles) or doubled or len(titles) > MOST_COLUMNS:
        what = f"two columns are titled {doubled[0]!r}" if doubled and doubled[0] else "a column has no title"
        raise _wrong(path, 1, what if len(titles) <= MOST_COLUMNS else f"{len(titles):,} columns")


def _of_records(path: Path, text: str) -> Table:
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for line, record in _records(path, text):
        if not isinstance(record, dict):
            raise _wrong(path, line, "a row is no JSON object")
        row = dict(_flat(record, "", 0))
        columns |= dict.fromkeys(row)
        if len(columns) > MOST_COLUMNS:
            raise _wrong(path, line, f"more than {MOST_COLUMNS} columns")
        rows.append(row)
        _check_count(path, rows)
    return Table(columns=tuple(columns), rows=tuple(rows))


def _records(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Line and record."""
    line = 1
    try:
        if text.lstrip()[:1] == "[":
            for record in json.loads(text, parse_constant=_no_number):
                yield 1, record
            return
        for line, written in enumerate(text.split("\n"), start=1):
            if written.strip():
                yield line, json.loads(written, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        at = getattr(error, "lineno", 1) + line - 1
        raise _wrong(path, at, f"it is no JSON ({getattr(error, 'msg', 'nested too deeply')})") from None


def _no_number(written: str) -> Any:
    raise ValueError(f"{written} is no number")


def _flat(record: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, Cell]]:
    """Values by their names; those of a record within, by both names with a dot; a place stays one."""
    for name, value in record.items():
        full = f"{above}.{name}" if above else str(name)
        if isinstance(value, dict) and not is_place(value) and depth < MOST_DEPTH:
            yield from _flat(value, full, depth + 1)
        elif isinstance(value, dict) and not is_place(value):
            yield full, _storable(json.dumps(value))
        else:
            yield full, _storable(value)


def _storable(value: Any) -> Any:
    """Without what no store takes: NUL, and lone halves of surrogate pairs, which JSON lets through."""
    if isinstance(value, str):
        return value[:MOST_CELL].replace("\0", "").encode("utf-8", "replace").decode()
    return [_storable(entry) for entry in value] if isinstance(value, list) else value


def is_place(value: Mapping[str, Any]) -> bool:
    """Whether a record is a place: latitude and longitude, by their usual names.

    >>> is_place({"lat": 48.2, "lon": 16.4}), is_place({"lat": 48.2})
    (True, False)
    """
    names = {str(name).casefold() for name in value}
    return len(names) == 2 and bool(names & NORTH) and bool(names & EAST)


NORTH = frozenset({"lat", "latitude"})
EAST = frozenset({"lon", "lng", "long", "longitude"})


def _check_count(path: Path, rows: list[Row]) -> None:
    if len(rows) > MOST_ROWS:
        raise BadInput(f"more than {MOST_ROWS:,} rows", subject=str(path), remedy="split it")


def _wrong(path: Path, line: int, what: str) -> BadInput:
    return BadInput(f"line {line:,}: {what}", subject=str(path), remedy="mend it and run it again")
