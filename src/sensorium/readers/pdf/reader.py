"""Reads PDF documents with PDFium, page by page: how each page looks, its text with places, its figures and tables.

A part of a document is a few pages. One page that is damaged, too large or too slow is left out and noted; the others
are read.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from sensorium.core.contents import Document, DraftPiece, Pixels, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.readers.pdf.bombs import refuse_bombs
from sensorium.readers.pdf.boxes import Box
from sensorium.readers.pdf.captions import FIGURE_CAPTION, TABLE_CAPTION, opens_caption
from sensorium.readers.pdf.columns import columns_of
from sensorium.readers.pdf.figures import (
    captions_for,
    covered,
    figures_of,
    whole_figures,
)
from sensorium.readers.pdf.legible import LEAST_CHARACTERS, is_legible
from sensorium.readers.pdf.outline import body_size, bookmarks_of, title_of
from sensorium.readers.pdf.pages import Drawn, Kind, Page, PageFailed, open_document, open_page, show_forms, type_of
from sensorium.readers.pdf.pieces import CAPTION, Figure, PageText, RunningHeads, Texts, blocks_in_order
from sensorium.readers.pdf.tables import tables_of
from sensorium.readers.pdf.text import Span, spans_of, words_of
from sensorium.readers.pictures.image import preview, rendition

PRODUCER = Producer(name="reader.pdf", version="1")

PART_SHARE = 0.4
"""Of the CPU time for one file: a part that has used more ends with the page it is at."""

MOST_SIDE = 2_000
"""Pixels: a page is drawn no larger for the sake of its figures."""

MOST_LOOK = 4_000
LEAST_SHARE = 0.05
"""Pixels of a page that is drawn to be looked at, and the smallest share of it that is drawn as large as a page."""

MOST_FIGURES = 24
"""Of one page; more are a pattern."""

MUTE_SHARE = 0.5
"""Of a figure: where pictures cover that much of it and it has no text, writing may be part of the picture."""

MOST_NOTES = 15


@dataclass(slots=True)
class _Part:
    """What the pages of a part gave so far."""

    pages: list[PageText] = field(default_factory=list)
    pictures: dict[int, list[DraftPiece]] = field(default_factory=dict)
    legible: list[bool] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class PdfReader:
    """A PDF -> for each page its look, its figures, and its text and tables with their places."""

    media_types = frozenset({"application/pdf"})

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """The part that starts at page `request.start`, counted from 0.

        Raises DamagedFile (locked, broken, no such page, none that can be read), TooLarge (pages, a bomb) or EmptyFile.
        """
        began = time.process_time()
        if not request.start:
            refuse_bombs(stream, settings.archive_ratio)
        document = open_document(stream, settings)
        try:
            show_forms(document)
            if request.page:
                return _read_look(document, media_type, request, settings)
            return _read_part(document, media_type, request, settings, began)
        finally:
            document.close()


def _read_look(document: pdfium.PdfDocument, media_type: str, request: ReadRequest, settings: Settings) -> Document:
    """One page, or a part of it, drawn so large that its longest side is `request.preview_side`, and nothing else."""
    index = request.page - 1
    if not 0 <= index < len(document):
        raise DamagedFile(f"there is no page {request.page} of {len(document)}", remedy="add it again")
    left, top, right, bottom = request.page_box or (0.0, 0.0, 1.0, 1.0)
    place = Place(page=request.page, box=request.page_box)
    try:
        with open_page(document, index, settings) as page:
            width, height = page.geometry.width, page.geometry.height
            share = max((right - left) * width, (bottom - top) * height) / max(width, height)
            drawing = page.draw(int(min(MOST_LOOK, request.preview_side / max(share, LEAST_SHARE))))
            seen = _cut(drawing, Box(left * width, top * height, right * width, bottom * height), page)
            piece = _picture(seen, place, replace(request, image_inputs=()), Aspect.PAGE, "")
    except PageFailed as failure:
        raise DamagedFile(f"page {request.page} has no picture: {failure}", remedy="open the file itself") from None
    return Document(
        modality=Modality.DOCUMENT, media_type=media_type, title="", pieces=(piece,), reader=PRODUCER, length=1.0
    )


def _read_part(
    document: pdfium.PdfDocument, media_type: str, request: ReadRequest, settings: Settings, began: float
) -> Document:
    pages, first = len(document), int(request.start)
    if not 0 <= first < pages:
        raise DamagedFile(f"there is no page {first + 1} of {pages}", remedy="add it again")
    part = _Part()
    index = first
    while index < min(pages, first + settings.document_part_pages):
        _read_page(document, index, part, request, settings)
        index += 1
        if time.process_time() - began > PART_SHARE * settings.worker_cpu_seconds:
            break
    body = body_size(span for page in part.pages for span in page.spans)
    texts = Texts(request, bookmarks_of(document), body, RunningHeads(part.pages))
    pieces: list[DraftPiece] = []
    for page in part.pages:
        pieces += part.pictures[page.index]
        pieces += texts.pieces(page)
    if not pieces and index >= pages and first == 0:
        if part.pages and not part.notes:
            raise EmptyFile("there is no text in it, and its look was not asked for", remedy="read it with pictures")
        raise DamagedFile("none of its pages can be read", remedy="open it in another program and save it anew")
    opening = part.pages[0] if first == 0 and part.pages and part.pages[0].index == 0 else None
    return Document(
        modality=Modality.DOCUMENT,
        media_type=media_type,
        title=title_of(opening.blocks, body) if opening and opening.blocks and part.legible[0] else "",
        pieces=tuple(pieces),
        reader=PRODUCER,
        attributes=_attributes(document, part),
        next=float(index) if index < pages else None,
        length=float(pages),
        notes=_notes(part.notes),
    )


def _attributes(document: pdfium.PdfDocument, part: _Part) -> dict[str, str]:
    attributes = {"pages": str(len(document))}
    if part.pages:
        geometry = part.pages[0].geometry
        attributes["width"], attributes["height"] = f"{geometry.width:.0f}", f"{geometry.height:.0f}"
    attributes["text_layer"] = "yes" if all(part.legible) else "partly" if any(part.legible) else "no"
    return attributes


def _notes(notes: Sequence[str]) -> tuple[str, ...]:
    more = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], f"and {more} more pages") if more > 0 else tuple(notes)


def _read_page(document: pdfium.PdfDocument, index: int, part: _Part, request: ReadRequest, settings: Settings) -> None:
    """Adds a page to the part; what can not be had of it is noted."""
    try:
        with open_page(document, index, settings) as page:
            text, drawn, too_large, legible = _text_of(page, index)
            blank = not drawn and not text.spans
            needs_scan = bool(request.scan_side) and not legible and not blank
            part.pages.append(text)
            part.legible += [] if blank else [legible]
            part.pictures[index] = []
            if not (request.image_inputs or request.preview_side or needs_scan):
                return
            if too_large:
                raise PageFailed("it holds a picture of too many pixels")
            part.pictures[index] += _pictures(page, text, request, needs_scan)
    except PageFailed as failure:
        part.notes.append(f"page {index + 1} was left out or has no picture: {failure}")


def _text_of(page: Page, index: int) -> tuple[PageText, list[Drawn], bool, bool]:
    """What is written on a page, what is drawn, whether a picture in it is too large, whether its text is legible."""
    width, height = page.geometry.width, page.geometry.height
    characters, text_page = page.characters()
    sheet = Box(0.0, 0.0, width, height)
    words = [word for word in words_of(characters) if sheet.holds(word.box)]
    spans = spans_of(words, partial(type_of, text_page))
    drawn, too_large = page.drawn()
    is_covered = covered(drawn, width, height)
    legible = is_legible([word.text for word in words], is_covered)
    if is_covered and not legible:  # a scan: its rules and columns are in the picture, not in the file
        text = PageText(index, page.geometry, tuple(spans), blocks_in_order(columns_of(spans)))
    else:
        text = _laid_out(index, page, spans, drawn)
    return text, drawn, too_large, legible


def _laid_out(index: int, page: Page, spans: list[Span], drawn: list[Drawn]) -> PageText:
    width, height = page.geometry.width, page.geometry.height
    tables = tables_of(spans, drawn, width, height)
    in_tables = [table.box.grow(3) for table in tables]
    drawing = [thing for thing in drawn if not any(box.holds(thing.box) for box in in_tables)]
    outside = [span for span in spans if not any(box.holds(span.box) for box in in_tables)]
    boxes = figures_of(drawing, outside, width, height)
    lines = blocks_in_order([[span for span in outside if not any(box.holds(span.box) for box in boxes)]])
    whole = whole_figures(boxes, captions_for(boxes, lines, FIGURE_CAPTION, below=True), width, height)[:MOST_FIGURES]
    figures = tuple(_figure(box, caption, outside, drawn) for box, caption in whole)
    flow = [span for span in outside if not any(_is_label(span, figure.box) for figure in figures)]
    blocks = blocks_in_order(columns_of(flow))
    captions = captions_for([table.box for table in tables], blocks, TABLE_CAPTION, below=False)
    pairs = tuple(zip(tables, captions, strict=True))
    return PageText(index, page.geometry, tuple(spans), blocks, pairs, figures)


def _is_label(span: Span, figure: Box) -> bool:
    return figure.holds(span.box) and not opens_caption(span.text)


def _figure(box: Box, caption: str, spans: Sequence[Span], drawn: Sequence[Drawn]) -> Figure:
    label = " ".join(span.text for span in spans if _is_label(span, box))
    pictures = sum(thing.box.meet(box).area for thing in drawn if thing.kind is Kind.IMAGE)
    return Figure(box, caption, label, mute=pictures >= MUTE_SHARE * box.area and len(label) < LEAST_CHARACTERS)


def _pictures(page: Page, text: PageText, request: ReadRequest, needs_scan: bool) -> list[DraftPiece]:
    """The page as it looks, and each of its figures; cut out of one drawing."""
    drawing = page.draw(_side(page, text, request, needs_scan))
    scan = _scan(drawing, request) if needs_scan else None
    pieces = [_picture(drawing, Place(page=text.index + 1), request, Aspect.PAGE, "", scan)]
    for figure in text.figures:
        cut = _cut(drawing, figure.box, page)
        scan = _scan(cut, request) if figure.mute and request.scan_side and not needs_scan else None
        pieces.append(_picture(cut, text.place(figure.box), request, Aspect.FIGURE, figure.caption, scan))
    return pieces


def _scan(picture: Image.Image, request: ReadRequest) -> Pixels:
    small = picture.copy()
    small.thumbnail((request.scan_side, request.scan_side), Image.Resampling.BICUBIC)
    return np.asarray(small)


def _side(page: Page, text: PageText, request: ReadRequest, needs_scan: bool) -> int:
    """The longest side of the drawing that serves page, figures, previews and scan."""
    wanted = [side for entry in request.image_inputs for side in (entry.width, entry.height)] + [request.preview_side]
    longest = max(page.geometry.width, page.geometry.height)
    reads = needs_scan or any(figure.mute for figure in text.figures)
    sides = [2.0 * max(wanted), float(request.scan_side if reads else 0)]
    for figure in text.figures:
        sides.append(min(MOST_SIDE, max(wanted) * longest / max(1.0, min(figure.box.width, figure.box.height))))
    return int(max(sides))


def _cut(drawing: Image.Image, box: Box, page: Page) -> Image.Image:
    scale = drawing.width / page.geometry.width
    left, top = max(0, int(box.left * scale)), max(0, int(box.top * scale))
    right, bottom = min(drawing.width, int(box.right * scale) + 1), min(drawing.height, int(box.bottom * scale) + 1)
    return drawing.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _picture(
    picture: Image.Image,
    place: Place,
    request: ReadRequest,
    aspect: Aspect,
    caption: str,
    scan: Pixels | None = None,
) -> DraftPiece:
    return DraftPiece(
        modality=Modality.IMAGE,
        place=place,
        renditions=tuple(rendition(picture, entry) for entry in request.image_inputs),
        preview=preview(picture, request.preview_side) if request.preview_side else None,
        aspect=aspect,
        attributes={"caption": caption[:CAPTION]} if caption else {},
        scan=scan,
    )
