"""The progress bar. Loaded only at a terminal, because rich takes its time to load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from sensorium.core.receipts import ReceiptLine
from sensorium.present.characters import cut_middle, visible

DOING = "Adding"


class RateColumn(ProgressColumn):
    """Files a second over the last moments."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f} files/s" if task.speed else "", style="dim")


class Bar:
    """A ProgressListener that moves a bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task(DOING, total=None)

    def discovered(self, files: int) -> None:
        """The bar's length, as far as it is known."""
        self._progress.update(self._task, total=files)

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """How far a long file is, beside the count of files."""
        far = f"{min(1.0, reached / length):.0%}" if length else f"{reached:,.0f}"
        self._progress.update(self._task, description=f"{escape(visible(cut_middle(Path(source).name, 30)))} {far}")

    def settled(self, line: ReceiptLine) -> None:
        """One file further."""
        self._progress.update(self._task, description=DOING)
        self._progress.advance(self._task)


@contextmanager
def bar() -> Iterator[Bar]:
    """A bar on stderr that is wiped when the work ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
