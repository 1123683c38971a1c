"""The demo: adds the demo media to a library, asks it in every way, prints what it finds and writes a contact sheet.

Run it by `make demo`. The library stays in `.demo/library`, so that a second run finds everything known.
"""

from __future__ import annotations

import shutil
import sys
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
from sensorium.core.items import Aspect, Place
from sensorium.core.receipts import Outcome
from sensorium.perception.speech import available
from sensorium.present.results import ShownResults
from sensorium.present.sheet import contact_sheet

HERE = Path(__file__).resolve().parent
MEDIA = HERE / "media"
QUESTIONS = HERE / "questions"
OUTPUT = HERE.parent / ".demo"
LIBRARY = OUTPUT / "library"
WIDTH = 100
"""Columns of a table; a narrower terminal gets as many as it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One search of the demo: what it shows, and the arguments of `Library.search`."""

    shows: str
    arguments: dict[str, Any] = field(default_factory=dict)


ASKS = (
    Ask(shows="words -> pictures", arguments={"text": "people playing music on a stage", "modalities": ["image"]}),
    Ask(shows="words -> pictures", arguments={"text": "a castle by the water", "modalities": ["image"]}),
    Ask(
        shows="German -> pictures",
        arguments={"text": "Menschen machen Musik auf einer Bühne", "modalities": ["image"]},
    ),
    Ask(shows="French -> pictures", arguments={"text": "un oiseau de nuit", "modalities": ["image"]}),
    Ask(shows="Czech -> pictures", arguments={"text": "pes v trávě", "modalities": ["image"]}),
    Ask(shows="words -> texts", arguments={"text": "how to keep an iron pan from rusting", "modalities": ["text"]}),
    Ask(shows="picture -> pictures", arguments={"image": QUESTIONS / "panels.jpg", "modalities": ["image"]}),
    Ask(shows="picture -> texts", arguments={"image": QUESTIONS / "orchestra.jpg", "modalities": ["text"]}),
    Ask(shows="words -> films", arguments={"text": "a man in a white suit on the moon", "modalities": ["video"]}),
    Ask(shows="a still -> films", arguments={"image": QUESTIONS / "still.jpg", "modalities": ["video"]}),
    Ask(shows="words -> sounds", arguments={"text": "a dog barks", "modalities": ["audio"]}),
    Ask(shows="a sound -> sounds", arguments={"like": [QUESTIONS / "bark.ogg"], "modalities": ["audio"]}),
    Ask(shows="a sound -> pictures", arguments={"like": [QUESTIONS / "bark.ogg"], "modalities": ["image"]}),
    Ask(shows="words -> speech", arguments={"text": "the invention of printing", "aspects": [Aspect.SPEECH]}),
    Ask(
        shows="words -> pages",
        arguments={"text": "what our country can do for us, and we for it", "modalities": ["document"]},
    ),
    Ask(shows="words -> pages", arguments={"text": "how a self-locking nut holds", "modalities": ["document"]}),
    Ask(shows="words -> everything", arguments={"text": "castles"}),
    Ask(
        shows="words and a picture -> pictures",
        arguments={"text": "the sea", "image": QUESTIONS / "white-mill.jpg", "modalities": ["image"]},
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
    command = Path(sys.executable).with_name("sensorium")
    console.print(f"The page: {command} serve {LIBRARY} --open", soft_wrap=True)


def run(console: Console) -> list[ShownResults]:
    """Adds the media and asks everything."""
    with sensorium.open(LIBRARY) as library:
        add(library, console)
        return [library.with_clips(ask(library, one, console)) for one in ASKS if can_be_asked(one, console)]


def can_be_asked(one: Ask, console: Console) -> bool:
    """Whether what it looks for can be in the library; says why not: speech is written down by an extra."""
    missing = available() if Aspect.SPEECH in one.arguments.get("aspects", ()) else None
    if missing is not None:
        console.print(f"left out, {one.shows}: {missing}", markup=False)
    return missing is None


def add(library: sensorium.Library, console: Console) -> None:
    """Adds all media and says what became of them, refused files and what was left out of others by name."""
    with progress() as listener:
        receipt = library.add(MEDIA, progress=listener)
    console.print(f"{receipt} in {receipt.seconds:.1f} s")
    for line in receipt:
        if line.outcome is Outcome.REFUSED or (line.outcome is Outcome.ADDED and line.reason):
            console.print(f"  {line.outcome} {shown_name(Path(line.source))}: {line.reason}", markup=False)


def ask(library: sensorium.Library, one: Ask, console: Console) -> ShownResults:
    """One search, printed as a table."""
    start = time.perf_counter()
    results = library.search(k=5, **one.arguments)
    took = time.perf_counter() - start
    names = [shown_name(Path(hit.path)) for hit in results]
    table = Table(
        title=f"{one.shows}: {results.question}",
        title_justify="left",
        caption=f"{1000 * took:.0f} ms",
        width=min(WIDTH, console.width),
    )
    table.add_column("score", justify="right", min_width=5)
    table.add_column("found in", no_wrap=True, min_width=max(map(len, names), default=0))
    table.add_column("where", no_wrap=True)
    table.add_column("what it says", no_wrap=True, ratio=1)
    for name, hit in zip(names, results, strict=True):
        place = hit.piece.place
        where = Place(seconds=place.seconds, page=place.page).describe()
        table.add_row(f"{hit.score:.2f}", Text(name), where, Text(" ".join((hit.piece.text or "").split())[:WIDTH]))
    console.print(table)
    return results


def shown_name(path: Path) -> str:
    """The name below the demo media, or the whole path of anything else."""
    return str(path.relative_to(MEDIA) if path.is_relative_to(MEDIA) else path)


if __name__ == "__main__":
    main()
