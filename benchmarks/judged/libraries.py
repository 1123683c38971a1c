"""Libraries to measure on: filled with files, and told what was refused."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import sensorium
from sensorium.core.receipts import Outcome, ReceiptLine

EACH = 50
"""Files after which a line is said."""


class Told:
    """Says on the error stream how adding gets on."""

    def __init__(self) -> None:
        self._start, self._settled = time.monotonic(), 0

    def discovered(self, files: int) -> None:
        """Nothing to say."""

    def settled(self, line: ReceiptLine) -> None:
        """One line for every `EACH` files."""
        self._settled += 1
        if self._settled % EACH == 0:
            seconds = time.monotonic() - self._start
            print(f"{seconds:7.1f} s  {self._settled:4}  {Path(line.source).name}", file=sys.stderr)

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """Nothing to say: these files are short."""


def fill(library: sensorium.Library, paths: Sequence[Path]) -> Iterator[str]:
    """Adds files; what is known stays. Gives a line with how many there are, and one for each that was refused."""
    receipt = library.add(*paths, progress=Told())
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(receipt.counts.items()))
    yield f"Library: {len(paths)} files ({outcomes}), {sum(library.info().pieces.values()):,} pieces."
    for line in receipt.of(Outcome.REFUSED):
        yield f"- refused: {Path(line.source).name}: {line.reason}"
    yield ""
