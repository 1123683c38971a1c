"""Characters with boxes -> words -> spans -> lines -> paragraphs.

Words are parted by spaces and gaps, lines joined by height, paragraphs by distance and type size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sensorium.readers.pdf.boxes import Box, around
from sensorium.readers.pdf.captions import opens_caption
from sensorium.readers.pdf.pages import Characters

WORD_GAP = 0.28
"""Of the height of a line: a gap that wide parts words, where the file itself has no space."""

SPAN_GAP = 0.75
"""Of the height of a line: a gap that wide may part two columns or two cells."""

SAME_LINE = 0.45
"""Of the smaller height: how far apart the middles of two words of one line lie at most."""

NEW_PARAGRAPH = 1.45
"""Times the usual distance of two lines."""

NEW_SIZE = 1.18
"""Ratio of two heights of type that are not of one paragraph."""

_SPACES = np.array([0, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0xAD, 0x2002, 0x2003, 0x2009, 0x200B, 0x3000, 0xFFFE])
_LINE_ENDS = np.array([0x0A, 0x0D])
_HYPHEN = 2
"""PDFium's mark for a hyphen at the end of a line."""

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_BROKEN = re.compile(r"(?<=[^\W\d_])[-‐­]$")


TypeOf = Callable[[int], tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Word:
    """first: the index of its first character on the page. fresh: a new stretch starts with it, see `spans_of`."""

    text: str
    box: Box
    first: int
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Words that stand close together in one line."""

    text: str
    box: Box
    words: tuple[Word, ...] = ()
    size: float = 0.0
    bold: bool = False

    @property
    def height(self) -> float:
        """Of its type, in points."""
        return self.size or self.box.height


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one column. height: that of its type, in points."""

    text: str
    box: Box
    height: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list entry. column: of the page, counted in reading order from 0."""

    lines: tuple[Line, ...]
    column: int = 0

    @property
    def box(self) -> Box:
        return around(line.box for line in self.lines)

    @property
    def text(self) -> str:
        """Its lines joined, words that were parted at a line's end whole again.

        >>> box = Box(0, 0, 1, 1)
        >>> Block((Line("a long sen-", box, 1), Line("tence", box, 1))).text
        'a long sentence'
        """
        return joined([line.text for line in self.lines])[0]


def joined(lines: Sequence[str]) -> tuple[str, list[int]]:
    """Lines as running text, and where in it each one starts.

    >>> joined(["non-", "Hispanic"]), joined(["one", "two"])
    (('non-Hispanic', [0, 4]), ('one two', [0, 4]))
    """
    text, starts = "", []
    for line in lines:
        if text and _BROKEN.search(text):
            text = text[:-1] if line[:1].islower() else text
        elif text:
            text += " "
        starts.append(len(text))
        text += line
    return text, starts


def words_of(characters: Characters) -> list[Word]:
    """The words in the order of the file."""
    codes, boxes = characters.codes, characters.boxes
    solid = np.flatnonzero(~np.isin(codes, _SPACES) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
    if not len(solid):
        return []
    fresh, space = _breaks(codes, boxes, solid)
    starts = np.flatnonzero(np.concatenate([[True], fresh | space]))
    ends = np.append(starts[1:], len(solid))
    left_top = np.minimum.reduceat(boxes[solid, :2], starts)
    right_bottom = np.maximum.reduceat(boxes[solid, 2:], starts)
    fresh_at = np.concatenate([[True], fresh])
    letters = [_letter(code) for code in codes[solid].tolist()]
    found = []
    for start, end, low, high in zip(starts, ends, left_top.tolist(), right_bottom.tolist(), strict=True):
        text = _whole("".join(letters[start:end]))
        if text:
            found.append(Word(text, Box(*low, *high), int(solid[start]), bool(fresh_at[start])))
    return found


def _breaks(
    codes: npt.NDArray[np.int64], boxes: npt.NDArray[np.float64], solid: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Between each two solid characters: whether a new stretch starts, and whether a new word does."""
    one, two = boxes[solid[:-1]], boxes[solid[1:]]
    height = np.minimum(one[:, 3] - one[:, 1], two[:, 3] - two[:, 1])
    apart = np.abs(one[:, 1] + one[:, 3] - two[:, 1] - two[:, 3]) / 2
    gap = two[:, 0] - one[:, 2]
    ended = np.cumsum(np.isin(codes, _LINE_ENDS))
    spaced = np.cumsum(np.isin(codes, _SPACES) & (codes != 0))
    fresh = (apart > SAME_LINE * height) | (gap > SPAN_GAP * height) | (gap < -0.75 * height)
    fresh |= (ended[solid[1:]] > ended[solid[:-1]]) & (gap > WORD_GAP * height)
    space = spaced[solid[1:]] > spaced[solid[:-1]]
    sideways = _sideways(one, two)
    fresh &= ~sideways
    space |= (gap > WORD_GAP * height) & ~sideways
    return fresh, space


def _sideways(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Where a character stands above or below the one before it, as three or more in a row do in text that is turned.

    one, two: float64 [n, 4], the boxes of n pairs.
    """
    if not len(one):
        return np.zeros(0, bool)
    across = np.abs(one[:, 0] + one[:, 2] - two[:, 0] - two[:, 2]) / 2
    along = np.abs(one[:, 1] + one[:, 3] - two[:, 1] - two[:, 3]) / 2
    longest = np.maximum(one[:, 3] - one[:, 1], one[:, 2] - one[:, 0])
    stands = (across < 0.25 * along) & (along < 1.6 * longest)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(np.int8)))
    for start, end in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start < 3:
            stands[start:end] = False
    return stands


def _letter(code: int) -> str:
    """A character as a person would type it; "" for what no text holds."""
    if code < 0x20 or 0x7F <= code < 0xA0 or code > 0x10FFFF:
        return "-" if code == _HYPHEN else ""
    return _LIGATURES.get(code) or chr(code)


def _whole(text: str) -> str:
    """Halves of a character joined (PDFium counts in UTF-16), and lone ones left out."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def spans_of(words: Iterable[Word], type_of: TypeOf) -> list[Span]:
    """Words that follow each other closely in the file and on the page.

    type_of: size in points and boldness of the character at an index of the page.
    """
    groups: list[list[Word]] = []
    for word in words:
        if word.fresh or not groups:
            groups.append([word])
        else:
            groups[-1].append(word)
    return [span_of(group, *type_of(max(group, key=lambda word: len(word.text)).first)) for group in groups]


def span_of(words: Sequence[Word], size: float = 0.0, bold: bool = False) -> Span:
    """Words in order as one span, with the box around them."""
    return Span(" ".join(word.text for word in words), around(word.box for word in words), tuple(words), size, bold)


def lines_of(spans: Sequence[Span]) -> list[Line]:
    """The lines of one column, from top to bottom."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: (span.box.middle, span.box.left)):
        if rows and _is_level(rows[-1], span):
            rows[-1].append(span)
        else:
            rows.append([span])
    return [_line(sorted(row, key=lambda span: span.box.left)) for row in rows]


def _is_level(row: list[Span], span: Span) -> bool:
    if opens_caption(span.text):
        return False
    largest = max(row, key=lambda other: other.height)
    smaller = min(largest.height, span.height)
    if abs(largest.box.middle - span.box.middle) > max(SAME_LINE * smaller, 0.3 * largest.height):
        return False
    return all(other.box.shared_width(span.box) < 0.5 * min(other.box.width, span.box.width) for other in row)


def _line(row: list[Span]) -> Line:
    longest = max(row, key=lambda span: len(span.text))
    bold = longest.bold and all(span.bold for span in row if len(span.text) > 2)
    height = _usual([(span.height, len(span.text)) for span in row])
    return Line(" ".join(span.text for span in row), around(span.box for span in row), height, bold)


def _usual(weighed: list[tuple[float, int]]) -> float:
    """The median of heights by how many characters have them."""
    half = sum(weight for _, weight in weighed) / 2
    for height, weight in sorted(weighed):
        half -= weight
        if half <= 0:
            return height
    return 0.0


def blocks_of(lines: Sequence[Line], column: int = 0) -> list[Block]:
    """Paragraphs: lines of one size that stand as close as lines of this column do."""
    if not lines:
        return []
    steps = [two.box.middle - one.box.middle for one, two in pairwise(lines)]
    height = float(np.median([line.height for line in lines]))
    close = [step for step in steps if 0.5 * height < step < 2.2 * height]
    usual = float(np.median(close)) if close else 1.2 * height
    groups = [[lines[0]]]
    for step, line in zip(steps, lines[1:], strict=True):
        last = groups[-1][-1]
        ratio = max(line.height, last.height) / max(min(line.height, last.height), 0.1)
        scale = max(1.0, min(line.height, last.height) / height)
        apart = step > NEW_PARAGRAPH * usual * scale or step < 0 or ratio > NEW_SIZE or opens_caption(line.text)
        if apart or (line.bold != last.bold and len(last.text) + len(line.text) < 160):
            groups.append([line])
        else:
            groups[-1].append(line)
    return [Block(tuple(group), column) for group in groups]
