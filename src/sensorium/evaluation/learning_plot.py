"""How an adapter learned, as a picture: losses and what is found over epochs, and the epoch that was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sensorium.evaluation.drawing import written

LEARNED, JUDGED, INK, GRID = "#7a8793", "#1b6ca8", "#24292e", "#e3e7ea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """epochs: from 0, before anything was learned: the loss on pairs to learn from, which epoch 0 has not, that on
    pairs to stop by, and the mean reciprocal rank on these. best: the epoch that was taken."""

    epochs: tuple[tuple[float | None, float, float], ...] = field(repr=False)
    best: int


def draw_learning(learning: Learning, folder: Path, name: str = "learning") -> tuple[Path, Path]:
    """Writes `NAME.svg` and `NAME.png`; the same curve gives the same files. Raises ExtraMissing, WriteFailed."""
    return written(folder, name, (8, 3.2), lambda figure: _draw(figure, learning))


def _draw(figure: Any, learning: Learning) -> None:
    losses, found = figure.subplots(1, 2)
    numbers = range(len(learning.epochs))
    learned = [(number, loss) for number, (loss, _, _) in enumerate(learning.epochs) if loss is not None]
    if learned:
        losses.plot(*zip(*learned, strict=True), color=LEARNED, linewidth=1.6, label="pairs learned from")
    losses.plot(numbers, [judged for _, judged, _ in learning.epochs], color=JUDGED, linewidth=2, label="stopped by")
    losses.set_title("loss (the more pairs, the higher)", loc="left", color=INK, fontsize=9)
    losses.legend(frameon=False, labelcolor=INK)
    found.plot(numbers, [rank for _, _, rank in learning.epochs], color=JUDGED, linewidth=2)
    found.set_title("mean reciprocal rank, pairs stopped by", loc="left", color=INK, fontsize=9)
    for axes in (losses, found):
        axes.axvline(learning.best, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel("epoch", color=INK)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.tick_params(length=0, colors=INK)
        axes.spines[:].set_visible(False)
    taken = "the base is kept" if not learning.best else f"epoch {learning.best} was taken"
    figure.suptitle(taken, x=0.01, ha="left", fontsize=9, color=INK)
