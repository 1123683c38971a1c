"""Reads WordprocessingML (ECMA-376 part 1, 17): headings, paragraphs, lists, tables, notes, pictures, charts.

Left out: deleted and hidden text, field codes, comments, what is only a style. Where the text lies on paper is not
known without setting it, so places are characters of the whole text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sensorium.core.contents import Document
from sensorium.core.items import Place
from sensorium.readers.flow import Block, Kind, Part, compose, row
from sensorium.readers.markup import children, descend
from sensorium.readers.packaged import drawing
from sensorium.readers.packaged.containers import Job, title_of
from sensorium.readers.packaged.relations import Package, Relations

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

WRAPPERS = frozenset(
    {"sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo"}
)
"""Elements that only surround what counts. `del` and `moveFrom` are not among them: that text is gone."""

SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}

NOTES = {"footnotes": "footnote", "endnotes": "endnote", "header": "header", "footer": "footer"}
"""Parts besides the body, by the kind of their relation, and what their pieces are called."""

_HEADING = re.compile(r"heading ([1-9])")

OUTLINE_BODY = 9
"""The outline level of what is no heading."""


def read(package: Package, main: str, root: Element, job: Job) -> Document:
    """The document whose body is the part `main`, of which `root` is the tree."""
    body = _Body(package, main, job, _styles(package, main))
    parts = list(body.blocks(descend(root, "body")))
    title = title_of(parts)
    seen: set[str] = set()
    for kind, name in NOTES.items():
        for part in sorted(package.related(main, kind)):
            parts += _unseen(_Body(package, part, job, body.styles).blocks(package.xml(part)), name, seen)
    if any(package.related(main, "comments")):
        job.notes.append("comments were left out")
    return job.document(MEDIA_TYPE, title, compose(parts, job.request))


def _unseen(parts: Iterator[Part], name: str, seen: set[str]) -> Iterator[Part]:
    """Running heads say the same thing many times: once is enough. What has no letter is a page number or a rule."""
    for part in parts:
        if not isinstance(part, Block):
            yield part
        elif part.text not in seen and any(letter.isalpha() for letter in part.text):
            seen.add(part.text)
            yield Block(text=part.text, kind=part.kind, table=part.table, attributes={"part": name})


@dataclass(frozen=True, slots=True)
class _Style:
    """level: of a heading, from 1; 0 for none. listed: whether its paragraphs are items of a list."""

    level: int = 0
    listed: bool = False


def _styles(package: Package, main: str) -> dict[str, _Style]:
    """What the document's own paragraph styles mean, by their ids; what they do not say they have from their base."""
    name = next(package.related(main, "styles"), None)
    if name is None:
        return {}
    found: dict[str, _Style] = {}
    elements = {style.get("styleId", ""): style for style in children(package.xml(name), "style")}
    for key in elements:
        level, listed, chain = 0, False, key
        for _ in range(10):  # a base of a base ends; a ring of them would not
            style = elements.get(chain)
            if style is None:
                break
            level = level or _level(style)
            listed = listed or _is_listed(descend(style, "pPr"))
            chain = _value(descend(style, "basedOn"))
        found[key] = _Style(level, listed)
    return found


def _level(style: Element) -> int:
    name = _value(descend(style, "name")).lower()
    heading = _HEADING.fullmatch(name)
    if heading:
        return int(heading[1])
    return 1 if name == "title" else _outline(descend(style, "pPr"))


def _outline(properties: Element | None) -> int:
    level = _value(descend(properties, "outlineLvl"))
    return int(level) + 1 if level.isdecimal() and int(level) < OUTLINE_BODY else 0


def _is_listed(properties: Element | None) -> bool:
    return _value(descend(properties, "numPr", "numId")) not in ("", "0")


def _value(element: Element | None) -> str:
    return "" if element is None else element.get("val", "")


