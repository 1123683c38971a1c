"""A robustness report as a picture: recall over severity, one panel for each damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sensorium.core.errors import BadInput
from sensorium.evaluation.drawing import written
from sensorium.evaluation.robustness.report import KS, Curve, Point, RobustReport

COLUMNS = 4
INCHES = (2.6, 2.2)
"""Of each panel."""

COLOURS = {1: "#1b6ca8", 10: "#7a8793"}


def draw_curves(report: RobustReport, folder: Path, name: str = "robust") -> tuple[Path, Path]:
    """Writes `NAME.svg` and `NAME.png`; the same report gives the same files. Severity 0 is no damage, bands are
    intervals. Raises BadInput for a report without curves, ExtraMissing, WriteFailed.
    """
    if not report.curves:
        raise BadInput("there is no curve to draw", subject=name, remedy="choose a damage that has severities")
    columns = min(COLUMNS, len(report.curves))
    rows = -(-len(report.curves) // columns)
    size = (INCHES[0] * columns, INCHES[1] * rows + 0.4)
    return written(folder, name, size, lambda figure: _draw(figure, report, rows, columns))


def _draw(figure: Any, report: RobustReport, rows: int, columns: int) -> None:
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, curve in zip(panels, report.curves, strict=False):
        _draw_curve(panel, curve, report.clean)
    for panel in panels[len(report.curves) :]:
        panel.set_visible(False)
    panels[0].legend(loc="lower left", frameon=False)
    counts = f"{report.questions:,} captions, {report.pictures:,} pictures"
    figure.suptitle(f"{report.space_id}, split {report.split}: {counts}", x=0.01, ha="left")


def _draw_curve(panel: Any, curve: Curve, clean: Point) -> None:
    points = (clean, *curve.points)
    places = [point.severity for point in points]
    for k in KS:
        recall = [point.recall[k] for point in points]
        low, high = [100 * interval.low for interval in recall], [100 * interval.high for interval in recall]
        panel.fill_between(places, low, high, color=COLOURS[k], alpha=0.2, linewidth=0)
        panel.plot(places, [100 * interval.mean for interval in recall], "o-", color=COLOURS[k], label=f"R@{k}")
    panel.set_title(f"{curve.name} ({curve.damaged})")
    panel.set_ylim(0, 100)
    panel.set_xticks(places)
    panel.set_xlabel("severity")
    panel.set_ylabel("percent")
    panel.label_outer()
