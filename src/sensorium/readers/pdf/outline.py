"""Under which heading a text of a document stands: by its bookmarks, and by lines in larger or bolder type."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as api

from sensorium.readers.pdf.captions import is_caption
from sensorium.readers.pdf.pages import Geometry
from sensorium.readers.pdf.text import Block, Span

MOST_BOOKMARKS = 5_000
MOST_DEPTH = 8
HEADING_CHARACTERS = 200
BOLD_CHARACTERS = 120
HEADING_LINES = 3
TITLE_CHARACTERS = 120
LARGER = 1.15
"""Times the size of running text: a heading's size."""


@dataclass(frozen=True, slots=True, order=True)
class Bookmark:
    """page: from 0. height: in PDF space from the bottom, negated so that bookmarks sort in reading order."""

    page: int
    height: float
    title: str


def bookmarks_of(document: pdfium.PdfDocument) -> list[Bookmark]:
    """The bookmarks that point to a page of the document, in reading order."""
    found: list[Bookmark] = []
    seen: set[int] = set()
    todo: list[tuple[object, int]] = [(api.FPDFBookmark_GetFirstChild(document.raw, None), 0)]
    while todo and len(seen) < MOST_BOOKMARKS:
        mark, depth = todo.pop()
        if not mark:
            continue
        address = ctypes.addressof(mark.contents)  # type: ignore[attr-defined]
        if address in seen:
            continue
        seen.add(address)
        todo.append((api.FPDFBookmark_GetNextSibling(document.raw, mark), depth))
        if depth < MOST_DEPTH:
            todo.append((api.FPDFBookmark_GetFirstChild(document.raw, mark), depth + 1))
        entry = _bookmark(document, pdfium.PdfBookmark(mark, document, depth))
        if entry:
            found.append(entry)
    return sorted(found, key=lambda entry: (entry.page, entry.height))


def _bookmark(document: pdfium.PdfDocument, mark: pdfium.PdfBookmark) -> Bookmark | None:
    target = mark.get_dest()
    page = target.get_index() if target else None
    title = " ".join(mark.get_title().split())[:HEADING_CHARACTERS]
    if page is None or not 0 <= page < len(document) or not title:
        return None
    has_x, has_y, has_zoom = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    x, y, zoom = ctypes.c_float(), ctypes.c_float(), ctypes.c_float()
    if target and api.FPDFDest_GetLocationInPage(target.raw, has_x, has_y, has_zoom, x, y, zoom) and has_y.value:
        return Bookmark(page, -y.value, title)
    return Bookmark(page, float("-inf"), title)


def bookmark_before(bookmarks: Sequence[Bookmark], page: int, top: float, geometry: Geometry) -> str:
    """The title of the last bookmark at or above a height of a page (points from its top), or ""."""
    title = ""
    for mark in bookmarks:
        if mark.page > page:
            break
        at = 0.0 if geometry.turn else geometry.top + mark.height
        if mark.page < page or at <= top + 4:
            title = mark.title
    return title


def body_size(spans: Iterable[Span]) -> tuple[float, bool]:
    """The size of most of the characters, and whether most are bold; (0.0, False) for none."""
    sizes, bold, total = [], 0, 0
    for span in spans:
        sizes += [span.height] * len(span.text)
        bold += len(span.text) if span.bold else 0
        total += len(span.text)
    return (float(np.median(sizes)), bold > total / 2) if total else (0.0, False)


def is_heading(block: Block, body: tuple[float, bool]) -> bool:
    """Whether a block is short and in larger type than the body of the text, or bold where that is not."""
    text, size = block.text, block.lines[0].height
    if len(block.lines) > HEADING_LINES or len(text) > HEADING_CHARACTERS or is_caption(text):
        return False
    if sum(map(str.isalpha, text)) < 3:
        return False
    if size >= LARGER * body[0]:
        return True
    bold = all(line.bold for line in block.lines) and not body[1] and size >= 0.95 * body[0]
    return bold and len(text) <= BOLD_CHARACTERS and not text.endswith((".", ",", ";"))


def title_of(blocks: Sequence[Block], body: tuple[float, bool]) -> str:
    """The first block in the largest type of a page, if that is larger than the body's and not too long; else ""."""
    large = [block for block in blocks if is_heading(block, body) and block.lines[0].height >= LARGER * body[0]]
    if not large:
        return ""
    largest = max(block.lines[0].height for block in large)
    text = next(block.text for block in large if block.lines[0].height >= 0.97 * largest)
    return text if len(text) <= TITLE_CHARACTERS else ""
