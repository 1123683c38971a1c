"""What belongs together, as files say it: a table of pictures and texts, or the rows of a catalogue.

Everything in such a file is somebody's word: a row that can not be used is skipped with a line that says why, and a
file that is no such table is refused.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.errors import BadInput
from sensorium.core.receipts import CATALOGUE
from sensorium.core.settings import Settings
from sensorium.ingest.catalogue_rows import Records, Row, read_table
from sensorium.ingest.catalogue_texts import words_of
from sensorium.ingest.catalogue_types import LIST_SIGN

IMAGE, TEXT, CLASS = "image", "text", "class"
"""Columns of a table of pairs; the last one need not be there."""

MOST_PAIRS = 20_000
"""Pairs of one training: adapters learn nothing more from many more, and every pair is compared with every other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A picture and a text that belong together.

    place: where they stand, for people. picture: its path as it is written, relative to the folder. kind: its class,
    "" where none is given. source: what a library calls the row of a catalogue; "" for pairs of a table.
    """

    place: str
    picture: str
    text: str
    kind: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFile:
    """What a file says. folder: where its pictures lie. skipped: a line for each row that says no pair."""

    folder: Path
    pairs: tuple[Pair, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of a catalogue mean, as for `Library.add_catalogue`.

    images: of paths of pictures, each of which makes pairs. title: what a picture is called. texts: attributes, which
    together make a second text for each picture. kind: its class. key, name: what tells rows apart and the catalogue's
    name, by which a library knows its rows.
    """

    images: tuple[str, ...]
    title: str
    texts: tuple[str, ...] = ()
    kind: str = ""
    key: str = ""
    name: str = ""
    folder: Path | None = None


def read_pairs(path: Path, settings: Settings) -> PairFile:
    """A table of pairs: UTF-8, tab separated, with the columns `image` and `text`, paths relative to the file.

    Raises BadInput for a file that is no such table, or too large.
    """
    lines = _lines(path, settings.text_bytes)
    pairs, skipped = [], []
    for number, row in _rows(path, lines):
        place = f"line {number}"
        said = {name: " ".join((row.get(name) or "").split()) for name in (IMAGE, TEXT, CLASS)}
        reason = _unusable(row, said, settings.query_characters)
        if reason:
            skipped.append(f"{place}: {reason}")
            continue
        pairs.append(Pair(place=place, picture=(row[IMAGE] or "").strip(), text=said[TEXT], kind=said[CLASS]))
        _check_count(path, len(pairs))
    return PairFile(folder=path.resolve().parent, pairs=tuple(pairs), skipped=tuple(skipped))


def read_catalogue(path: Path, columns: Columns, settings: Settings, records: Records) -> PairFile:
    """The rows of a catalogue as pairs: each picture with its title, and with its attributes where any are named.

    records: as for `read_table`. Raises BadInput for a file that is no catalogue, or lacks a column.
    """
    table = read_table(path.resolve(), settings, records)
    named = (*columns.images, columns.title, *columns.texts, *filter(None, (columns.kind, columns.key)))
    for title in named:
        if title not in table.columns:
            remedy = f"name one of: {', '.join(table.columns[:20])}"
            raise BadInput(f"no column is titled {title!r}", subject=str(path), remedy=remedy)
    pairs: list[Pair] = []
    skipped: list[str] = []
    for number, row in enumerate(table.rows, start=1):
        own = list(_of_row(path, number, row, columns, settings.query_characters))
        pairs += own
        if not own:
            skipped.append(f"row {number}: it has no picture, or no words")
        _check_count(path, len(pairs))
    folder = (columns.folder or path.parent).resolve()
    return PairFile(folder=folder, pairs=tuple(pairs), skipped=tuple(skipped))


def _of_row(path: Path, number: int, row: Row, columns: Columns, most: int) -> Iterator[Pair]:
    key = words_of(row.get(columns.key)) if columns.key else ""
    source = f"{CATALOGUE}{columns.name or path.resolve()}/{key}" if key else ""
    attributes = ", ".join(filter(None, (words_of(row.get(title)) for title in columns.texts)))
    texts = dict.fromkeys(filter(None, (words_of(row.get(columns.title)), attributes)))
    for title in columns.images:
        for picture in _names(row.get(title)):
            for text in texts:
                yield Pair(
                    place=f"row {number}",
                    picture=picture,
                    text=text[:most],
                    kind=words_of(row.get(columns.kind)) if columns.kind else "",
                    source=source,
                )


def _names(cell: object) -> list[str]:
    entries = cell if isinstance(cell, list) else str(cell or "").split(LIST_SIGN)
    return [entry.strip() for entry in entries if isinstance(entry, str) and entry.strip()]


def _lines(path: Path, most: int) -> list[str]:
    try:
        size = path.stat().st_size
        if size > most:
            raise BadInput(
                f"it has {size:,} bytes, {most:,} are allowed",
                subject=str(path),
                remedy="raise SENSORIUM_TEXT_BYTES, or split it",
            )
        return path.read_text(encoding="utf-8-sig").replace("\0", "").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start:,} is no UTF-8", subject=str(path), remedy="save it as UTF-8") from None
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path), remedy="name a file that is there") from None


def _rows(path: Path, lines: list[str]) -> Iterator[tuple[int, Mapping[str | None, str | None]]]:
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        missing = [column for column in (IMAGE, TEXT) if column not in (reader.fieldnames or ())]
        if missing:
            raise BadInput(
                f"its header lacks a column: {', '.join(missing)}",
                subject=str(path),
                remedy="give a tab separated table with the columns image and text, or name those of a catalogue",
            )
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num}: {error}", subject=str(path), remedy="mend the table") from None


def _unusable(row: Mapping[str | None, str | None], said: Mapping[str, str], most: int) -> str:
    """Why a row says no pair; "" where it says one."""
    if None in row:
        return "it has more fields than the header"
    for name in (IMAGE, TEXT):
        if not said[name]:
            return f"it has no {name}"
    return f"its text has {len(said[TEXT]):,} characters, {most:,} are allowed" if len(said[TEXT]) > most else ""


def _check_count(path: Path, pairs: int) -> None:
    if pairs > MOST_PAIRS:
        raise BadInput(f"more than {MOST_PAIRS:,} pairs", subject=str(path), remedy="give a part of them")
