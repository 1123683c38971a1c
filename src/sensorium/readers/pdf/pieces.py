"""What was found on a page -> pieces: texts by column and heading, tables by rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.items import Aspect, Modality, Place
from sensorium.readers.chunking import chunk
from sensorium.readers.pdf.boxes import Box, around
from sensorium.readers.pdf.outline import Bookmark, bookmark_before, is_heading
from sensorium.readers.pdf.pages import Geometry
from sensorium.readers.pdf.tables import Table
from sensorium.readers.pdf.text import Block, Line, Span, blocks_of, joined, lines_of

MARGIN = 0.1
"""Of a page's height: where running heads and feet stand."""

REPEATED = 3
"""On that many pages of one part a line in the margin is a running head."""

APART = 4.0
"""Times the height of a line: paragraphs that far apart are not one text."""

HEADING = 200
CAPTION = 300
HEADER = 0.3
"""Of a chunk: the most that the heads of a table's columns take of each of its chunks."""

_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Figure:
    """label: the text that stands in it. mute: it is a picture without text, so that writing may be part of it."""

    box: Box
    caption: str
    label: str
    mute: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """What is written on a page. index: from 0. blocks: in reading order, without tables and what is in figures."""

    index: int
    geometry: Geometry
    spans: tuple[Span, ...]
    blocks: tuple[Block, ...]
    tables: tuple[tuple[Table, str], ...] = ()
    figures: tuple[Figure, ...] = ()

    def place(self, box: Box) -> Place:
        return Place(page=self.index + 1, box=box.shares(self.geometry.width, self.geometry.height))


