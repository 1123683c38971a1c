"""Finds tables and writes them down row by row, so that the cells of one row stay together.

Two ways: rules (lines, or the edges of filled cells) that form a grid or a stack; and words that stand in columns over
several rows. What looks like running text in columns is no table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from sensorium.readers.pdf.boxes import Box, around
from sensorium.readers.pdf.pages import Drawn, Kind
from sensorium.readers.pdf.text import SAME_LINE, Span, Word, joined

NEAR = 4.0
"""Points: rules that end that close to each other meet."""

LEAST_RULE = 15.0
"""Points: a shorter rule is a sign or a part of a drawing."""

MOST_RULES = 1_500
MOST_ROWS = 400
MOST_INK = 40
"""Strokes: what has more in it is a drawing."""

COLUMN_GAP = 0.32
"""Of the height of a word: the least that parts two columns, where no word of any row stands."""

MOST_PROSE = 32
"""Characters: the middle cell of running text in columns is longer, that of a table without rules shorter."""

_NUMBER = re.compile(r"[(\[<>≤≥~$€£±+-]*\d[\d.,:/%–*()\]-]*|[—–-]+|n/?a", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """rows: the text of each cell, "" for an empty one."""

    box: Box
    rows: tuple[tuple[str, ...], ...]


def tables_of(spans: Sequence[Span], drawn: Sequence[Drawn], width: float, height: float) -> list[Table]:
    """The tables of a page of that size in points, from top to bottom."""
    found: list[Table] = []
    for region, across, down in regions(drawn, width, height):
        inside = [span for span in spans if region.holds(span.box)]
        ink = sum(thing.weight for thing in drawn if thing.kind is Kind.INK and region.holds(thing.box))
        if len(inside) < 3 or ink > MOST_INK or any(table.box.touches(region) for table in found):
            continue
        columns = _separators(down, region)
        levels = _levels(across, region)
        if columns:
            found += _made(inside, columns, levels, grid=bool(levels))
        else:
            for part in _tabular(inside, levels):
                found += _made(part, _gaps([word for span in part for word in span.words]), [], grid=False)
    rest = [span for span in spans if not any(table.box.holds(span.box) for table in found)]
    found += _aligned(rest)
    return sorted(found, key=lambda table: table.box.top)


def _tabular(spans: list[Span], levels: list[float]) -> list[list[Span]]:
    """The spans of each table in a stack of rules: captions and notes between two tables have lines of one span."""
    parts: list[list[Span]] = [[]]
    edges = [-1e9, *levels, 1e9]
    for top, bottom in pairwise(edges):
        band = [span for span in spans if top <= span.box.middle < bottom]
        rows = _rows(band)
        single = [row for row in rows if len(row) == 1]
        prose = len(single) > 0.5 * len(rows) and sum(len(row[0].text) for row in single) > MOST_PROSE * 2
        if prose:
            parts.append([])
        else:
            parts[-1] += band
    return [part for part in parts if part]


def _made(spans: Sequence[Span], columns: list[float], levels: list[float], grid: bool) -> list[Table]:
    """The table that spans make in these columns, if they make one."""
    words = [word for span in spans for word in span.words]
    rows = _thinned([_cells(band, columns) for band in _bands(_rows(words), levels)])
    if not columns or not rows or not _is_table(rows, grid):
        return []
    return [Table(around(word.box for word in words), tuple(rows))]


def _thinned(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Without empty columns, and a column joined with the next one where no row has both: a heading off its numbers."""
    columns = [list(column) for column in zip(*rows, strict=True) if any(column)]
    kept: list[list[str]] = []
    for column in columns:
        if kept and not any(one and two for one, two in zip(kept[-1], column, strict=True)):
            kept[-1] = [one or two for one, two in zip(kept[-1], column, strict=True)]
        else:
            kept.append(column)
    return [tuple(row) for row in zip(*kept, strict=True)]


