"""The columns of a page, in the order in which a person reads them.

A page is taken apart at its gutters: a strip that hardly any line crosses parts two columns, and the lines that do
cross it (titles above both) part what lies above from what lies below.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sensorium.readers.pdf.boxes import around
from sensorium.readers.pdf.text import SAME_LINE, Span

GUTTER = 0.55
"""Of the height of a line: what parts two columns is at least that wide."""

MOST_CROSSING = 0.34
"""A strip that more of the lines cross is no gutter."""

LIST_CHARACTERS = 14
"""Left columns of shorter entries, each with an entry to its right, are the labels of a list."""

LEAST_FILLED = 0.15
"""Of a column's height: page number and running head at its two ends are no column."""

LAYER_GAP = 0.6
"""Of the height of a line: a blank strip that parts what stands above from what stands below."""

MOST_CUTS = 24


def columns_of(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans by column, in reading order; text that is turned on its side comes last, each in its own column."""
    turned = [span for span in spans if span.box.height > 2.5 * span.height and span.box.width < 2 * span.height]
    upright = [span for span in spans if span not in turned] if turned else list(spans)
    return _apart(upright, 0) + [[span] for span in turned]


def _apart(spans: list[Span], depth: int) -> list[list[Span]]:
    at = _gutter(spans) if len(spans) > 3 and depth < MOST_CUTS else None
    if at is None:
        return _layers(spans, depth) if spans else []
    bands: list[tuple[bool, list[Span]]] = []
    for span, crosses in _crossing(spans, at):
        if not bands or bands[-1][0] != crosses:
            bands.append((crosses, []))
        bands[-1][1].append(span)
    found = []
    for crosses, band in bands:
        sides = [band] if crosses else [[s for s in band if s.box.right <= at], [s for s in band if s.box.left >= at]]
        if len(bands) == 1 and crosses:
            return [spans]
        for side in sides:
            found += _apart(side, depth + 1)
    return _rejoined(found)


def _layers(spans: list[Span], depth: int) -> list[list[Span]]:
    """Without a gutter from top to bottom: columns within layers that a blank strip parts, else all as one column."""
    if len(spans) < 4 or depth >= MOST_CUTS:
        return [spans]
    layers: list[list[Span]] = []
    bottom = 0.0
    for span in sorted(spans, key=lambda span: span.box.top):
        if not layers or span.box.top - bottom > LAYER_GAP * span.height:
            layers.append([])
        layers[-1].append(span)
        bottom = max(bottom, span.box.bottom) if len(layers[-1]) > 1 else span.box.bottom
    if len(layers) < 2:
        return [spans]
    found = [_apart(layer, depth + 1) if _gutter(layer) is not None else [layer] for layer in layers]
    return _rejoined([column for columns in found for column in columns]) if max(map(len, found)) > 1 else [spans]


def _crossing(spans: list[Span], at: float) -> list[tuple[Span, bool]]:
    """The spans by height, and whether each lies over the gutter or ends a paragraph that does."""
    found: list[tuple[Span, bool]] = []
    ordered = sorted(spans, key=lambda span: span.box.middle)
    last: Span | None = None
    for index, span in enumerate(ordered):
        crosses = span.box.left < at < span.box.right
        if not crosses and last is not None and span.box.right <= at:
            near = ordered[max(0, index - 3) : index + 4]
            alone = all(abs(o.box.middle - span.box.middle) > 0.6 * span.height for o in near if o is not span)
            step = span.box.middle - last.box.middle
            follows = step < 1.5 * span.height and abs(span.box.left - last.box.left) < 4
            crosses = alone and follows and abs(span.height - last.height) < 0.1 * span.height
        last = span if crosses else last
        found.append((span, crosses))
    return found


def _rejoined(columns: list[list[Span]]) -> list[list[Span]]:
    """Bands of full width that follow each other are one column again."""
    merged: list[list[Span]] = []
    for column in columns:
        if merged and _continues(merged[-1], column):
            merged[-1] = merged[-1] + column
        else:
            merged.append(column)
    return merged


def _continues(above: list[Span], below: list[Span]) -> bool:
    one, two = around(span.box for span in above), around(span.box for span in below)
    shared = one.shared_width(two)
    return one.bottom <= two.top + 2 and shared >= 0.8 * max(one.width, two.width)


def _gutter(spans: list[Span]) -> float | None:
    """Where a strip parts the spans into two columns, or None."""
    boxes = np.array([span.box for span in spans])
    left, top, right, bottom = boxes.T
    height = float(np.median(bottom - top))
    best: tuple[float, float] | None = None
    for edge in np.unique(np.round(left / 2) * 2):
        at = float(edge) - 0.5 * GUTTER * height
        ends, starts = right <= at, left >= at
        crossing = len(spans) - int(ends.sum()) - int(starts.sum())
        if min(ends.sum(), starts.sum()) < 2 or crossing > MOST_CROSSING * len(spans):
            continue
        width = float(left[starts].min() - right[ends].max())
        if width < GUTTER * height or not _are_columns(spans, boxes, ends, starts):
            continue
        rank = (-crossing / len(spans), width)
        if best is None or rank > best[:2]:
            best = rank
            found = float(left[starts].min() + right[ends].max()) / 2
    return found if best else None


def _are_columns(
    spans: list[Span], boxes: npt.NDArray[np.float64], ends: npt.NDArray[np.bool_], starts: npt.NDArray[np.bool_]
) -> bool:
    """Two columns stand side by side for more than two lines, and the left one is no row of labels or bullets."""
    one, two = boxes[ends], boxes[starts]
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    shared = min(one[:, 3].max(), two[:, 3].max()) - max(one[:, 1].min(), two[:, 1].min())
    if shared < 2.2 * height or min(_filled(one), _filled(two)) < LEAST_FILLED:
        return False
    lengths = np.array([len(span.text) for span in spans])
    middles = (two[:, 1] + two[:, 3]) / 2
    apart = np.abs((one[:, 1] + one[:, 3])[:, None] / 2 - middles[None, :])
    level = max(float((apart.min(axis=side) < SAME_LINE * height).mean()) for side in (0, 1))
    return not (level > 0.6 and float(np.median(lengths[ends])) < LIST_CHARACTERS)


def _filled(boxes: npt.NDArray[np.float64]) -> float:
    """Which share of a column's height has lines in it."""
    return float((boxes[:, 3] - boxes[:, 1]).sum() / max(1.0, boxes[:, 3].max() - boxes[:, 1].min()))
