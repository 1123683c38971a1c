"""A document as blocks that follow one another, and how they become text pieces: along headings, tables, code.

Every format with structure is brought into this one form. A heading stays with what it heads, a table is a piece of
its own, code is not cut, and small neighbours share a piece until it is full.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.items import EMPTY_MAPPING, Aspect, Modality, Place
from sensorium.readers.chunking import chunk

HEADING_CHARACTERS = 200
"""Of a heading as an attribute: what is longer is a sentence that somebody set in bold."""

CODE_CHUNKS = 4
"""A stretch of code stays whole up to this many chunks; beyond that it is cut like text."""

CELLS = " | "

Box = tuple[float, float, float, float]


class Kind(StrEnum):
    """What a block is. heading: it names what follows. item: of a list. row: of a table."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of text that belongs together.

    table: which table a row is of; rows of two tables are not mixed. box: where on its page it lies.
    attributes: facts that its piece keeps; blocks with different ones share no piece.
    """

    text: str
    kind: Kind = Kind.PARAGRAPH
    table: int = 0
    box: Box | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a block lies in a text, in code points. shown: what a piece says there, where it is not the text itself."""

    start: int
    end: int
    block: Block
    shown: str | None = None


Part = Block | DraftPiece
"""What a reader finds, in order: text, or a picture that is a piece already."""


def row(cells: Iterable[str], table: int) -> Block | None:
    """A row of a table as one line; None when every cell is empty.

    >>> row(["Duck", " 3 \\n kg", ""], 1).text
    'Duck | 3 kg'
    """
    line = joined_cells(cells)
    return Block(text=line, kind=Kind.ROW, table=table) if line else None


def joined_cells(cells: Iterable[str]) -> str:
    """Cells as one line; empty ones at the end are left out, and "" is a row of nothing.

    >>> joined_cells(["", "a", "", "b", ""])
    '| a | | b'
    """
    words = [" ".join(cell.split()) for cell in cells]
    while words and not words[-1]:
        words.pop()
    return " ".join(CELLS.join(words).split())


def compose(parts: Sequence[Part], request: ReadRequest, page: int | None = None) -> list[DraftPiece]:
    """The pieces of blocks, with places in the text that they make together; pictures stay where they were.

    >>> blocks = [Block(text="Tea", kind=Kind.HEADING), Block(text="Boil water."), row(["a", "b"], 1)]
    >>> for piece in compose(blocks, ReadRequest()):
    ...     print(piece.aspect, piece.place.characters, repr(piece.text), dict(piece.attributes))
    content (0, 16) 'Tea\\n\\nBoil water.' {'heading': 'Tea'}
    table (18, 23) 'a | b' {'heading': 'Tea'}
    """
    text, spans, pictures = joined(parts)
    placed = [
        (piece.place.characters or (0, 0), replace(piece, place=replace(piece.place, page=page)))
        for piece in cut(text, spans, request)
    ]
    heading = Headings(spans)
    for at, picture in pictures:
        attributes = {**heading.attributes(at), **picture.attributes}
        placed.append(((at, at), replace(picture, attributes=attributes)))
    placed.sort(key=lambda entry: entry[0][0])  # stable, and a picture follows the text that starts where it stands
    return [piece for _, piece in placed]


def joined(parts: Sequence[Part]) -> tuple[str, list[Span], list[tuple[int, DraftPiece]]]:
    """The text of all blocks, where each lies in it, and where the pictures stand.

    Lines of one list or table are set close, all else is set apart by an empty line.
    """
    spans: list[Span] = []
    pictures: list[tuple[int, DraftPiece]] = []
    written: list[str] = []
    at = 0
    for part in parts:
        if isinstance(part, DraftPiece):
            pictures.append((at, part))
            continue
        words = part.text.strip("\n") if part.kind is Kind.CODE else part.text.strip()
        if not words.strip():
            continue
        if spans:
            last = spans[-1].block
            close = part.kind is last.kind and part.kind in (Kind.ITEM, Kind.ROW) and part.table == last.table
            written.append("\n" if close else "\n\n")
            at += len(written[-1])
        spans.append(Span(at, at + len(words), part))
        written.append(words)
        at += len(words)
    return "".join(written), spans, pictures


def cut(text: str, spans: Sequence[Span], request: ReadRequest) -> list[DraftPiece]:
    """The pieces of a text whose blocks are known; what lies between blocks belongs to none."""
    heading = Headings(spans)
    pieces = []
    for _, company in groupby(spans, key=_company):
        for start, end, shown, members in _cut_run(text, list(company), request):
            block = members[0].block
            pieces.append(
                DraftPiece(
                    modality=Modality.TEXT,
                    place=Place(characters=(start, end), box=_around(members)),
                    text=shown,
                    aspect=Aspect.TABLE if block.kind is Kind.ROW else Aspect.CONTENT,
                    attributes={**heading.attributes(start, end), **block.attributes},
                )
            )
    return pieces