def regions(drawn: Sequence[Drawn], width: float, height: float) -> list[tuple[Box, list[Box], list[Box]]]:
    """Where rules lie together: the box around them, the level ones, the upright ones. The largest first."""
    across, down = _rules(drawn, width, height)
    rules = (across + down)[:MOST_RULES]
    groups = _groups(rules, len(across))
    found = []
    for group in groups:
        level, upright = [rules[i] for i in group if i < len(across)], [rules[i] for i in group if i >= len(across)]
        box = around(level + upright)
        if len(level) >= 2 and box.height > 12 and box.width > 40:
            found.append((box, level, upright))
    return sorted(found, key=lambda entry: -entry[0].area)


def _rules(drawn: Sequence[Drawn], width: float, height: float) -> tuple[list[Box], list[Box]]:
    across: list[Box] = []
    down: list[Box] = []
    for thing in drawn:
        box = thing.box
        if thing.kind is Kind.RULE:
            (across if box.width >= box.height else down).append(box)
        elif thing.kind is Kind.PANEL and box.height > 6 and box.width < 0.97 * width and box.height < 0.9 * height:
            across += [Box(box.left, y, box.right, y) for y in (box.top, box.bottom)]
            down += [Box(x, box.top, x, box.bottom) for x in (box.left, box.right)]
    long = [box for box in _pieced(across) if box.width >= LEAST_RULE]
    return long, [box for box in down if box.height >= 6]


def _pieced(across: list[Box]) -> list[Box]:
    """Level rules that are drawn cell by cell, as one each."""
    whole: list[Box] = []
    for rule in sorted(across, key=lambda rule: (round(rule.middle), rule.left)):
        if whole and abs(whole[-1].middle - rule.middle) < 1.5 and rule.left - whole[-1].right < 2 * NEAR:
            whole[-1] = whole[-1].join(rule)
        else:
            whole.append(rule)
    return whole


def _groups(rules: list[Box], level: int) -> list[list[int]]:
    """Rules that touch, and level ones of the same two ends that stand in a stack."""
    if not rules:
        return []
    boxes = np.array(rules)
    left, top, right, bottom = boxes.T
    meets = (left[:, None] <= right[None] + NEAR) & (left[None] <= right[:, None] + NEAR)
    meets &= (top[:, None] <= bottom[None] + NEAR) & (top[None] <= bottom[:, None] + NEAR)
    ends = (np.abs(left[:, None] - left[None]) < NEAR) & (np.abs(right[:, None] - right[None]) < NEAR)
    ends[level:] = False
    ends[:, level:] = False
    linked = meets | ends
    seen: set[int] = set()
    groups = []
    for start in range(len(rules)):
        if start in seen:
            continue
        group, todo = [], [start]
        seen.add(start)
        while todo:
            at = todo.pop()
            group.append(at)
            new = [other for other in np.flatnonzero(linked[at]).tolist() if other not in seen]
            seen.update(new)
            todo += new
        groups.append(group)
    return groups


def _separators(down: list[Box], region: Box) -> list[float]:
    """Where upright rules part columns: inside the region, over at least half of its height."""
    places: list[list[Box]] = []
    for rule in sorted(down, key=lambda rule: rule.left):
        if places and rule.left - places[-1][-1].left < NEAR + 2:
            places[-1].append(rule)
        else:
            places.append([rule])
    found = []
    for group in places:
        at = sum(rule.left for rule in group) / len(group)
        covered = _covered([(rule.top, rule.bottom) for rule in group])
        if region.left + 8 < at < region.right - 8 and covered >= 0.5 * region.height:
            found.append(at)
    return found


def _covered(intervals: list[tuple[float, float]]) -> float:
    total, reached = 0.0, -1e9
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _levels(across: list[Box], region: Box) -> list[float]:
    """Heights at which rules go through most of the region."""
    by_height: list[list[Box]] = []
    for rule in sorted(across, key=lambda rule: rule.top):
        if by_height and rule.top - by_height[-1][-1].top < NEAR + 2:
            by_height[-1].append(rule)
        else:
            by_height.append([rule])
    through = [
        group for group in by_height if _covered([(rule.left, rule.right) for rule in group]) >= 0.6 * region.width
    ]
    heights = [sum(rule.top for rule in group) / len(group) for group in through]
    return [at for at in heights if region.top + 4 < at < region.bottom - 4]


Placed = TypeVar("Placed", Word, Span)


