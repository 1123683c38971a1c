"""Reads OpenDocument files (ISO/IEC 26300, OASIS ODF 1.3): texts, sheets and presentations.

In a presentation a page is a slide, in a spreadsheet a sheet; a text has characters of the whole text. Left out:
tracked deletions, comments, styles.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.errors import UnknownType
from sensorium.core.items import Place
from sensorium.readers.flow import Block, Kind, Part, compose, row
from sensorium.readers.markup import children, descend
from sensorium.readers.packaged.containers import Job, title_of
from sensorium.readers.packaged.relations import Package, resolved
from sensorium.readers.packaged.xlsx import RowPacker

CONTENT = "content.xml"
MANIFEST = "META-INF/manifest.xml"

MEDIA_TYPES = {
    "text": "application/vnd.oasis.opendocument.text",
    "spreadsheet": "application/vnd.oasis.opendocument.spreadsheet",
    "presentation": "application/vnd.oasis.opendocument.presentation",
}

SKIPPED = frozenset({"tracked-changes", "annotation", "sequence-decls", "forms", "table-of-content", "settings"})

MOST_REPEATS = 64
"""Of an empty cell before a filled one; sheets fill their width with one that is repeated thousands of times."""


def read(package: Package, job: Job) -> Document:
    """The document, or those of its sheets or slides that this part is to hold. Raises UnknownType: encrypted."""
    if MANIFEST in package and next(package.xml(MANIFEST).iter("encryption-data"), None) is not None:
        raise UnknownType("it is encrypted", remedy="save it without a password and add it again")
    body = descend(package.xml(CONTENT), "body")
    for kind, media_type in MEDIA_TYPES.items():
        content = descend(body, kind)
        if content is None:
            continue
        if kind == "text":
            parts = list(_Content(package, job, None).parts(content))
            return job.document(media_type, title_of(parts), compose(parts, job.request))
        return _paged(package, job, content, media_type)
    raise UnknownType("an OpenDocument file of another kind", remedy="save it as a text, a sheet or a presentation")


def _paged(package: Package, job: Job, content: Element, media_type: str) -> Document:
    pages = list(children(content, "page", "table"))
    wanted, following = job.part_of([page.get("name", "") for page in pages])
    pieces: list[DraftPiece] = []
    title = ""
    for index in wanted:
        page, number = pages[index], index + 1
        reader = _Content(package, job, number)
        if page.tag == "table":
            packer = RowPacker(page.get("name", ""), number, job)
            for at, cells in enumerate(reader.rows(page), start=1):
                packer.add(cells, str(at))
            pieces += packer.pieces()
            pieces += compose(list(reader.floating), job.request, number)
            continue
        parts = list(reader.parts(page))
        title = title or title_of(parts)
        pieces += compose(parts, job.request, number)
    return job.document(media_type, title, pieces, (following, len(pages)))


class _Content:
    """Walks content and gives its blocks and pictures in order."""

    def __init__(self, package: Package, job: Job, page: int | None) -> None:
        self.floating: list[Part] = []
        self._package = package
        self._job = job
        self._page = page

    def parts(self, parent: Element, attributes: dict[str, str] | None = None, in_list: bool = False) -> Iterator[Part]:
        for element in parent:
            tag = element.tag
            if tag in ("h", "p"):
                yield from self._paragraph(element, attributes or {}, in_list)
            elif tag == "table":
                yield from self._table(element)
            elif tag in ("frame", "a"):
                yield from self._frame(element, attributes)
            elif tag == "notes":
                yield from self.parts(element, {"part": "notes"})
            elif tag not in SKIPPED:
                yield from self.parts(element, attributes, in_list or tag == "list")

    def _paragraph(self, element: Element, attributes: dict[str, str], in_list: bool) -> Iterator[Part]:
        written: list[str] = []
        floating: list[Part] = []
        self._collect(element, written, floating)
        words = "".join(written).strip()
        if words and element.tag == "h":
            yield Block(text=" ".join(words.split()), kind=Kind.HEADING, attributes=attributes)
        elif words:
            kind = Kind.ITEM if in_list else Kind.PARAGRAPH
            yield Block(text=f"- {words}" if in_list else words, kind=kind, attributes=attributes)
        yield from floating

    def _collect(self, element: Element, written: list[str], floating: list[Part]) -> None:
        written.append(element.text or "")
        for child in element:
            if child.tag == "s":
                count = child.get("c", "1")
                written.append(" " * min(int(count) if count.isdecimal() and len(count) < 4 else 1, 100))
            elif child.tag in ("tab", "line-break"):
                written.append("\t" if child.tag == "tab" else "\n")
            elif child.tag == "note":
                body = descend(child, "note-body")
                if body is not None:
                    floating += self.parts(body, {"part": "footnote"})
            elif child.tag == "frame":
                floating += self._frame(child, None)
            elif child.tag not in SKIPPED:
                self._collect(child, written, floating)
            written.append(child.tail or "")

    def _frame(self, frame: Element, attributes: dict[str, str] | None) -> Iterator[Part]:
        caption = " ".join(text for text in (_words(frame, "title"), _words(frame, "desc")) if text)
        for element in frame:
            if element.tag == "image":
                if piece := self._picture(element, caption):
                    yield piece
                    return  # what follows are other forms of the same picture
            elif element.tag == "table":
                yield from self._table(element)
            elif element.tag not in ("title", "desc", "object", "event-listeners"):
                yield from self.parts(element, attributes)

    def _picture(self, image: Element, caption: str) -> DraftPiece | None:
        name = resolved("", image.get("href", ""))
        if name not in self._package:
            return None
        return self._job.figures.piece(self._package.container.read(name), Place(page=self._page), caption)

    def _table(self, table: Element) -> Iterator[Part]:
        number = self._job.next_table()
        for cells in self.rows(table):
            block = row(cells, number)
            if block:
                yield block
        yield from self.floating
        self.floating = []

    def rows(self, table: Element) -> Iterator[list[str]]:
        """The cells of each row; a repeated row is one row. What floats in cells is kept in `floating`."""
        for element in table:
            if element.tag in ("table-row-group", "table-header-rows", "table-rows"):
                yield from self.rows(element)
            elif element.tag == "table-row":
                yield self._cells(element)

    def _cells(self, line: Element) -> list[str]:
        cells: list[str] = []
        for cell in children(line, "table-cell", "covered-table-cell"):
            parts = list(self.parts(cell))
            words = " ".join(part.text for part in parts if isinstance(part, Block))
            self.floating += [part for part in parts if not isinstance(part, Block)]
            repeated = cell.get("number-columns-repeated", "1")
            count = min(int(repeated), MOST_REPEATS) if repeated.isdecimal() and len(repeated) < 6 else 1
            cells += [words] * count
            self._job.write(len(words) * count)
        while cells and not cells[-1].strip():
            cells.pop()
        return cells


def _words(frame: Element, name: str) -> str:
    found = descend(frame, name)
    return "" if found is None else "".join(found.itertext()).strip()