class Texts:
    """Makes the text pieces of a part's pages, one after the other: the heading of one page goes on to the next."""

    def __init__(
        self, request: ReadRequest, bookmarks: Sequence[Bookmark], body: tuple[float, bool], heads: RunningHeads
    ) -> None:
        self._request = request
        self._bookmarks = bookmarks
        self._body = body
        self._heads = heads
        self._heading = ""
        self._bookmark = ""

    def pieces(self, page: PageText) -> Iterator[DraftPiece]:
        blocks = self._heads.without(page)
        for section in _sections(blocks, self._body, self._request.chunk_characters // 4):
            heading = self._heading_of(section[0], page)
            yield from self._text(section, page, heading)
        for table, caption in page.tables:
            yield from self._table(table, caption, page)
        for figure in page.figures:
            if len(_LETTER.findall(figure.label)) >= 3:
                yield from self._chunks(figure.label, figure.box, page, {"caption": figure.caption})

    def _heading_of(self, block: Block, page: PageText) -> str:
        """The nearer of the last bookmark and the last line that looks like a heading."""
        mark = bookmark_before(self._bookmarks, page.index, block.box.top, page.geometry)
        if mark != self._bookmark:
            self._bookmark = self._heading = mark
        if is_heading(block, self._body):
            self._heading = block.text[:HEADING]
        return self._heading

    def _text(self, section: Sequence[Block], page: PageText, heading: str) -> Iterator[DraftPiece]:
        text, lines = _running(section)
        request = self._request
        for start, end in chunk(text, characters=request.chunk_characters, overlap=request.chunk_overlap):
            part = text[start:end]
            if _LETTER.search(part):
                box = around(line.box for at, line in lines if at < end and at + len(line.text) > start)
                yield _piece(part, page.place(box), {"heading": heading})

    def _table(self, table: Table, caption: str, page: PageText) -> Iterator[DraftPiece]:
        limit = self._request.chunk_characters
        rows = [" | ".join(row) for row in table.rows]
        mark = bookmark_before(self._bookmarks, page.index, table.box.top, page.geometry)
        attributes = {"caption": caption[:CAPTION], "heading": mark or self._heading}
        start = caption[: limit // 4]
        head = rows[0] if len(rows) > 2 and len(rows[0]) <= HEADER * limit else ""
        part = [start] if start else []
        for number, row in enumerate(rows):
            if len(part) > 1 and sum(map(len, part)) + len(part) + len(row) > limit:
                yield from self._chunks("\n".join(part), table.box, page, attributes, Aspect.TABLE)
                part = [line for line in (start, head) if line]
            if number or row != head or head not in part:
                part.append(row)
        yield from self._chunks("\n".join(part), table.box, page, attributes, Aspect.TABLE)

    def _chunks(
        self, text: str, box: Box, page: PageText, attributes: Mapping[str, str], aspect: Aspect = Aspect.CONTENT
    ) -> Iterator[DraftPiece]:
        for start, end in chunk(text, characters=self._request.chunk_characters, overlap=0):
            yield _piece(text[start:end], page.place(box), attributes, aspect)


def _piece(text: str, place: Place, attributes: Mapping[str, str], aspect: Aspect = Aspect.CONTENT) -> DraftPiece:
    given = {name: value for name, value in attributes.items() if value}
    return DraftPiece(modality=Modality.TEXT, place=place, text=text, aspect=aspect, attributes=given)


def _sections(blocks: Sequence[Block], body: tuple[float, bool], least: int) -> list[list[Block]]:
    """Blocks of one column under one heading. A section of fewer than `least` characters takes the next one in."""
    sections: list[list[Block]] = []
    for block in blocks:
        new_column = not sections or _is_apart(sections[-1][-1], block)
        long = bool(sections) and sum(len(line.text) for one in sections[-1] for line in one.lines) >= least
        if new_column or (long and is_heading(block, body)):
            sections.append([])
        sections[-1].append(block)
    return sections


def _is_apart(above: Block, below: Block) -> bool:
    """In another column, or with a figure, a table or nothing at all between."""
    gap = below.box.top - above.box.bottom
    return above.column != below.column or gap > APART * max(above.lines[-1].height, below.lines[0].height)


def _running(blocks: Sequence[Block]) -> tuple[str, list[tuple[int, Line]]]:
    """The text of blocks, paragraphs apart, and where in it each line starts."""
    text, lines = "", []
    for block in blocks:
        text += "\n\n" if text else ""
        words, starts = joined([line.text for line in block.lines])
        lines += [(len(text) + start, line) for start, line in zip(starts, block.lines, strict=True)]
        text += words
    return text, lines


class RunningHeads:
    """Lines in the margins that come again on page after page; each is kept where it comes first."""

    def __init__(self, pages: Sequence[PageText]) -> None:
        counts: Counter[tuple[str, int]] = Counter()
        self._first: dict[tuple[str, int], int] = {}
        for page in pages:
            for key in {key for block in page.blocks for line in block.lines if (key := self._key(line, page))}:
                counts[key] += 1
                self._first.setdefault(key, page.index)
        self._repeated = {key for key, count in counts.items() if count >= REPEATED}

    def without(self, page: PageText) -> list[Block]:
        """The page's blocks without lines that stood on an earlier page of this part."""
        kept = []
        for block in page.blocks:
            lines = tuple(line for line in block.lines if not self._is_known(line, page))
            if lines:
                kept.append(block if len(lines) == len(block.lines) else Block(lines, block.column))
        return kept

    def _is_known(self, line: Line, page: PageText) -> bool:
        key = self._key(line, page)
        return key in self._repeated and self._first[key] != page.index if key else False

    def _key(self, line: Line, page: PageText) -> tuple[str, int] | None:
        """What and where, for lines in the margins; left and right pages stand for each other."""
        height = page.geometry.height
        if MARGIN * height < line.box.middle < (1 - MARGIN) * height:
            return None
        return _DIGITS.sub("#", line.text), round(line.box.middle / 6)


def blocks_in_order(columns: Sequence[Sequence[Span]]) -> tuple[Block, ...]:
    """The paragraphs of all columns."""
    return tuple(block for index, spans in enumerate(columns) for block in blocks_of(lines_of(spans), index))
