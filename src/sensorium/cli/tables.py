"""Tables for a person at a terminal. Loaded only there, because rich takes its time to load."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sensorium.core.results import Hit, SearchResults
from sensorium.present.characters import cut_middle, one_line, visible

BAR_CELLS = 8
PASSAGE_LINES = 2
BESIDE_PATHS = 28
"""Columns that rank, score, modality and the gaps between them take."""


def print_rows(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Rows as a table without lines. Texts are shown as they are: no markup is read out of them."""
    table = Table(box=None, show_header=bool(heads), header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for number in range(len(rows[0]) if rows else 0):
        table.add_column(heads[number] if heads else "", overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(text)) for text in row))
    _console().print(table)


def print_results(results: SearchResults) -> None:
    """Hits as a table: rank, score, modality, then the path with its place and passage below."""
    console = _console()
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for style in ("dim", "", "dim"):
        table.add_column(style=style, no_wrap=True)
    table.add_column(overflow="fold")
    room = max(console.width - BESIDE_PATHS, 20)
    for rank, hit in enumerate(results, start=1):
        table.add_row(Text(f"{rank:2}"), _score(hit.score), Text(str(hit.piece.modality)), _found(hit, room))
    console.print(Text(one_line(results.question), style="bold"))
    console.print(table if results else Text("Nothing found."))


def _score(score: float) -> Text:
    filled = round(BAR_CELLS * min(max(score, 0.0), 1.0))
    return Text.assemble(f"{score:.2f} ", ("━" * filled, "cyan"), ("━" * (BAR_CELLS - filled), "bright_black"))


def _found(hit: Hit, room: int) -> Text:
    shown = Text(cut_middle(visible(hit.path), room))
    if place := hit.piece.place.describe():
        shown.append(f"\n{place}", style="dim")
    if hit.piece.text:
        passage = Text(one_line(hit.piece.text))
        passage.truncate(PASSAGE_LINES * room, overflow="ellipsis")
        shown.append("\n").append_text(passage)
    return shown


def _console() -> Console:
    return Console(markup=False, highlight=False, emoji=False)
