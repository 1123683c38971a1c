"""Finds figures on a page, and the captions of figures and tables.

A figure is a picture, or drawing that lies together: a frame with drawing in it, or strokes and filled shapes near each
other, with the short texts at them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sensorium.readers.pdf.boxes import Box, around
from sensorium.readers.pdf.captions import is_caption
from sensorium.readers.pdf.pages import Drawn, Kind
from sensorium.readers.pdf.text import Block, Span

LEAST_SIDE = 36.0
"""Points: what is lower or narrower is a logo, a sign or an ornament."""

FRAME_WEIGHT = 6
"""A frame is drawn with at most 24 segments."""

LEAST_AREA = 0.01
MOST_AREA = 0.85
"""Of the page: what covers more of it is the page, and found by how the page looks."""

LEAST_WEIGHT = 6
"""Strokes of a drawing that is a figure; a few shapes are ornament."""

MOST_TEXT = 500
"""Characters: a frame that holds more is a text in a box."""

NEAR = 7.0
"""Points between the parts of one figure."""

PARTS = 24.0
"""Points between the parts of one figure that share a caption."""

MOST_THINGS = 2_500
LABEL_CHARACTERS = 40
CAPTION_GAP = 90.0
"""Points between a figure and its caption."""

CAPTION_CHARACTERS = 600


def figures_of(drawn: Sequence[Drawn], spans: Sequence[Span], width: float, height: float) -> list[Box]:
    """Boxes of drawing on a page of that size: figures, or parts of one. `drawn`: what belongs to no table."""
    page = width * height
    shapes = [
        thing for thing in without_ground(drawn, width, height)[:MOST_THINGS] if _can_be_part(thing, width, height)
    ]
    frames = _frames(shapes, spans, page)
    free = [thing for thing in shapes if not any(_mostly_in(thing.box, frame) for frame in frames)]
    boxes = []
    for cluster in _clusters(free):
        box = around(thing.box for thing in cluster)
        pictures = [thing for thing in cluster if thing.kind is Kind.IMAGE and thing.box.area > LEAST_AREA * page / 2]
        weight = sum(thing.weight for thing in cluster if thing.kind is not Kind.RULE)
        if pictures:
            boxes.append(box)
        elif weight >= LEAST_WEIGHT and _characters(box, spans) <= MOST_TEXT:
            boxes.append(_with_labels(box, spans))
    return frames + [box for box in _merged(boxes) if box.area > 0 and not any(frame.holds(box) for frame in frames)]


def whole_figures(boxes: Sequence[Box], captions: Sequence[str], width: float, height: float) -> list[tuple[Box, str]]:
    """Figures with their captions, from top to bottom, without what is too small or as large as the page.

    A box without a caption that stands beside or right above one that has one is a part of that figure.
    """
    found = [(box, caption) for box, caption in zip(boxes, captions, strict=True) if caption]
    rest = [box for box, caption in zip(boxes, captions, strict=True) if not caption]
    joined = True
    while joined and found:
        joined = False
        for box in list(rest):
            index = next((at for at, (other, _) in enumerate(found) if _is_part(box, other)), None)
            if index is not None:
                found[index] = found[index][0].join(box), found[index][1]
                rest.remove(box)
                joined = True
    page = width * height
    kept = [
        (box, caption)
        for box, caption in [*found, *((box, "") for box in rest)]
        if min(box.width, box.height) >= LEAST_SIDE and LEAST_AREA * page <= box.area <= MOST_AREA * page
    ]
    return sorted(kept, key=lambda entry: entry[0].top)


def _is_part(box: Box, figure: Box) -> bool:
    stub = min(figure.width, figure.height) < LEAST_SIDE  # an axis or a key that lies nearest to the caption
    if not box.grow(CAPTION_GAP if stub else PARTS).touches(figure):
        return False
    beside = figure.shared_height(box) >= 0.5 * min(box.height, figure.height)
    above = figure.shared_width(box) >= 0.5 * min(box.width, figure.width)
    return beside or above


def covered(drawn: Sequence[Drawn], width: float, height: float) -> bool:
    """Whether pictures cover most of the page, as they do in scans."""
    return sum(thing.box.area for thing in drawn if thing.kind is Kind.IMAGE) >= 0.7 * width * height


def without_ground(drawn: Sequence[Drawn], width: float, height: float) -> list[Drawn]:
    """Without a picture that fills the page, be it in strips from edge to edge."""
    strips = [thing for thing in drawn if thing.kind is Kind.IMAGE and thing.box.width >= 0.97 * width]
    if sum(thing.box.area for thing in strips) < 0.8 * width * height:
        return list(drawn)
    return [thing for thing in drawn if thing not in strips]


def _can_be_part(thing: Drawn, width: float, height: float) -> bool:
    """Not the page's ground, a bar along its edge, or a rule from margin to margin."""
    box = thing.box
    if box.area > MOST_AREA * width * height or (thing.kind is Kind.RULE and max(box.width, box.height) > 0.6 * width):
        return False
    at_edge = box.left < 2 or box.top < 2 or box.right > width - 2 or box.bottom > height - 2
    return not (at_edge and (box.width > 0.9 * width or box.height > 0.25 * height) and thing.kind is not Kind.IMAGE)


