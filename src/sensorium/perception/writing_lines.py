"""Lines of writing with their places, and the order in which people read them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as shares of width and height, each 0..1, origin at the top left."""

ROOM = 0.4
"""How far a box reaches beyond its letters, on the left and on the right, in heights of a line."""

GUTTER = 0.3
"""The least white between the boxes of two columns without their room, in heights of a line. It may be narrow: that it
goes on from line to line tells it from the white between words."""

PLACES = 500
"""How many places across the page are tried for a gutter."""

COLUMN_WIDTH = 5.0
"""The least width of the usual line of a column, in heights of a line: ten letters or so. The cells of a table are
narrower mostly, and a table is read row by row."""

CROSSING = 0.34
"""The largest share of lines that may run across a gutter: headings, captions, the abstract of a paper."""

PARAGRAPH = 0.9
"""The least white between two blocks, in heights of a line; what a detector boxes of the lines of a paragraph stands
closer together than the lines do."""

ROW_OVERLAP = 0.5
"""The least share of the lower of two lines that is level with the other, if both stand in one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of writing, or a part of one that stands by itself.

    text: as it was recognised; untrusted data, as all that comes out of files. confidence: 0..1, the recogniser's mean
    over the letters.

    >>> Line(text="EXIT", box=(0.1, 0.2, 0.4, 0.3), confidence=0.98).text
    'EXIT'
    >>> Line(text="EXIT", box=(0.4, 0.2, 0.1, 0.3), confidence=0.98)
    Traceback (most recent call last):
    ...
    ValueError: a box needs 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1, got (0.4, 0.2, 0.1, 0.3)
    """

    text: str
    box: Box
    confidence: float

    def __post_init__(self) -> None:
        left, top, right, bottom = self.box
        if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
            raise ValueError(f"a box needs 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1, got {self.box}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence lies from 0 to 1, got {self.confidence}")


Lines = tuple[Line, ...]
Block = tuple[Line, ...]
"""Lines that belong together, such as those of a paragraph, in the order of reading."""


def reading_order(lines: Iterable[Line], *, aspect: float = 1.0) -> tuple[Block, ...]:
    """Blocks in the order of reading: columns from the left to the right, each from its top to its bottom.

    aspect: width of the picture over its height, so that white beside and below letters can be compared. Columns are
    found by cuts along white gutters (Nagy & Seth, ICPR 1984), here with lines that may run across: those part the page
    into bands, and each band is read column by column. Made for scripts that run from the left to the right.

    >>> def line(text, left, top):
    ...     return Line(text=text, box=(left, top, left + 0.4, top + 0.03), confidence=1.0)
    >>> page = [line("one", 0.05, 0.1), line("three", 0.55, 0.1), line("two", 0.05, 0.14), line("four", 0.55, 0.14)]
    >>> print(as_text(reading_order(page)))
    one
    two
    <BLANKLINE>
    three
    four
    """
    placed = list(lines)
    if not placed:
        return ()
    height = statistics.median(_height(line) for line in placed) or 1e-6
    return tuple(block for part in _columns(placed, height / aspect) for block in _blocks(part, height))


def as_text(blocks: Iterable[Sequence[Line]]) -> str:
    """The writing as one text: a line for each row, an empty line between blocks.

    >>> left = Line(text="Total", box=(0.1, 0.1, 0.2, 0.14), confidence=1.0)
    >>> right = Line(text="42.00", box=(0.5, 0.1, 0.6, 0.14), confidence=1.0)
    >>> as_text([(left, right)])
    'Total 42.00'
    """
    return "\n\n".join("\n".join(" ".join(line.text for line in row) for row in _rows(block)) for block in blocks)


