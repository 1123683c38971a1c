"""How drawings are made: the same data give the same files, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sensorium.core.errors import ExtraMissing, WriteFailed

STYLE = {"svg.hashsalt": "sensorium", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9}
"""Text as outlines, so that a drawing looks the same everywhere; ids without chance."""

DOTS_PER_INCH = 160


def written(folder: Path, name: str, size: tuple[float, float], draw: Callable[[Any], None]) -> tuple[Path, Path]:
    """`NAME.svg` and `NAME.png` in `folder`, which is made if it is not there; returns both paths.

    size: width and height in inches. draw: is given the empty figure. Raises ExtraMissing, WriteFailed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ExtraMissing(
            f"a drawing needs {error.name}, which is not installed",
            remedy="install it by `pip install 'sensorium[evaluate]'`",
        ) from None
    vector, raster = folder / f"{name}.svg", folder / f"{name}.png"
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            figure.savefig(vector, metadata={"Date": None})
            figure.savefig(raster, dpi=DOTS_PER_INCH)
        except OSError as error:
            remedy = "name a folder that is yours to write"
            raise WriteFailed(error.strerror or str(error), subject=str(folder), remedy=remedy) from error
    return vector, raster
