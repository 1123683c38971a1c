"""PDF pages as PDFium sees them: their size, their characters, the objects drawn on them, and their picture.

Everything that leaves is in points (1/72 inch) from the top left corner of the page as a viewer shows it: cropped and
turned upright. Runs in the reading process only. PDFium has no JavaScript and no XFA in the build that is used here.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as api
from PIL import Image

from sensorium.core.errors import DamagedFile, TooLarge
from sensorium.core.settings import Settings
from sensorium.readers.pdf.boxes import Box

Boxes = npt.NDArray[np.float64]
"""float64 [n, 4]: left, top, right, bottom."""

Edge = TypeVar("Edge", float, Boxes)
GetObject = Callable[[int], object]

MOST_CHARACTERS = 100_000
"""Of one page; what comes after is not read. A newspaper page of 1901 has 20,000."""

MOST_OBJECTS = 20_000
MOST_SEGMENTS = 6_000
"""Of all paths of a page that are looked at closer, because they may be the rules of a table. The rest is ink."""

CLIPPED_SHARE = 0.15
MOST_DEPTH = 6
DRAW_SECONDS = 8.0
"""After that long on one page its drawing is given up, so that the others have their turn."""

_DRAW_FLAGS = api.FPDF_ANNOT | api.FPDF_REVERSE_BYTE_ORDER | api.FPDF_RENDER_LIMITEDIMAGECACHE
_BOLD_NAMES = (b"bold", b"black", b"heavy", b"semibd", b"demi")
"""The flag and the weight that fonts carry besides are set on plain ones too."""


_loose_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(api.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
"""As declared by pypdfium2, but it takes a bare address: half the time for each of thousands of characters."""

_unicode = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(api.FPDFText_GetUnicode, ctypes.c_void_p).value or 0
)


@dataclass(frozen=True, slots=True)
class Geometry:
    """How PDF space becomes the page that is seen.

    left, bottom, right, top: the visible part in PDF space, origin at the bottom left. turn: quarter turns clockwise.

    >>> Geometry(0, 0, 600, 800, 1).place(np.array([[0.0, 0.0, 10.0, 20.0]])).tolist()
    [[0.0, 0.0, 20.0, 10.0]]
    """

    left: float
    bottom: float
    right: float
    top: float
    turn: int = 0

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.turn % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.turn % 2 else self.top - self.bottom

    def place(self, boxes: Boxes) -> Boxes:
        """Boxes [n, 4] of PDF space (left, bottom, right, top) as boxes of the page that is seen."""
        return np.stack(self.place_one(*boxes.T), axis=1)

    def place_one(self, left: Edge, bottom: Edge, right: Edge, top: Edge) -> tuple[Edge, Edge, Edge, Edge]:
        """One box, or the edges of many."""
        if self.turn == 1:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.turn == 2:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        if self.turn == 3:
            return self.top - top, self.right - right, self.top - bottom, self.right - left
        return left - self.left, self.top - top, right - self.left, self.top - bottom


class Kind(Enum):
    """image: a picture. ink: curves and other drawing. panel: a filled or framed rectangle. rule: a thin line."""

    IMAGE = "image"
    INK = "ink"
    PANEL = "panel"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something on the page that is no text. weight: of how many strokes it is made."""

    kind: Kind
    box: Box
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a page in the order of its content.

    codes: int64 [n], Unicode, 0 for what is none. boxes: float64 [n, 4], with the font's full height. cut: there are
    more.
    """

    codes: npt.NDArray[np.int64]
    boxes: Boxes
    cut: bool = False


class PageFailed(Exception):
    """One page can not be used; the words say why. The other pages may be sound."""


class Page:
    """An open page. Use `open_page`; it is closed when the block ends."""

    def __init__(self, document: pdfium.PdfDocument, page: pdfium.PdfPage, settings: Settings) -> None:
        self._document = document
        self._page = page
        self._settings = settings
        self.geometry = _geometry(page)
        _check_page(self.geometry, settings)

    def characters(self) -> tuple[Characters, pdfium.PdfTextPage]:
        """The characters, and PDFium's own object for `type_of`."""
        text = self._page.get_textpage()
        count = text.count_chars()
        wanted = min(count, MOST_CHARACTERS)
        handle = ctypes.cast(text.raw, ctypes.c_void_p).value
        boxes = np.zeros((wanted, 4), np.float32)  # FS_RECTF: left, top, right, bottom
        address = boxes.ctypes.data
        for index in range(wanted):
            _loose_box(handle, index, address + 16 * index)
        codes = [_unicode(handle, index) for index in range(wanted)]
        placed = self.geometry.place(boxes[:, [0, 3, 2, 1]].astype(np.float64))
        return Characters(codes=np.array(codes, np.int64), boxes=placed, cut=count > wanted), text

    def drawn(self) -> tuple[list[Drawn], bool]:
        """What is drawn besides text, and whether one of the pictures is larger than a picture may be."""
        found: list[Drawn] = []
        walk = _Walk(self._settings.image_pixels, self.geometry)
        get = partial(api.FPDFPage_GetObject, self._page.raw)
        walk.objects(api.FPDFPage_CountObjects(self._page.raw), get, IDENTITY, found)
        return found, walk.too_large

    def draw(self, side: int) -> Image.Image:
        """An RGB picture of the page, its longest side at most `side`. Raises PageFailed or MemoryError."""
        geometry = self.geometry
        scale = side / max(geometry.width, geometry.height)
        scale = min(scale, math.sqrt(self._settings.page_pixels / (geometry.width * geometry.height)))
        width, height = max(1, round(geometry.width * scale)), max(1, round(geometry.height * scale))
        bitmap = pdfium.PdfBitmap.new_native(width, height, api.FPDFBitmap_BGR)
        try:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
            self._draw_on(bitmap, width, height)
            pixels = np.frombuffer(bitmap.buffer, np.uint8).reshape(height, bitmap.stride)[:, : 3 * width]
            return Image.fromarray(np.ascontiguousarray(pixels).reshape(height, width, 3))
        finally:
            bitmap.close()

    def _draw_on(self, bitmap: pdfium.PdfBitmap, width: int, height: int) -> None:
        end = time.monotonic() + DRAW_SECONDS
        pause = api.IFSDK_PAUSE(version=1)
        pdfium.internal.set_callback(pause, "NeedToPauseNow", lambda _: int(time.monotonic() > end))
        place = 0, 0, width, height, 0, _DRAW_FLAGS
        state = api.FPDF_RenderPageBitmap_Start(bitmap.raw, self._page.raw, *place, pause)
        api.FPDF_RenderPage_Close(self._page.raw)
        if state == api.FPDF_RENDER_TOBECONTINUED:
            raise PageFailed(f"drawing it takes more than {DRAW_SECONDS:.0f} seconds")
        if state != api.FPDF_RENDER_DONE:
            raise PageFailed("it can not be drawn")
        if self._document.formenv:
            api.FPDF_FFLDraw(self._document.formenv.raw, bitmap.raw, self._page.raw, *place)


Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f of ISO 32000-1, 8.3.3: x' = a x + c y + e, y' = b x + d y + f."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class _Walk:
    """Goes through a page's objects and those of the forms in it."""

    def __init__(self, most_pixels: int, geometry: Geometry) -> None:
        self._most_pixels = most_pixels
        self._geometry = geometry
        self._objects_left = MOST_OBJECTS
        self._segments_left = MOST_SEGMENTS
        self._edges = [ctypes.c_float() for _ in range(4)]
        self.too_large = False

    def objects(self, count: int, get: GetObject, matrix: Matrix, found: list[Drawn], depth: int = 0) -> None:
        for index in range(count):
            self._objects_left -= 1
            if self._objects_left < 0:
                return
            raw = get(index)
            kind = api.FPDFPageObj_GetType(raw)
            if kind == api.FPDF_PAGEOBJ_FORM and depth < MOST_DEPTH:
                inner = partial(api.FPDFFormObj_GetObject, raw)
                self.objects(api.FPDFFormObj_CountObjects(raw), inner, _times(_matrix(raw), matrix), found, depth + 1)
            elif kind == api.FPDF_PAGEOBJ_IMAGE:
                self._check_pixels(raw)
                found.append(Drawn(Kind.IMAGE, self._bounds(raw, matrix)))
            elif kind == api.FPDF_PAGEOBJ_SHADING:
                found.append(Drawn(Kind.INK, self._bounds(raw, matrix)))
            elif kind == api.FPDF_PAGEOBJ_PATH and _shows(raw):
                found.extend(self._path(raw, matrix))

    def _check_pixels(self, raw: object) -> None:
        width, height = ctypes.c_uint(), ctypes.c_uint()
        if api.FPDFImageObj_GetImagePixelSize(raw, width, height):
            self.too_large |= width.value * height.value > self._most_pixels

    def _bounds(self, raw: object, matrix: Matrix) -> Box:
        api.FPDFPageObj_GetBounds(raw, *self._edges)
        left, bottom, right, top = (edge.value for edge in self._edges)
        box = self._box([(left, bottom), (right, bottom), (left, top), (right, top)], matrix)
        return self._clip(raw, box, matrix)

    def _box(self, points: Sequence[tuple[float, float]], matrix: Matrix) -> Box:
        """The box on the page around points of a form's space, cut off at the page's edges."""
        a, b, c, d, e, f = matrix
        across, up = [a * x + c * y + e for x, y in points], [b * x + d * y + f for x, y in points]
        edges = self._geometry.place_one(min(across), min(up), max(across), max(up))
        width, height = self._geometry.width, self._geometry.height
        if not all(map(math.isfinite, edges)):
            return Box(0.0, 0.0, 0.0, 0.0)
        return Box(*(min(max(edge, 0.0), limit) for edge, limit in zip(edges, (width, height) * 2, strict=True)))

    def _clip(self, raw: object, box: Box, matrix: Matrix) -> Box:
        """What of the box shows through the paths that the object is clipped by. Asked of wide things only: it takes
        a dozen calls, and small ones are rarely cut."""
        if max(box.width / self._geometry.width, box.height / self._geometry.height) < CLIPPED_SHARE:
            return box
        clip = api.FPDFPageObj_GetClipPath(raw)
        for path in range(min(api.FPDFClipPath_CountPaths(clip), 4) if clip else 0):
            points = []
            for index in range(min(api.FPDFClipPath_CountPathSegments(clip, path), 64)):
                segment = api.FPDFClipPath_GetPathSegment(clip, path, index)
                api.FPDFPathSegment_GetPoint(segment, *self._edges[:2])
                points.append((self._edges[0].value, self._edges[1].value))
            if points:
                box = box.meet(self._box(points, matrix))
        return box

    def _path(self, raw: object, matrix: Matrix) -> list[Drawn]:
        box = self._bounds(raw, matrix)
        segments = api.FPDFPath_CountSegments(raw)
        if min(box.width, box.height) <= RULE_POINTS:
            return [Drawn(Kind.RULE, box)]
        self._segments_left -= segments
        if self._segments_left >= 0 and segments >= MOVE_AND_LINES - 1:
            strokes = self._strokes(raw, segments, matrix)
            if strokes and segments <= MOVE_AND_LINES + 1:
                return [Drawn(Kind.PANEL, box)]
            if strokes:
                return [Drawn(Kind.RULE, stroke) for stroke in strokes]
        return [Drawn(Kind.INK, box, max(1, segments // 4))]

    def _strokes(self, raw: object, segments: int, matrix: Matrix) -> list[Box]:
        """The boxes of a path's lines; none when one of them is curved or runs at a slant."""
        form = _times(_matrix(raw), matrix)
        x, y = self._edges[:2]
        strokes, last = [], (0.0, 0.0)
        for index in range(segments):
            segment = api.FPDFPath_GetPathSegment(raw, index)
            kind = api.FPDFPathSegment_GetType(segment)
            api.FPDFPathSegment_GetPoint(segment, x, y)
            point = x.value, y.value
            if kind != api.FPDF_SEGMENT_MOVETO:
                box = self._box([last, point], form)
                if kind == api.FPDF_SEGMENT_BEZIERTO or min(box.width, box.height) > RULE_POINTS:
                    return []
                strokes.append(box)
            last = point
        return strokes


RULE_POINTS = 3.0
"""What is thinner is a line and no area."""

MOVE_AND_LINES = 5
"""Segments of a rectangle; the last line may be left to the closing, or be drawn besides it."""


def open_document(data: object, settings: Settings) -> pdfium.PdfDocument:
    """A document from a stream or bytes; the caller closes it. Raises DamagedFile or TooLarge."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (api.FPDF_ERR_PASSWORD, api.FPDF_ERR_SECURITY):
            raise DamagedFile("it is locked with a password", remedy="save it without one and add it again") from None
        raise DamagedFile(
            "not a whole PDF document", remedy="open it in another program and save it anew, or restore it"
        ) from None
    if len(document) > settings.document_pages:
        pages = len(document)
        document.close()
        raise TooLarge(f"a document of {pages} pages", remedy="split it, or raise SENSORIUM_DOCUMENT_PAGES")
    return document


def show_forms(document: pdfium.PdfDocument) -> None:
    """From here on pages are drawn with what their forms hold, as a reader sees them. No action is run."""
    if document.get_formtype() in (api.FORMTYPE_ACRO_FORM, api.FORMTYPE_XFA_FOREGROUND):
        document.init_forms()


@contextmanager
def open_page(document: pdfium.PdfDocument, index: int, settings: Settings) -> Iterator[Page]:
    """The page at `index`, counted from 0. Raises PageFailed."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raise PageFailed("it is damaged") from None
    try:
        yield Page(document, page, settings)
    finally:
        page.close()


def type_of(text: pdfium.PdfTextPage, index: int) -> tuple[float, bool]:
    """Size in points of the character at `index`, and whether its font is a bold one, by its name."""
    matrix = api.FS_MATRIX()
    api.FPDFText_GetMatrix(text.raw, index, matrix)
    size = api.FPDFText_GetFontSize(text.raw, index) * math.hypot(matrix.c, matrix.d)
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    api.FPDFText_GetFontInfo(text.raw, index, name, 128, flags)
    words = name.value.lower()
    return size, any(word in words for word in _BOLD_NAMES)


def _geometry(page: pdfium.PdfPage) -> Geometry:
    rectangle = api.FS_RECTF()
    if not api.FPDF_GetPageBoundingBox(page.raw, rectangle):
        raise PageFailed("it has no size")
    edges = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
    left, bottom, right, top = map(float, edges)
    return Geometry(left, bottom, right, top, api.FPDFPage_GetRotation(page.raw) % 4)


def _check_page(geometry: Geometry, settings: Settings) -> None:
    width, height = geometry.width, geometry.height
    if not (math.isfinite(width) and math.isfinite(height) and min(width, height) >= 1):
        raise PageFailed("it has no size")
    if max(width, height) > settings.page_points:
        raise PageFailed(f"its side is {max(width, height):.0f} points")


def _matrix(raw: object) -> Matrix:
    values = api.FS_MATRIX()
    if not api.FPDFPageObj_GetMatrix(raw, values):
        return IDENTITY
    return values.a, values.b, values.c, values.d, values.e, values.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _shows(raw: object) -> bool:
    """Whether a path leaves a mark: white fillings are paper."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    api.FPDFPath_GetDrawMode(raw, fill, stroke)
    if stroke.value:
        return True
    if not fill.value:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not api.FPDFPageObj_GetFillColor(raw, red, green, blue, alpha):
        return True
    return alpha.value > 0 and min(red.value, green.value, blue.value) < WHITE


WHITE = 250
