"""Reads PresentationML (ECMA-376 part 1, 19): slides with their texts, tables, charts, pictures and speaker's notes.

A slide is a page. Its shapes have boxes, their own or those of the layout that they fill; they are read title first,
then from top to bottom and left to right. Left out: dates, slide numbers and footers, what only the layouts hold,
comments, animations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.items import Place
from sensorium.readers.flow import Block, Box, Kind, Part, compose
from sensorium.readers.markup import children, descend
from sensorium.readers.packaged import drawing
from sensorium.readers.packaged.containers import Job, title_of
from sensorium.readers.packaged.relations import Package

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

RUNNING = frozenset({"dt", "sldNum", "ftr", "hdr"})
"""Kinds of placeholders that say the same on every slide."""

TITLES = frozenset({"title", "ctrTitle"})

LISTS = frozenset({"body", "obj"})
"""Kinds of placeholders whose paragraphs have bullets by default."""

BANDS = 20
"""Shapes whose tops lie in one band of a slide are read from left to right."""

DEFAULT_SIZE = 9_144_000, 6_858_000
"""Width and height of a slide in EMU, of which an inch has 914,400, where the document does not say."""

Slot = tuple[str, str]
"""Kind and index of a placeholder: what a shape has in common with that of its layout."""


def read(package: Package, main: str, root: Element, job: Job) -> Document:
    """The slides that this part of the document is to hold. Raises TooLarge for too many slides."""
    relations = package.relations(main)
    listed = (relations.get(entry.get("r:id", "")) for entry in children(descend(root, "sldIdLst"), "sldId"))
    names = [slide.target for slide in listed if slide and slide.target in package]
    size = descend(root, "sldSz")
    scale = _scale(size.attrib if size is not None else {})
    wanted, following = job.part_of(names)
    pieces: list[DraftPiece] = []
    title = ""
    for index in wanted:
        slide = _Slide(package, names[index], job, scale)
        parts = slide.parts(index + 1)
        title = title or title_of(parts)
        pieces += compose(parts, job.request, index + 1)
        pieces += compose(slide.notes(), job.request, index + 1)
    return job.document(MEDIA_TYPE, title, pieces, (following, len(names)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From the numbers of a shape to shares of the slide: x * scale + shift, for each axis."""

    scale: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)

    def box(self, transform: Element | None) -> Box | None:
        """Clipped to the slide; None where the shape does not say, or lies off it."""
        offset, extent = _pair(descend(transform, "off"), "x", "y"), _pair(descend(transform, "ext"), "cx", "cy")
        if offset is None or extent is None:
            return None
        low = [start * scale + shift for start, scale, shift in zip(offset, self.scale, self.shift, strict=True)]
        high = [edge + size * scale for edge, size, scale in zip(low, extent, self.scale, strict=True)]
        left, top, right, bottom = (round(min(max(edge, 0.0), 1.0), 4) for edge in (*low, *high))
        return (left, top, right, bottom) if left < right and top < bottom else None

    def within(self, transform: Element | None) -> _Frame:
        """Of the shapes of a group, which count in numbers of their own."""
        outer = _pair(descend(transform, "off"), "x", "y"), _pair(descend(transform, "ext"), "cx", "cy")
        inner = _pair(descend(transform, "chOff"), "x", "y"), _pair(descend(transform, "chExt"), "cx", "cy")
        (start, size), (from_start, from_size) = outer, inner
        if start is None or size is None or from_start is None or from_size is None or not all(from_size):
            return self
        ratio = size[0] / from_size[0], size[1] / from_size[1]
        shift = [
            (start[axis] - from_start[axis] * ratio[axis]) * self.scale[axis] + self.shift[axis] for axis in (0, 1)
        ]
        return _Frame((self.scale[0] * ratio[0], self.scale[1] * ratio[1]), (shift[0], shift[1]))


def _scale(size: dict[str, str]) -> _Frame:
    width, height = (_number(size.get(key, "")) or usual for key, usual in zip(("cx", "cy"), DEFAULT_SIZE, strict=True))
    return _Frame((1 / width, 1 / height))


def _pair(element: Element | None, first: str, second: str) -> tuple[int, int] | None:
    if element is None:
        return None
    values = _number(element.get(first, "")), _number(element.get(second, ""))
    return None if values[0] is None or values[1] is None else (values[0], values[1])


