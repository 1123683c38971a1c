"""Curves of a robustness report as a picture. Needs matplotlib, of the extra `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sensorium.core.errors import BadInput, ExtraMissing, WriteFailed
from sensorium.evaluation.robust_report import KS, Curve, Point, RobustReport

FORMATS = (".svg", ".png")

COLUMNS = 4
WIDE, TALL = 3.2, 2.6
"""Inches of each panel."""

COLOURS = {1: "#1f5fa8", 10: "#c46a1b"}


def check_plot(file: Path) -> None:
    """Raises BadInput for a name that is neither *.svg nor *.png, ExtraMissing without matplotlib."""
    if file.suffix.lower() not in FORMATS:
        raise BadInput("no such kind of plot", subject=str(file), remedy=f"end its name in {' or '.join(FORMATS)}")
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError:
        raise ExtraMissing(
            "plots are drawn by matplotlib, which is not installed",
            subject=str(file),
            remedy="install sensorium[evaluate], or leave the plot out",
        ) from None


def write_plot(report: RobustReport, file: Path) -> None:
    """One panel for each curve: R@k over severity, 0 being undamaged, with bands for the intervals.

    The same report gives the same SVG. Raises BadInput, ExtraMissing (see `check_plot`), and WriteFailed.
    """
    check_plot(file)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    curves = report.curves
    if not curves:
        raise BadInput("there is no curve to draw", subject=str(file), remedy="choose a damage that has severities")
    columns = min(COLUMNS, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(WIDE * columns, TALL * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, curve in zip(panels, curves, strict=False):
        _draw(panel, curve, report.clean)
    for panel in panels[len(curves) :]:
        panel.set_visible(False)
    panels[0].legend(loc="lower left", frameon=False)
    figure.suptitle(
        f"{report.space_id}, split {report.split}: {report.questions:,} captions, {report.pictures:,} pictures"
    )
    is_svg = file.suffix.lower() == ".svg"
    try:
        with rc_context({"svg.hashsalt": "sensorium", "svg.fonttype": "none"}):
            figure.savefig(file, metadata={"Date": None} if is_svg else None)
    except OSError as error:
        raise WriteFailed(
            f"the plot can not be written ({error.strerror})",
            subject=str(file),
            remedy="name a file in a folder that is there and yours to write",
        ) from error


def _draw(panel: Any, curve: Curve, clean: Point) -> None:
    points = (clean, *curve.points)
    places = [point.severity for point in points]
    for k in KS:
        recall = [point.recall[k] for point in points]
        low, high = [100 * interval.low for interval in recall], [100 * interval.high for interval in recall]
        panel.fill_between(places, low, high, color=COLOURS[k], alpha=0.2, linewidth=0)
        panel.plot(places, [100 * interval.mean for interval in recall], "o-", color=COLOURS[k], label=f"R@{k}")
    panel.set_title(f"{curve.name} ({curve.damaged})", fontsize=9)
    panel.set_ylim(0, 100)
    panel.set_xticks(places)
    panel.set_xlabel("severity")
    panel.set_ylabel("percent")
    panel.label_outer()
