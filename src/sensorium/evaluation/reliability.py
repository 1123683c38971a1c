"""The reliability diagram of a calibration report: what scores say against what was right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sensorium.evaluation.calibration import CalibrationReport, PairReport
from sensorium.evaluation.drawing import written

LINE, INK, GRID = "#1b6ca8", "#24292e", "#e3e7ea"
"""Colours: of what was measured, of texts, of the diagonal."""

INCHES = 3.1


def draw_reliability(report: CalibrationReport, folder: Path, name: str = "reliability") -> tuple[Path, Path]:
    """Writes `NAME.svg` and `NAME.png`, a panel a pair (DeGroot and Fienberg 1983); returns both paths.

    A dot is as many hits as every other dot of its panel. On the diagonal the score is the share of right answers.
    Raises ExtraMissing, WriteFailed.
    """
    return written(folder, name, (INCHES * len(report.pairs), INCHES + 0.4), lambda figure: _draw(figure, report))


def _draw(figure: Any, report: CalibrationReport) -> None:
    panels = figure.subplots(1, len(report.pairs), squeeze=False)[0]
    for axes, pair in zip(panels, report.pairs, strict=True):
        _panel(axes, pair)
    panels[0].set_ylabel("share of right answers", color=INK)
    figure.suptitle(f"Split {report.split}, space {report.space_id}", color=INK, x=0.01, ha="left")


def _panel(axes: Any, pair: PairReport) -> None:
    axes.plot([0, 1], [0, 1], color=GRID, zorder=1)
    axes.plot([bin.score for bin in pair.bins], [bin.share for bin in pair.bins], "o-", color=LINE, markersize=4)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel("score", color=INK)
    looks = f", after {', '.join(pair.looks)}" if pair.looks else ""
    axes.set_title(f"{pair.pair}{looks}\nerror {pair.error:.3f}", loc="left", color=INK, fontsize=9)