class _Body:
    """Walks one part of the document and gives its blocks and pictures in order."""

    def __init__(self, package: Package, name: str, job: Job, styles: dict[str, _Style]) -> None:
        self.styles = styles
        self._package = package
        self._folder = posixpath.dirname(name)
        self._relations: Relations = package.relations(name)
        self._job = job

    def blocks(self, parent: Element | None) -> Iterator[Part]:
        for element in () if parent is None else drawing.alternatives(parent):
            if element.tag == "p":
                yield from self._paragraph(element)
            elif element.tag == "tbl":
                yield from self._table(element)
            elif element.tag in WRAPPERS or element.tag in ("footnote", "endnote"):
                yield from self.blocks(element)

    def _paragraph(self, paragraph: Element) -> Iterator[Part]:
        written: list[str] = []
        floating: list[Part] = []
        self._collect(paragraph, written, floating)
        words = "".join(written).strip()
        if words:
            yield self._block(words, descend(paragraph, "pPr"))
        yield from floating

    def _block(self, words: str, properties: Element | None) -> Block:
        style = self.styles.get(_value(descend(properties, "pStyle")), _Style())
        if _outline(properties) or style.level:
            return Block(text=" ".join(words.split()), kind=Kind.HEADING)
        listed = _value(descend(properties, "numPr", "numId"))
        if listed != "0" and (listed or style.listed):
            return Block(text=f"- {words}", kind=Kind.ITEM)
        return Block(text=words)

    def _collect(self, parent: Element, written: list[str], floating: list[Part]) -> None:
        """The text of a paragraph in `written`; what floats in it, as pictures and boxes of text, in `floating`."""
        for element in drawing.alternatives(parent):
            tag = element.tag
            if tag == "t":
                written.append(element.text or "")
            elif tag in SIGNS:
                written.append(SIGNS[tag])
            elif tag in WRAPPERS or (tag == "r" and not _is_hidden(element)):
                self._collect(element, written, floating)
            elif tag in ("drawing", "pict", "object"):
                floating += self._floating(element)
            elif tag in ("oMath", "oMathPara"):
                written.append(_formula(element))

    def _floating(self, frame: Element) -> Iterator[Part]:
        caption = next((_description(entry) for entry in frame.iter("docPr")), "")
        for element in drawing.inside(frame, "txbxContent"):
            if element.tag == "blip":
                yield from self._picture(element.get("r:embed", ""), caption)
            elif element.tag == "imagedata":
                yield from self._picture(element.get("r:id", ""), element.get("title", caption))
            elif element.tag == "chart" and "r:id" in element.attrib:
                yield from self._chart(element.get("r:id", ""))
            elif element.tag == "relIds":
                yield from self._diagram(element.get("r:dm", ""))
            elif element.tag == "txbxContent":
                yield from self.blocks(element)

    def _picture(self, relation: str, caption: str) -> Iterator[Part]:
        target = self._target(relation)
        if target is not None:
            piece = self._job.figures.piece(self._job.container.read(target), Place(), caption)
            if piece:
                yield piece

    def _chart(self, relation: str) -> Iterator[Part]:
        target = self._target(relation)
        if target is not None:
            yield from drawing.chart(self._package.xml(target), self._job.next_table())

    def _diagram(self, relation: str) -> Iterator[Part]:
        target = self._target(relation)
        if target is not None:
            yield from drawing.diagram(self._package.xml(target))

    def _target(self, relation: str) -> str | None:
        found = self._relations.get(relation)
        return found.target if found and found.target in self._package else None

    def _table(self, table: Element) -> Iterator[Part]:
        """Rows of cells; pictures in cells follow the table."""
        number = self._job.next_table()
        floating: list[Part] = []
        for line in _rows(table):
            cells = []
            for cell in children(line, "tc"):
                parts = list(self.blocks(cell))
                cells.append(" ".join(part.text for part in parts if isinstance(part, Block)))
                floating += (part for part in parts if not isinstance(part, Block))
            block = row(cells, number)
            if block:
                yield block
        yield from floating


def _rows(table: Element) -> Iterator[Element]:
    for element in table:
        if element.tag == "tr":
            yield element
        elif element.tag in WRAPPERS:
            yield from _rows(element)


def _is_hidden(run: Element) -> bool:
    vanish = descend(run, "rPr", "vanish")
    return vanish is not None and _value(vanish) not in ("0", "false", "off")


def _formula(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter("t"))


def _description(properties: Element) -> str:
    """What a picture's author says it shows."""
    return properties.get("descr", "") or properties.get("title", "")
