"""What a row of a catalogue says, as one text that is found by meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from sensorium.core.contents import DraftPiece
from sensorium.core.items import Modality, Place
from sensorium.ingest.catalogue_rows import Cell
from sensorium.ingest.catalogue_types import NOTHING, Column

LINKS = ("http://", "https://")


def words_of(cell: Cell) -> str:
    """A cell as text; "" for one that says nothing.

    >>> words_of(" Tea  pot "), words_of(["a", "b"]), words_of(None), words_of(7)
    ('Tea pot', 'a, b', '', '7')
    """
    if isinstance(cell, list):
        return ", ".join(filter(None, map(words_of, cell)))
    if cell is None or isinstance(cell, Mapping):
        return ""
    words = " ".join(str(cell).split()).replace("\0", "")
    words = words.encode("utf-8", "replace").decode()
    return "" if words.casefold() in NOTHING else words


def document_of(title: str, cells: Sequence[tuple[Column, Cell]]) -> str:
    """The title, then each column that says something, with its own title before it. Links are left out."""
    lines = [title]
    for column, cell in cells:
        words = words_of(cell).replace("|", ", ")
        if words and not words.startswith(LINKS):
            lines.append(f"{column.title}: {words}")
    return "\n".join(lines)


def text_pieces(words: str, most: int) -> Iterator[DraftPiece]:
    """The text in pieces of at most `most` code points, cut between words.

    >>> [piece.text for piece in text_pieces("green tea\\nfrom Japan", 12)]
    ['green tea', 'from Japan']
    """
    for text in _packed(words, most):
        yield DraftPiece(modality=Modality.TEXT, place=Place(), text=text)


def _packed(words: str, most: int) -> Iterator[str]:
    """Lines together as long as they fit."""
    packed = ""
    for line in words.split("\n"):
        for part in textwrap.wrap(line, most) or [""]:
            if packed and len(packed) + 1 + len(part) > most:
                yield packed
                packed = ""
            packed = f"{packed}\n{part}" if packed else part
    if packed:
        yield packed
