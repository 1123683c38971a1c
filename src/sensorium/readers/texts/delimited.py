"""Tables of values and lists of records in text files: each row is written with the names of its columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, Literal

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.items import Aspect, Modality, Place
from sensorium.readers.chunking import chunk
from sensorium.readers.records import Columns
from sensorium.readers.texts.kinds import delimiter_of

SAMPLE_LINES = 50

MOST_DEPTH = 20
"""Of a record; what lies deeper is written as JSON."""

KEY_CHARACTERS = 200


class NotDelimited(ValueError):
    """The text is not what it seemed: it is to be read as plain text."""


class _Lines:
    """The lines of a text, and how far they were read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self._text):
            end = self._text.find("\n", self.at) + 1 or len(self._text)
            start, self.at = self.at, end
            yield self._text[start:end]


def table_pieces(text: str, request: ReadRequest) -> Iterator[DraftPiece]:
    """The rows of a table, as many to a piece as fit. Raises NotDelimited.

    >>> [piece.text for piece in table_pieces("city,people\\nGraz,303270\\nLinz,212538\\n", ReadRequest())]
    ['city | people\\ncity: Graz; people: 303270\\ncity: Linz; people: 212538']
    """
    sample = [line for _, line in zip(range(SAMPLE_LINES), _Lines(text), strict=False)]
    delimiter = delimiter_of([line.rstrip("\n") for line in sample if line.strip()])
    if not delimiter:
        raise NotDelimited
    columns, lines, packed, first = Columns(), _Lines(text), _Packed(), 0
    # Tabs come without quotes: what looks like one is an inch or a word that somebody quotes.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter == "\t" and not _is_quoted(sample) else csv.QUOTE_MINIMAL
    try:
        for cells in csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=False):
            written = columns.written(cells)
            if packed.lines and packed.length + len(written) > request.chunk_characters:
                yield packed.piece()
                packed = _Packed()
            packed.add(written, first, lines.at)
            first = lines.at
    except csv.Error:
        raise NotDelimited from None
    if packed.lines:
        yield packed.piece()


def _is_quoted(lines: list[str]) -> bool:
    cells = [cell for line in lines for cell in line.rstrip("\n").split("\t")]
    return any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells)


class _Packed:
    """Rows of one piece."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.length = 0
        self._start = self._end = 0

    def add(self, line: str, start: int, end: int) -> None:
        if line:
            self._start = self._start if self.lines else start
            self._end = end
            self.lines.append(line)
            self.length += len(line) + 1

    def piece(self) -> DraftPiece:
        text, place = "\n".join(self.lines), Place(characters=(self._start, self._end))
        return DraftPiece(modality=Modality.TEXT, place=place, text=text, aspect=Aspect.TABLE)


def record_pieces(text: str, request: ReadRequest) -> Iterator[DraftPiece]:
    """One piece for each line that is a JSON record; a long one is cut. Raises NotDelimited.

    >>> piece, = record_pieces('{"name": "Tea", "price": {"eur": 3}}\\n', ReadRequest())
    >>> piece.text
    'name: Tea\\nprice.eur: 3'
    """
    lines = _Lines(text)
    start = 0
    for line in lines:
        if line.strip():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                raise NotDelimited from None
            written = "\n".join(_fields(record, "", 0)).strip()
            place = Place(characters=(start, start + len(line.rstrip())))
            for low, high in chunk(written, characters=request.chunk_characters, overlap=request.chunk_overlap):
                yield DraftPiece(modality=Modality.TEXT, place=place, text=written[low:high])
        start = lines.at


def _fields(value: Any, name: str, depth: int) -> Iterator[str]:
    """Each value with the names that lead to it; of a list one after the other."""
    if isinstance(value, dict) and depth < MOST_DEPTH:
        for key, inner in value.items():
            yield from _fields(
                inner, f"{name}.{key}"[:KEY_CHARACTERS] if name else str(key)[:KEY_CHARACTERS], depth + 1
            )
    elif isinstance(value, list) and all(not isinstance(entry, dict | list) for entry in value):
        yield from _field(name, ", ".join(_word(entry) for entry in value))
    elif isinstance(value, list) and depth < MOST_DEPTH:
        for entry in value:
            yield from _fields(entry, name, depth + 1)
    else:
        yield from _field(name, _word(value))


def _field(name: str, words: str) -> Iterator[str]:
    if words.strip():
        yield f"{name}: {words}" if name else words


def _word(value: Any) -> str:
    """A lone half of a surrogate pair, which JSON lets through, becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return "" if value is None else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