def _rows(things: Sequence[Placed]) -> list[list[Placed]]:
    """Words or spans by line, top to bottom, each from left to right."""
    rows: list[list[Placed]] = []
    for thing in sorted(things, key=lambda thing: thing.box.middle):
        if rows and _is_level(rows[-1][0].box, thing.box):
            rows[-1].append(thing)
        else:
            rows.append([thing])
    return [sorted(row, key=lambda thing: thing.box.left) for row in rows]


def _is_level(one: Box, two: Box) -> bool:
    return abs(one.middle - two.middle) < SAME_LINE * min(one.height, two.height)


def _bands(lines: list[list[Word]], levels: list[float]) -> list[list[list[Word]]]:
    """Lines by the level rules between them; without those each is a row of its own."""
    if not levels:
        return [[line] for line in lines]
    bands: list[list[list[Word]]] = [[] for _ in range(len(levels) + 1)]
    for line in lines:
        bands[sum(level < line[0].box.middle for level in levels)].append(line)
    return [band for band in bands if band]


def _gaps(words: Sequence[Word]) -> list[float]:
    """The middles of the upright strips in which hardly a word stands, in rows that have more than one cell."""
    lines = [line for line in _rows(words) if len(line) > 1]
    if len(lines) < 2:
        return []
    height = float(np.median([word.box.height for line in lines for word in line]))
    left, right = min(line[0].box.left for line in lines), max(line[-1].box.right for line in lines)
    steps = max(1, int((right - left) * 2))
    covered = np.zeros(steps + 1)
    for line in lines:
        here = np.zeros(steps + 1, bool)
        for word in line:
            here[int((word.box.left - left) * 2) : int((word.box.right - left) * 2) + 1] = True
        covered += here
    free = covered <= 0.15 * len(lines)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    strips = zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)
    return [left + (start + end) / 4 for start, end in strips if (end - start) / 2 >= COLUMN_GAP * height]


def _cells(band: list[list[Word]], columns: list[float]) -> tuple[str, ...]:
    """The text of each cell; a word that lies over several columns is counted where its middle is."""
    cells: list[list[str]] = [[] for _ in range(len(columns) + 1)]
    for line in band:
        parts: list[list[str]] = [[] for _ in cells]
        for word in line:
            across = (word.box.left + word.box.right) / 2
            parts[sum(at < across for at in columns)].append(word.text)
        for cell, part in zip(cells, parts, strict=True):
            if part:
                cell.append(" ".join(part))
    return tuple(joined(cell)[0] for cell in cells)


def _is_table(rows: Sequence[tuple[str, ...]], grid: bool) -> bool:
    """At least two rows of two cells; enough cells filled; and, without a grid, cells that are numbers or short."""
    full = [row for row in rows if sum(map(bool, row)) >= 2]
    if len(full) < (2 if grid else 3) or len(rows) > MOST_ROWS:
        return False
    cells = [cell for row in full for cell in row]
    filled = [cell for cell in cells if cell]
    if len(filled) < 0.4 * len(cells) or len(full) < 0.4 * len(rows):
        return False
    if grid:
        return True
    numbers = sum(bool(_NUMBER.fullmatch(cell.replace(" ", ""))) for cell in filled)
    return numbers >= 0.3 * len(filled) or float(np.median([len(cell) for cell in filled])) <= MOST_PROSE / 2


def _aligned(spans: Sequence[Span]) -> list[Table]:
    """Tables without rules: rows that follow each other and keep to the same columns."""
    found: list[Table] = []
    run: list[list[Span]] = []
    for row in _rows(spans):
        if run and row[0].box.top - run[-1][0].box.bottom > 2.2 * row[0].height:
            found += _table_of(run)
            run = []
        short = float(np.median([len(span.text) for span in row])) <= MOST_PROSE
        if short and (len(row) >= 2 or run):
            run.append(row)
        else:
            found += _table_of(run)
            run = []
    return found + _table_of(run)


def _table_of(run: list[list[Span]]) -> list[Table]:
    while run and len(run[-1]) < 2:
        run = run[:-1]
    if sum(len(row) >= 3 for row in run) < 3:
        return []
    spans = [span for row in run for span in row]
    columns = _gaps([word for span in spans for word in span.words])
    return _made(spans, columns, [], grid=False) if len(columns) >= 2 else []