def _frames(shapes: list[Drawn], spans: Sequence[Span], page: float) -> list[Box]:
    """Rectangles, also with round corners, with drawing and little text in them; the outermost ones."""
    found: list[Box] = []
    panels = [thing.box for thing in shapes if thing.weight <= FRAME_WEIGHT and thing.box.area >= LEAST_AREA * page]
    for box in sorted(panels, key=lambda box: -box.area)[:100]:
        if any(_mostly_in(box, other) for other in found) or min(box.width, box.height) < LEAST_SIDE:
            continue
        inner = [thing for thing in shapes if thing.box != box and _mostly_in(thing.box, box)]
        drawing = sum(thing.weight for thing in inner if thing.kind is not Kind.RULE)
        if drawing >= 3 and len(inner) >= LEAST_WEIGHT and _characters(box, spans) <= MOST_TEXT:
            found.append(box)
    return found


def _mostly_in(inner: Box, outer: Box) -> bool:
    """Whether at least two thirds of a box lie in the other; of a line, its length."""
    shared = max(inner.shared_width(outer), 0.1) * max(inner.shared_height(outer), 0.1)
    inside = outer.left - 1.5 <= inner.right and outer.top - 1.5 <= inner.bottom and inner.touches(outer.grow(1.5))
    return inside and shared >= 0.66 * max(inner.width, 0.1) * max(inner.height, 0.1)


def _characters(box: Box, spans: Sequence[Span]) -> int:
    return sum(len(span.text) for span in spans if box.holds(span.box))


def _clusters(things: list[Drawn]) -> list[list[Drawn]]:
    """Things that lie near each other, swept from top to bottom."""
    open_: list[tuple[Box, list[Drawn]]] = []
    closed: list[list[Drawn]] = []
    for thing in sorted(things, key=lambda thing: thing.box.top):
        near = thing.box.grow(NEAR)
        members, box, left = [thing], thing.box, []
        for other, cluster in open_:
            if other.touches(near):
                members = cluster + members
                box = box.join(other)
            elif other.bottom < near.top:
                closed.append(cluster)
            else:
                left.append((other, cluster))
        open_ = [*left, (box, members)]
    return closed + [cluster for _, cluster in open_]


def _with_labels(box: Box, spans: Sequence[Span]) -> Box:
    """The box, grown by the short texts at its edges: labels of axes, legends."""
    for _ in range(2):
        near = box.grow(NEAR)
        for span in spans:
            short = len(span.text) <= LABEL_CHARACTERS and not is_caption(span.text)
            if short and near.touches(span.box) and span.box.width < 1.5 * box.width:
                box = box.join(span.box)
    return box


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that lie over each other as one."""
    found: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.area):
        for index, other in enumerate(found):
            shared = box.shared_width(other) * box.shared_height(other)
            if shared > 0.2 * box.area:
                found[index] = other.join(box)
                break
        else:
            found.append(box)
    return found


def captions_for(boxes: Sequence[Box], blocks: Sequence[Block], pattern: re.Pattern[str], below: bool) -> list[str]:
    """The caption of each box, "" where there is none; the nearest pairs first, each caption once.

    below: where captions of this kind stand more often; on the other side they have to be nearer.
    """
    pairs = []
    for number, box in enumerate(boxes):
        for index, block in enumerate(blocks):
            start = next((at for at, line in enumerate(block.lines) if pattern.match(line.text)), None)
            if start is None:
                continue
            text = around(line.box for line in block.lines[start:])
            beneath = text.middle >= box.middle
            gap = max(0.0, text.top - box.bottom if beneath else box.top - text.bottom)
            if box.shared_width(text) > 0 and gap <= CAPTION_GAP:
                pairs.append((gap + (0.0 if beneath == below else 15.0), number, index, start))
    captions, used = [""] * len(boxes), set[int]()
    for _, number, index, start in sorted(pairs):
        if not captions[number] and index not in used:
            used.add(index)
            caption = Block(blocks[index].lines[start:]).text
            captions[number] = caption[:CAPTION_CHARACTERS]
    return captions
