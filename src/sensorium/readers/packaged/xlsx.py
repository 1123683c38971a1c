"""Reads SpreadsheetML (ECMA-376 part 1, 18): each sheet is a page, its rows are read with the names of their columns.

What is read of a formula is the value that was saved with it. Left out: comments, formats, drawings but their charts
and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.items import Aspect, Modality, Place
from sensorium.readers.flow import Part, compose
from sensorium.readers.markup import children, descend, each
from sensorium.readers.packaged import drawing
from sensorium.readers.packaged.containers import Job
from sensorium.readers.packaged.relations import Package
from sensorium.readers.records import Columns

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_COLUMNS = 16_384
"""Of a sheet, by the limit of the format."""

BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of formats that show a date or a time (ECMA-376 part 1, 18.8.30)."""

EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
"""Day 0, in which the year 1900 wrongly has a 29 February; and that of files that say `date1904`."""

MOST_DAYS = 2_958_465
"""31 December 9999."""

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_COLUMN = re.compile(r"([A-Z]{1,3})\d")


def read(package: Package, main: str, root: Element, job: Job) -> Document:
    """The sheets that this part of the document is to hold."""
    relations = package.relations(main)
    sheets = []
    for sheet in children(descend(root, "sheets"), "sheet"):
        target = relations.get(sheet.get("r:id", ""))
        if target and target.target in package:
            sheets.append((sheet.get("name", ""), target.target))
    wanted, following = job.part_of([name for name, _ in sheets])
    book = _Book(package, main, root)
    pieces: list[DraftPiece] = []
    for index in wanted:
        name, part = sheets[index]
        pieces += book.rows(part, name, index + 1, job)
        pieces += compose(list(_drawn(package, part, index + 1, job)), job.request, index + 1)
    return job.document(MEDIA_TYPE, sheets[0][0] if len(sheets) == 1 else "", pieces, (following, len(sheets)))


class _Book:
    """What all sheets share: texts that are kept once, and which formats show dates."""

    def __init__(self, package: Package, main: str, root: Element) -> None:
        self._package = package
        properties = descend(root, "workbookPr")
        self._epoch = EPOCHS[properties is not None and properties.get("date1904") in ("1", "true")]
        self._texts: list[str] = []
        shared = next(package.related(main, "sharedStrings"), None)
        if shared:
            each(package.xml_bytes(shared), "si", lambda entry: self._texts.append(_text(entry)))
        styles = next(package.related(main, "styles"), None)
        self._dates = _date_styles(package.xml(styles)) if styles else set()

    def rows(self, target: str, name: str, page: int, job: Job) -> Iterator[DraftPiece]:
        """The rows of a sheet, as many to a piece as fit; each piece knows its sheet and its rows."""
        packed = RowPacker(name, page, job)
        each(self._package.xml_bytes(target), "row", lambda line: packed.add(self._cells(line), line.get("r", "")))
        yield from packed.pieces()

    def _cells(self, line: Element) -> list[str]:
        cells: list[str] = []
        for cell in children(line, "c"):
            at = _COLUMN.match(cell.get("r", ""))
            index = _index(at[1]) if at else len(cells)
            if len(cells) <= index < MOST_COLUMNS:
                cells += [""] * (index - len(cells))
                cells.append(self._value(cell))
        return cells

    def _value(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = descend(cell, "is")
            return "" if inline is None else _text(inline)
        value = descend(cell, "v")
        words = "" if value is None else value.text or ""
        if kind == "s":
            return self._texts[int(words)] if words.isdecimal() and int(words) < len(self._texts) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(words, words)
        return self._number(words, cell.get("s", "")) if kind == "n" else words

    def _number(self, words: str, style: str) -> str:
        try:
            number = float(words)
        except ValueError:
            return words
        if style in self._dates and 0 <= number <= MOST_DAYS:
            moment = self._epoch + timedelta(seconds=round(number * 86_400))
            if number < 1:
                return f"{moment:%H:%M:%S}"
            return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M}"
        return f"{number:.12g}" if len(words) > 12 else words


class RowPacker:
    """Collects rows and makes pieces of them; what stands above the names of the columns is text by itself."""

    def __init__(self, name: str, page: int, job: Job) -> None:
        self._name = name
        self._page = page
        self._job = job
        self._most = job.request.chunk_characters
        self._columns = Columns()
        self._lines: list[str] = []
        self._length = 0
        self._first = self._last = ""
        self._pieces: list[DraftPiece] = []

    def add(self, cells: list[str], number: str) -> None:
        """A row and the number it has in its sheet."""
        filled = [cell for cell in cells if cell.strip()]
        is_caption = self._columns.names is None and len(filled) == 1
        line = filled[0].strip() if is_caption else self._columns.written(cells)
        if not line:
            return
        if self._lines and self._length + len(line) + 1 > self._most:
            self._finish()
        self._first = self._first if self._lines else number
        self._last = number
        self._lines.append(line)
        self._job.write(len(line))
        self._length += len(line) + 1

    def pieces(self) -> list[DraftPiece]:
        """All of them, when every row was added."""
        self._finish()
        return self._pieces

    def _finish(self) -> None:
        if self._lines:
            rows = self._first if self._first == self._last else f"{self._first}-{self._last}"
            attributes = {"heading": self._name[:200], **({"rows": rows} if self._first else {})}
            text = "\n".join(self._lines)
            self._pieces.append(
                DraftPiece(
                    modality=Modality.TEXT,
                    place=Place(page=self._page),
                    text=text,
                    aspect=Aspect.TABLE,
                    attributes={key: value for key, value in attributes.items() if value},
                )
            )
        self._lines, self._length = [], 0


def _drawn(package: Package, sheet: str, page: int, job: Job) -> Iterator[Part]:
    """Charts and pictures that lie on a sheet."""
    for name in package.related(sheet, "drawing"):
        for relation in package.relations(name).values():
            if relation.target in package and relation.kind == "chart":
                yield from drawing.chart(package.xml(relation.target), job.next_table())
            elif relation.target in package and relation.kind == "image":
                piece = job.figures.piece(job.container.read(relation.target), Place(page=page))
                yield from [piece] if piece else []


def _text(element: Element) -> str:
    """All runs of a text; without the readings that Japanese sheets keep beside it."""
    direct = [text.text or "" for text in children(element, "t")]
    runs = [text.text or "" for run in children(element, "r") for text in children(run, "t")]
    return "".join(direct + runs)


def _date_styles(root: Element) -> set[str]:
    """Which cell styles show dates, by their index."""
    written = {
        entry.get("numFmtId"): entry.get("formatCode", "") for entry in children(descend(root, "numFmts"), "numFmt")
    }
    found = set()
    for index, style in enumerate(children(descend(root, "cellXfs"), "xf")):
        number = style.get("numFmtId", "0")
        is_built_in = number.isdecimal() and int(number) in BUILT_IN_DATES
        if is_built_in or (number in written and _DATE_LETTERS.search(_QUOTED.sub("", written[number]))):
            found.add(str(index))
    return found


def _index(letters: str) -> int:
    """Of a column, from 0.

    >>> _index("A"), _index("AA")
    (0, 26)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