class Headings:
    """The nearest heading at or before a character."""

    def __init__(self, spans: Sequence[Span]) -> None:
        found = [span for span in spans if span.block.kind is Kind.HEADING]
        self._starts = [span.start for span in found]
        self._words = [" ".join(span.block.text.split())[:HEADING_CHARACTERS] for span in found]

    def attributes(self, start: int, end: int = 0) -> dict[str, str]:
        """What a piece from `start` to `end` keeps of it; in front of all headings, the first that lies in it."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 and self._starts and self._starts[0] < end:
            index = 0
        return {"heading": self._words[index]} if index >= 0 else {}


Cut = tuple[int, int, str, list[Span]]
"""Start and end of a piece, what it says, and the blocks it is made of."""


def _company(span: Span) -> tuple[object, ...]:
    """Blocks that follow one another and agree in this may share a piece."""
    block = span.block
    return block.kind is Kind.ROW, block.table, tuple(sorted(block.attributes.items()))


def _cut_run(text: str, spans: list[Span], request: ReadRequest) -> Iterator[Cut]:
    """Packs blocks into pieces; a block that is too long for one is cut by itself."""
    is_table = spans[0].block.kind is Kind.ROW
    packed = _Packed([])
    for span in spans:
        if packed.spans and packed.is_full(span, request):
            rest = [] if is_table else _trailing_headings(packed.spans)
            yield _whole(text, packed.spans[: len(packed.spans) - len(rest)])
            packed = _Packed(rest or _overlap(packed.spans, span, request))
        if not is_table and _is_oversized(span, request):
            start = packed.spans[0].start if packed.spans else span.start  # with the headings in front of it
            packed = _Packed([])
            yield from _cut_block(text, Span(start, span.end, span.block), request)
        else:
            packed.add(span)
    if packed.spans:
        yield _whole(text, packed.spans)


class _Packed:
    """The blocks of a piece that is not full yet. length: of their text. is_solid: whether one is no heading."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans: list[Span] = []
        self.length = 0
        self.is_solid = False
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        self.spans.append(span)
        self.length += _length(span)
        self.is_solid = self.is_solid or span.block.kind is not Kind.HEADING

    def is_full(self, span: Span, request: ReadRequest) -> bool:
        """Whether the piece ends before `span`: it would grow too long, or a heading comes when it has half its length.

        A heading is never left alone.
        """
        if span.block.kind is Kind.HEADING:
            return self.is_solid and 2 * self.length >= request.chunk_characters
        return self.is_solid and self.length + _length(span) > request.chunk_characters


def _length(span: Span) -> int:
    """Of what the piece will say of it."""
    return span.end - span.start if span.shown is None else len(span.shown)


def _trailing_headings(packed: list[Span]) -> list[Span]:
    """The headings at the end, which belong to what comes after them."""
    count = len(packed)
    while count and packed[count - 1].block.kind is Kind.HEADING:
        count -= 1
    return packed[count:]


def _overlap(packed: list[Span], span: Span, request: ReadRequest) -> list[Span]:
    """The last block once more, where it is short enough and no heading stands between."""
    last = packed[-1]
    prose = (Kind.PARAGRAPH, Kind.ITEM)
    if last.block.kind not in prose or span.block.kind not in prose or last.shown is not None or len(packed) == 1:
        return []
    fits = _length(last) + _length(span) <= request.chunk_characters
    return [last] if fits and last.end - last.start <= request.chunk_overlap else []


def _is_oversized(span: Span, request: ReadRequest) -> bool:
    most = request.chunk_characters * (CODE_CHUNKS if span.block.kind is Kind.CODE else 1)
    return span.shown is None and span.end - span.start > most


def _cut_block(text: str, span: Span, request: ReadRequest) -> Iterator[Cut]:
    block_text = text[span.start : span.end]
    for start, end in chunk(block_text, characters=request.chunk_characters, overlap=request.chunk_overlap):
        yield span.start + start, span.start + end, block_text[start:end], [span]


def _whole(text: str, packed: list[Span]) -> Cut:
    start, end = packed[0].start, packed[-1].end
    if any(span.shown is not None for span in packed):
        shown = "\n".join(text[span.start : span.end] if span.shown is None else span.shown for span in packed)
    else:
        shown = text[start:end]
    return start, end, shown, packed


def _around(spans: list[Span]) -> Box | None:
    """The box around all boxes; None unless every block has one."""
    boxes = [span.block.box for span in spans if span.block.box is not None]
    if len(boxes) < len(spans):
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
