"""A comparison as a picture: dots and intervals of both systems, and of what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sensorium.evaluation.comparison import CHANCE, Comparison, Difference
from sensorium.evaluation.drawing import written
from sensorium.evaluation.intervals import Interval

A, B, CLEAR, UNCLEAR, INK, GRID = "#7a8793", "#1b6ca8", "#1b6ca8", "#9aa5ad", "#24292e", "#e3e7ea"
"""Colours: of each system, of a difference that is clear and of one that is not, of texts and of lines."""

INCHES_A_ROW = 0.34


def draw_comparison(comparison: Comparison, folder: Path, name: str = "comparison") -> tuple[Path, Path]:
    """Writes `NAME.svg` and `NAME.png`; the same comparison gives the same files. Raises ExtraMissing, WriteFailed."""
    rows = comparison.differences
    height = 1.9 + INCHES_A_ROW * (len(rows) + len(_starts(rows)))
    return written(folder, name, (10, height), lambda figure: _draw(figure, comparison))


def _draw(figure: Any, comparison: Comparison) -> None:
    rows = comparison.differences
    means, changes = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    heights = _heights(rows)
    for height, row in zip(heights, rows, strict=True):
        _dot(means, height + 0.14, row.a, A, hollow=True)
        _dot(means, height - 0.14, row.b, B)
        _dot(changes, height, row.change, CLEAR if row.is_clear else UNCLEAR, hollow=not row.is_clear)
    for start, task in _starts(rows):
        counts = f"{rows[start].queries:,} queries, {rows[start].clusters:,} clusters"
        place = {"transform": means.get_yaxis_transform(), "va": "center"}
        means.text(-0.02, heights[start] + 1, _plain_text(task), ha="right", weight="bold", color=INK, **place)
        means.text(0.01, heights[start] + 1, counts, color=A, **place)
    means.set_yticks(heights, [row.measure for row in rows])
    means.set_ylim(min(heights) - 0.7, max(heights) + 1.6)
    means.set_title("mean and 95 % interval\n○ a   ● b", loc="left", color=INK, fontsize=9)
    changes.set_title(f"b - a\n● clear (p < {CHANCE:g} after Holm)   ○ not", loc="left", color=INK, fontsize=9)
    changes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    for axes in (means, changes):
        _plain(axes)
    about = _plain_text(f"{comparison.suite}\na: {comparison.a}\nb: {comparison.b}")
    figure.suptitle(about, x=0.01, ha="left", fontsize=9, color=INK)


def _dot(axes: Any, height: float, interval: Interval, colour: str, *, hollow: bool = False) -> None:
    axes.plot(
        [interval.low, interval.high], [height, height], color=colour, linewidth=2, solid_capstyle="round", zorder=2
    )
    face = "white" if hollow else colour
    axes.plot(
        [interval.mean], [height], "o", color=colour, markerfacecolor=face, markersize=6, markeredgewidth=1.6, zorder=3
    )


def _plain(axes: Any) -> None:
    """Vertical lines to read values by, and nothing else around the dots."""
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)


def _plain_text(text: str) -> str:
    """Without what matplotlib would read as a formula."""
    return text.replace("$", r"\$")


def _starts(rows: Sequence[Difference]) -> list[tuple[int, str]]:
    """The first row of each task, with its name."""
    return [(n, row.task) for n, row in enumerate(rows) if not n or rows[n - 1].task != row.task]


def _heights(rows: Sequence[Difference]) -> list[float]:
    """From top to bottom, one each, with an empty line above each task."""
    starts = {number for number, _ in _starts(rows)}
    heights, height = [], 0.0
    for number in range(len(rows)):
        height -= 2.0 if number in starts else 1.0
        heights.append(height)
    return heights