def _columns(lines: list[Line], across: float) -> list[list[Line]]:
    """Parts of the page, in order, that hold one column each. across: the height of a line in shares of the width."""
    gutter = _gutter(lines, across)
    if gutter is None:
        return [lines]
    parts: list[list[Line]] = []
    for band in _bands(lines, gutter, across):
        if _crosses(band[0], gutter, across):
            parts.append(band)
        else:
            parts.extend(part for side in _sides(band, gutter) if side for part in _columns(side, across))
    return parts


def _gutter(lines: list[Line], across: float) -> float | None:
    """Where a white gutter runs between two columns; None when there is none.

    Of all places tried, the one with the fewest lines across it, and of those the one in the widest white.
    """
    left = np.array([line.box[0] + ROOM * across for line in lines])
    right = np.array([line.box[2] - ROOM * across for line in lines])
    places = np.linspace(0, 1, PLACES, endpoint=False)
    reach = GUTTER * across / 2
    crossing = ((left < places[:, None] + reach) & (right > places[:, None] - reach)).sum(axis=1)
    runs = np.split(np.arange(PLACES), np.flatnonzero(np.diff(crossing)) + 1)
    for run in sorted(runs, key=lambda run: (crossing[run[0]], -len(run))):
        middle = float(places[run].mean())
        if crossing[run[0]] > CROSSING * len(lines):
            break
        beside = [line for line in lines if not _crosses(line, middle, across)]
        if all(_is_column(side, across) for side in _sides(beside, middle)):
            return middle
    return None


def _is_column(lines: list[Line], across: float) -> bool:
    """True for two lines at least that are wide enough for prose."""
    if len(lines) < 2:
        return False
    return statistics.median(line.box[2] - line.box[0] for line in lines) >= COLUMN_WIDTH * across


def _sides(lines: list[Line], gutter: float) -> tuple[list[Line], list[Line]]:
    """The lines that lie on its left mostly, and those on its right."""
    middles = [(line.box[0] + line.box[2]) / 2 for line in lines]
    left = [line for line, middle in zip(lines, middles, strict=True) if middle < gutter]
    return left, [line for line, middle in zip(lines, middles, strict=True) if middle >= gutter]


def _bands(lines: list[Line], gutter: float, across: float) -> list[list[Line]]:
    """From the top to the bottom: runs of lines that cross the gutter, and runs of lines that do not."""
    bands: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if bands and _crosses(bands[-1][0], gutter, across) == _crosses(line, gutter, across):
            bands[-1].append(line)
        else:
            bands.append([line])
    return bands


def _blocks(lines: list[Line], height: float) -> list[Block]:
    """The rows of one column, parted where there is white above a row."""
    blocks: list[list[Line]] = []
    bottom = 0.0
    for row in _rows(sorted(lines, key=lambda line: line.box[1] + line.box[3])):
        if not blocks or min(line.box[1] for line in row) - bottom > PARAGRAPH * height:
            blocks.append([])
        blocks[-1].extend(sorted(row, key=lambda line: line.box[0]))
        bottom = max(line.box[3] for line in row)
    return [tuple(block) for block in blocks]


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Neighbours in the sequence that stand side by side, together."""
    rows: list[list[Line]] = [[line] for line in lines[:1]]
    for before, line in pairwise(lines):
        if _level(before, line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _level(first: Line, second: Line) -> bool:
    """True when the two stand side by side, and not one over the other."""
    shared = min(first.box[3], second.box[3]) - max(first.box[1], second.box[1])
    beside = first.box[2] <= second.box[0] + _slack(first) or second.box[2] <= first.box[0] + _slack(second)
    return beside and shared >= ROW_OVERLAP * min(_height(first), _height(second))


def _slack(line: Line) -> float:
    """Boxes are drawn with some room around the letters, so that neighbours may overlap a little."""
    return 0.1 * (line.box[2] - line.box[0])


def _crosses(line: Line, gutter: float, across: float) -> bool:
    return line.box[0] + ROOM * across < gutter < line.box[2] - ROOM * across


def _height(line: Line) -> float:
    return line.box[3] - line.box[1]
