"""HTML and XHTML as blocks: what a browser would show of a page, in the order of its source. Nothing is fetched.

lxml's parser reports what it meets to `_Page`, which keeps no tree: memory and time grow with the page, not with how
deep somebody nested it. Scripts, styles, forms' fields and what is marked as hidden are left out.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from lxml import etree

from sensorium.core.contents import DraftPiece
from sensorium.core.errors import TooLarge
from sensorium.readers.flow import Block, Kind, Part, row

MOST_ELEMENTS = 1_000_000

_SKIPPED = """script style template svg iframe frame object embed applet canvas audio video map select datalist textarea
button noembed noframes colgroup"""
SKIPPED = frozenset(_SKIPPED.split())
"""Elements whose content is no text of the page."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_BREAKS = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form head header hgroup hr html legend li main menu nav ol optgroup option p pre section summary table
tbody td tfoot th thead title tr ul"""
BREAKS = frozenset(_BREAKS.split()) | HEADINGS
"""Elements before and after which a new block starts."""

_VOID = "area base br col embed hr img input link meta param source track wbr"
VOID = frozenset(_VOID.split())

RAW_TEXT = re.compile(r"<(title|script|style|textarea|iframe|noframes)\b([^<>]*)/>", re.IGNORECASE)
"""Empty in XHTML, while HTML would take all that follows for their content."""

HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp)(?:;[a-z0-9=-]+)*?(;base64)?,", re.IGNORECASE)

BULLETS = "•·▪◦‣ \t\n"
"""What pages write in front of an item that has its mark already."""

_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0xFEFF))
"""Where a word may be cut or not: soft hyphen, zero width space, zero width no-break space."""

_BLANK = re.compile(r"[ \t\n\r\f]+")

Picture = Callable[[str, str], DraftPiece | None]
"""Address and caption of a picture -> its piece, where there is one."""


@dataclass(slots=True)
class _Table:
    """A table while it is being read: the cells of its row, and what is written of one."""

    number: int
    cells: list[str] = field(default_factory=list)
    in_cell: bool = False
    written: list[str] = field(default_factory=list)


def blocks(text: str, next_table: Callable[[], int], picture: Picture | None = None) -> tuple[str, list[Part]]:
    """The title of a page, "" without one, and its blocks and pictures in order. Raises TooLarge.

    >>> page = "<title>Tea</title><h1>Green</h1><p>Boil <b>water</b>.<script>x()</script><ul><li>leaves<li>a pot</ul>"
    >>> title, parts = blocks(page, lambda: 1)
    >>> title, [(part.kind.value, part.text) for part in parts]
    ('Tea', [('heading', 'Green'), ('paragraph', 'Boil water.'), ('item', '- leaves'), ('item', '- a pot')])
    """
    page = _Page(next_table, picture)
    # Unlimited, because the limit of libxml2 drops a text that is too long without a word; `MOST_ELEMENTS` is ours.
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True)
    data = RAW_TEXT.sub(r"<\1\2></\1>", text).encode("utf-8", "replace")
    if data.strip():
        etree.fromstring(data, parser)
    page.finish()
    return page.title, page.parts


class _Page:
    """Receives what the parser meets; the parser closes what the page forgot to close."""

    def __init__(self, next_table: Callable[[], int], picture: Picture | None) -> None:
        self.title = ""
        self.parts: list[Part] = []
        self._next_table = next_table
        self._picture = picture
        self._written: list[str] = []
        self._kind = Kind.PARAGRAPH
        self._skipping, self._skipped = 0, ""
        self._preformatted = 0
        self._tables: list[_Table] = []
        self._elements = 0
        self._figure: tuple[int, list[str]] | None = None
        self._waiting: list[tuple[str, str]] = []
        self._shown: list[Part] = []

    # -- what the parser calls

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise TooLarge(f"a page of more than {MOST_ELEMENTS} elements", remedy="split it and add the parts")
        if self._skipping:
            self._skipping += tag not in VOID
            if tag == "image" and self._skipped == "svg":  # as e-books wrap their covers
                self._show(attributes.get("xlink:href") or attributes.get("href") or "", "")
            return
        if tag not in VOID and (tag in SKIPPED or _is_hidden(attributes)):
            self._skipping, self._skipped = 1, "" if _is_hidden(attributes) else tag
            return
        if tag in BREAKS:
            self._flush()
        self._open(tag, attributes)

    def end(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= tag not in VOID
            return
        if tag in BREAKS:
            self._close(tag)

    def data(self, text: str) -> None:
        if not self._skipping:
            self._written.append(text)

    def close(self) -> None:
        return None

    def finish(self) -> None:
        """Writes what still waits."""
        self._flush()
        self._show_waiting("")

    # -- what it does with it

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in HEADINGS:
            self._kind = Kind.HEADING
        elif tag == "li":
            self._kind = Kind.ITEM
        elif tag == "pre":
            self._preformatted += 1
            self._kind = Kind.CODE
        elif tag == "br":
            self._written.append("\0")
        elif tag == "img":
            self._image(attributes)
        elif tag == "table":
            self._tables.append(_Table(self._next_table()))
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
            self._tables[-1].in_cell = True
        elif tag == "tr" and self._tables:
            self._end_row()
        elif tag == "figure":
            self._figure = self._figure or (len(self.parts), [])

    def _close(self, tag: str) -> None:
        if tag == "title":
            self.title = self.title or _plain("".join(self._written)).strip()
            self._written = []
            return
        if tag == "figcaption" and self._figure:
            self._figure[1].append(_plain("".join(self._written)).strip())
        self._flush()
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
        elif tag == "tr" and self._tables:
            self._end_row()
        elif tag == "table" and self._tables:
            self._end_row()
            self._tables.pop()
        elif tag == "figure" and self._figure:
            caption, self._figure = " ".join(self._figure[1]), None
            self._show_waiting(caption)

    def _flush(self) -> None:
        """Ends the block that is being written; pictures in it follow."""
        self._end_block()
        self.parts += self._shown
        self._shown = []

    def _end_block(self) -> None:
        kind, self._kind = self._kind, Kind.PARAGRAPH
        raw, self._written = "".join(self._written), []
        words = raw.replace("\0", "\n").strip("\n") if self._preformatted else _plain(raw)
        if self._preformatted and words.strip():
            kind = Kind.CODE
        elif not words.strip():
            # A list item may open a paragraph: it stays an item.
            self._kind = kind if kind in (Kind.ITEM, Kind.HEADING) and not raw.strip() else Kind.PARAGRAPH
            return
        if self._tables and self._tables[-1].in_cell and kind is not Kind.HEADING:
            self._tables[-1].written.append(words.strip())
            return
        self._add(words, kind)

    def _add(self, words: str, kind: Kind) -> None:
        if kind is Kind.ITEM:
            words = f"- {words.lstrip(BULLETS).rstrip()}"
        elif kind is Kind.HEADING:
            words = " ".join(words.split())
        self.parts.append(Block(text=words if kind is Kind.CODE else words.strip(), kind=kind))

    def _end_cell(self) -> None:
        table = self._tables[-1]
        if table.in_cell:
            table.cells.append(" ".join(table.written))
            table.in_cell, table.written = False, []

    def _end_row(self) -> None:
        """A row of one cell is a paragraph in a frame, whatever the page says."""
        self._end_cell()
        table = self._tables[-1]
        filled = [cell for cell in table.cells if cell.strip()]
        if len(filled) == 1 and len(table.cells) == 1:
            self._place(Block(text=filled[0]))
        else:
            line = row(table.cells, table.number)
            if line:
                self._place(line)
        table.cells = []

    def _place(self, block: Block) -> None:
        """Into the page. Where that is laid out with tables, what stands in the outer cell so far comes first."""
        outer = self._tables[-2] if len(self._tables) > 1 else None
        if outer is not None and outer.in_cell and outer.written:
            self.parts.append(Block(text=" ".join(outer.written)))
            outer.written = []
        self.parts.append(block)

    def _image(self, attributes: Mapping[str, str]) -> None:
        caption = " ".join((attributes.get("alt") or attributes.get("title") or "").split())
        self._show(attributes.get("src") or "", caption)

    def _show(self, address: str, caption: str) -> None:
        """A picture that there is becomes a piece; of any other, its caption stays as text."""
        if self._figure is not None and self._picture is not None:
            self._waiting.append((address, caption))  # its caption is still to come
            return
        piece = self._picture(address, caption) if self._picture and address else None
        if piece:
            self._shown.append(piece)
        elif caption:
            self._written.append(f" {caption} ")

    def _show_waiting(self, caption: str) -> None:
        waiting, self._waiting = self._waiting, []
        for address, own in waiting:
            piece = self._picture(address, caption or own) if self._picture else None
            if piece:
                self.parts.append(piece)
            elif own:
                self.parts.append(Block(text=own))


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(HIDDEN_STYLE.search(attributes.get("style") or ""))


def _plain(raw: str) -> str:
    """White space as a browser shows it; `\\0` stands for a line that the page breaks."""
    lines = (_BLANK.sub(" ", line).strip() for line in raw.translate(_INVISIBLE).split("\0"))
    return "\n".join(lines).strip("\n")


def embedded(address: str) -> bytes | None:
    """The picture that an address itself holds (RFC 2397); None for any other address.

    >>> embedded("data:image/png;base64,AAEC"), embedded("https://example.org/a.png")
    (b'\\x00\\x01\\x02', None)
    """
    head = _DATA.match(address[:200])
    if not head:
        return None
    try:
        rest = address[head.end() :]
        return base64.b64decode(rest) if head[1] else unquote_to_bytes(rest)
    except (binascii.Error, ValueError):
        return None