def _number(words: str) -> int | None:
    """Coordinates are 64 bit integers; what is none of them is no place."""
    digits = words.removeprefix("-")
    return int(words) if digits.isdecimal() and len(digits) < 19 else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one shape gives, and where."""

    parts: list[Part]
    box: Box | None
    is_title: bool

    @property
    def order(self) -> tuple[bool, int, float]:
        """Title first; shapes without a place follow it, in the order that they are written in."""
        return (
            (not self.is_title, 0, 0.0)
            if self.box is None
            else (not self.is_title, round(self.box[1] * BANDS), self.box[0])
        )


class _Slide:
    """One slide and what it refers to."""

    def __init__(self, package: Package, name: str, job: Job, frame: _Frame) -> None:
        self._package = package
        self._relations = package.relations(name)
        self._root = package.xml(name)
        self._job = job
        self._frame = frame
        self._slots = _slots(package, name, frame)

    def parts(self, page: int) -> list[Part]:
        """Blocks and pictures in reading order."""
        shapes = sorted(self._shapes(descend(self._root, "cSld", "spTree"), self._frame, page), key=lambda s: s.order)
        return [part for shape in shapes for part in shape.parts]

    def notes(self) -> list[Part]:
        """What the speaker is to say."""
        target = next((entry.target for entry in self._relations.values() if entry.kind == "notesSlide"), "")
        if target not in self._package:
            return []
        attributes = {"part": "notes"}
        return [
            replace(block, attributes=attributes)
            for shape in self._package.xml(target).iter("sp")
            if _slot(shape)[0] == "body"
            for block in drawing.paragraphs(descend(shape, "txBody"))
        ]

    def _shapes(self, tree: Element | None, frame: _Frame, page: int) -> Iterator[_Shape]:
        readers: dict[str, Callable[[Element, Box | None, int], list[Part]]] = {
            "sp": self._text,
            "pic": self._picture,
            "graphicFrame": self._graphic,
        }
        for shape in () if tree is None else drawing.alternatives(tree):
            if shape.tag == "grpSp":
                yield from self._shapes(shape, frame.within(descend(shape, "grpSpPr", "xfrm")), page)
            elif shape.tag in readers and _slot(shape)[0] not in RUNNING:
                slot = _slot(shape)
                transform = descend(shape, "spPr", "xfrm")
                box = frame.box(descend(shape, "xfrm") if transform is None else transform)
                if box is None and transform is None:
                    box = self._slots.get(slot) or self._slots.get((slot[0], "")) or self._slots.get(("", slot[1]))
                yield _Shape(readers[shape.tag](shape, box, page), box, slot[0] in TITLES)

    def _text(self, shape: Element, box: Box | None, page: int) -> list[Part]:
        kind, body = _slot(shape)[0], descend(shape, "txBody")
        texts: list[Part] = [replace(block, box=box) for block in drawing.paragraphs(body, listed=kind in LISTS)]
        if kind in TITLES:
            texts = [Block(text=drawing.words(body), kind=Kind.HEADING, box=box)]
        return texts + self._filled(descend(shape, "spPr", "blipFill"), shape, box, page)

    def _picture(self, shape: Element, box: Box | None, page: int) -> list[Part]:
        return self._filled(descend(shape, "blipFill"), shape, box, page)

    def _filled(self, fill: Element | None, shape: Element, box: Box | None, page: int) -> list[Part]:
        blip = descend(fill, "blip")
        target = None if blip is None else self._target(blip.get("r:embed", ""))
        if target is None:
            return []
        name = next(shape.iter("cNvPr"), None)
        caption = "" if name is None else name.get("descr", "")
        piece = self._job.figures.piece(self._job.container.read(target), Place(page=page, box=box), caption)
        return [piece] if piece else []

    def _graphic(self, shape: Element, box: Box | None, page: int) -> list[Part]:
        data = descend(shape, "graphic", "graphicData")
        blocks: list[Block] = []
        for element in () if data is None else data:
            if element.tag == "tbl":
                blocks += drawing.table(element, self._job.next_table())
            elif element.tag == "chart" and (target := self._target(element.get("r:id", ""))):
                blocks += drawing.chart(self._package.xml(target), self._job.next_table())
            elif element.tag == "relIds" and (target := self._target(element.get("r:dm", ""))):
                blocks += drawing.diagram(self._package.xml(target))
        pictures: list[Part] = []
        if not blocks and data is not None:  # an embedded object is shown by a picture of it
            for picture in data.iter("pic"):
                pictures += self._picture(picture, box, page)
        return [replace(block, box=box) for block in blocks] + pictures

    def _target(self, relation: str) -> str | None:
        found = self._relations.get(relation)
        return found.target if found and found.target in self._package else None


def _slot(shape: Element) -> Slot:
    """Which placeholder a shape is; ("", "") for none. "body" is what a placeholder is that does not say."""
    for holder in shape:
        mark = descend(holder, "nvPr", "ph")
        if mark is not None:
            return mark.get("type", "body"), mark.get("idx", "")
    return "", ""


def _slots(package: Package, slide: str, frame: _Frame) -> dict[Slot, Box]:
    """Boxes of the placeholders of a slide's layout, and of its master where the layout has none."""
    layout = next(package.related(slide, "slideLayout"), None)
    master = next(package.related(layout, "slideMaster"), None) if layout else None
    found: dict[Slot, Box] = {}
    for name in (master, layout):
        tree = descend(package.xml(name), "cSld", "spTree") if name else None
        for shape in children(tree, "sp", "pic"):
            kind, index = _slot(shape)
            box = frame.box(descend(shape, "spPr", "xfrm"))
            if box and (kind or index):
                names = {(kind, index), (kind, "")} | ({("", index)} if index else set())
                found |= dict.fromkeys(names, box)
    return found
