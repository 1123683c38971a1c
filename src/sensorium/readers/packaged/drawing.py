"""What drawings in Office documents say: paragraphs, tables, charts, diagrams (DrawingML, ECMA-376 part 1, 20-21)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sensorium.readers.flow import Block, Kind, row
from sensorium.readers.markup import children, descend

BULLETS = frozenset({"buChar", "buAutoNum", "buBlip"})

_LEVELS = frozenset("012345678")

MOST_POINTS = 10_000
"""Of one series of a chart: the indices in the file are believed no further."""


def paragraphs(body: Element | None, listed: bool = False) -> Iterator[Block]:
    """The paragraphs of a text body. listed: whether its paragraphs are items of a list unless they say otherwise."""
    for paragraph in children(body, "p"):
        words = "".join(_run(part) for part in paragraph).strip()
        if words:
            properties = descend(paragraph, "pPr")
            if _is_item(properties, listed):
                level = "" if properties is None else properties.get("lvl", "")
                indent = "  " * (int(level) if level in _LEVELS else 0)
                yield Block(text=f"{indent}- {words}", kind=Kind.ITEM)
            else:
                yield Block(text=words)


def _is_item(properties: Element | None, listed: bool) -> bool:
    marks = {child.tag for child in properties or ()}
    return bool(marks & BULLETS) or (listed and "buNone" not in marks)


def words(body: Element | None) -> str:
    """All paragraphs of a text body as one line."""
    return " ".join(" ".join(block.text.split()) for block in paragraphs(body))


def _run(part: Element) -> str:
    if part.tag == "br":
        return "\n"
    if part.tag in ("r", "fld"):
        return "".join(text.text or "" for text in children(part, "t"))
    return "".join(text.text or "" for text in part.iter("t"))  # mathematics and what newer programs wrap runs in


def table(grid: Element, number: int) -> list[Block]:
    """The rows of a table, one block each."""
    cells = ([words(descend(cell, "txBody")) for cell in children(line, "tc")] for line in children(grid, "tr"))
    rows = (row(line, number) for line in cells)
    return [block for block in rows if block]


def chart(root: Element, number: int) -> list[Block]:
    """A chart as the table that it was drawn from: title and axes, then a column for each series.

    >>> from sensorium.readers.markup import parse
    >>> labels, values = "<cat><pt idx='0'><v>May</v></pt></cat>", "<val><pt idx='0'><v>7</v></pt></val>"
    >>> series = f"<ser><tx><v>Ducks</v></tx>{labels}{values}</ser>"
    >>> [block.text for block in chart(parse(f"<chart><barChart>{series}</barChart></chart>".encode()), 1)]
    ['| Ducks', 'May | 7']
    """
    titles = [_words(title) for title in root.iter("title")]
    series = list(root.iter("ser"))
    names = [_first_value(descend(entry, "tx")) for entry in series]
    labels = [_points(next(children(entry, "cat", "xVal"), None)) for entry in series]
    values = [_points(next(children(entry, "val", "yVal"), None)) for entry in series]
    shared = max(labels, key=len, default={})
    blocks = [row([" · ".join(title for title in titles if title)], number), row(["", *names], number)]
    count = min(max((max(entry, default=-1) for entry in (*values, shared)), default=-1) + 1, MOST_POINTS)
    for index in range(count):
        blocks.append(row([shared.get(index, ""), *(entry.get(index, "") for entry in values)], number))
    return [block for block in blocks if block]


def _points(source: Element | None) -> dict[int, str]:
    if source is None:
        return {}
    found = {}
    for point in source.iter("pt"):
        index, value = point.get("idx", ""), descend(point, "v")
        if index.isdecimal() and int(index) < MOST_POINTS and value is not None:
            found[int(index)] = _number(value.text or "")
    return found


def _number(words: str) -> str:
    """Without the noise of binary fractions.

    >>> _number("4.2999999999999998"), _number("Quarter 1")
    ('4.3', 'Quarter 1')
    """
    try:
        return f"{float(words):.12g}" if len(words) > 12 else words
    except ValueError:
        return words


def _words(element: Element) -> str:
    return " ".join("".join(text.text or "" for text in element.iter("t")).split())


def _first_value(element: Element | None) -> str:
    """Of a series: its name, out of the cache or written there."""
    values = [] if element is None else [value.text or "" for value in element.iter("v")]
    return " ".join(values)


def diagram(root: Element) -> list[Block]:
    """The texts of a diagram, one item each, in the order that they were written in."""
    found = []
    for point in root.iter("pt"):
        said = words(descend(point, "t"))
        if said:
            found.append(Block(text=f"- {said}", kind=Kind.ITEM))
    return found


def alternatives(element: Element) -> Iterator[Element]:
    """The children of an element; where one says the same thing in two ways, of the first way that says something."""
    for child in element:
        if child.tag != "AlternateContent":
            yield child
            continue
        choices = [choice for choice in children(child, "Choice") if len(choice)]
        for said in (choices or list(children(child, "Fallback")))[:1]:
            yield from said


def inside(frame: Element, *whole: str) -> Iterator[Element]:
    """All elements below one, in order, the better of two alternatives; of those named `whole`, not what is in them."""
    waiting = list(alternatives(frame))[::-1]
    while waiting:
        element = waiting.pop()
        yield element
        if element.tag not in whole:
            waiting += list(alternatives(element))[::-1]
