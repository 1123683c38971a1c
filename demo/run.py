"""The demo: adds the demo media to a library, asks it in every way, prints what it finds and writes a contact sheet.

Run it by `make demo`. The library stays in `.demo/library`, so that a second run finds everything known.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

import sensorium
from sensorium.cli.progress import progress
from sensorium.core.errors import SpaceMismatch
from sensorium.core.receipts import Outcome
from sensorium.core.results import SearchResults
from sensorium.present.sheet import contact_sheet

HERE = Path(__file__).resolve().parent
MEDIA = HERE / "media"
QUESTIONS = HERE / "questions"
OUTPUT = HERE.parent / ".demo"
LIBRARY = OUTPUT / "library"
PASSAGE = 70
"""Characters of a text hit that the table shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One search of the demo: what it shows, and the arguments of `Library.search`."""

    shows: str
    arguments: dict[str, Any] = field(default_factory=dict)


ASKS = (
    Ask(shows="words -> pictures", arguments={"text": "a bird with bright feathers", "modalities": ["image"]}),
    Ask(shows="words -> pictures", arguments={"text": "two dogs", "modalities": ["image"]}),
    Ask(shows="words -> texts", arguments={"text": "how to keep an iron pan from rusting", "modalities": ["text"]}),
    Ask(shows="picture -> pictures", arguments={"image": QUESTIONS / "white-mill.jpg", "modalities": ["image"]}),
    Ask(shows="picture -> texts", arguments={"image": QUESTIONS / "tabby.jpg", "modalities": ["text"]}),
    Ask(shows="words -> everything", arguments={"text": "electricity from the sun"}),
    Ask(
        shows="words and a picture -> pictures",
        arguments={"text": "water", "image": QUESTIONS / "white-mill.jpg", "modalities": ["image"]},
    ),
)


def main() -> None:
    console = Console()
    sheet = OUTPUT / "contact-sheet.html"
    try:
        found = run(console)
    except SpaceMismatch:  # a demo of an earlier version of the model lies there
        shutil.rmtree(LIBRARY)
        found = run(console)
    sheet.write_text(contact_sheet(found, title="The demo library"), encoding="utf-8")
    console.print(f"\nContact sheet: {sheet}", soft_wrap=True)


def run(console: Console) -> list[SearchResults]:
    """Adds the media and asks everything."""
    with sensorium.open(LIBRARY) as library:
        add(library, console)
        return [ask(library, one, console) for one in ASKS]


def add(library: sensorium.Library, console: Console) -> None:
    """Adds all media and says what became of them, refused files by name."""
    with progress() as listener:
        receipt = library.add(MEDIA, progress=listener)
    console.print(f"{receipt} in {receipt.seconds:.1f} s")
    for line in receipt.of(Outcome.REFUSED):
        console.print(f"  refused {line.source}: {line.reason}", markup=False)


def ask(library: sensorium.Library, one: Ask, console: Console) -> SearchResults:
    """One search, printed as a table."""
    start = time.perf_counter()
    results = library.search(k=5, **one.arguments)
    took = time.perf_counter() - start
    table = Table(title=f"{one.shows}: {results.question}", title_justify="left", caption=f"{1000 * took:.0f} ms")
    table.add_column("score", justify="right")
    table.add_column("found in")
    table.add_column("what it says", max_width=PASSAGE, no_wrap=True)
    for hit in results:
        source = Path(hit.path)
        name = source.relative_to(MEDIA) if source.is_relative_to(MEDIA) else source
        table.add_row(f"{hit.score:.2f}", Text(str(name)), Text(" ".join((hit.piece.text or "").split())))
    console.print(table)
    return results


if __name__ == "__main__":
    main()
