"""Rows and hits: fitted to the terminal where a person watches, one whole line for each in a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

from sensorium.cli.output import ACCENT, BOLD, DIM, painted, say, say_lines, watched
from sensorium.core.results import Hit, SearchResults
from sensorium.present.characters import cells, cut, cut_middle, one_line, padded, visible, wrapped
from sensorium.present.passages import below_title
from sensorium.present.reasons import did_you_mean, figures, sentences
from sensorium.present.terminal import arranged, plain_text
from sensorium.present.verdict import NOTHING_FOUND, warning

GAP = "  "

LAST_COLUMN = 24
"""Columns of the terminal that the last column of a table needs at least; with fewer, rows are stacked."""

BAR_CELLS = 8
BAR_FROM = 72
"""Width of the terminal from which a score has a bar."""

LEAST_ROOM = 20
"""Columns for paths and passages; on a terminal that leaves fewer, lines run over."""

PASSAGE_LINES = 2

PIPE_PASSAGE = 200
"""Columns of a passage's line where nobody watches."""


def say_rows(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = ()) -> None:
    """Rows of as many texts each, in columns. heads: the names of the columns, shown to people alone."""
    shown = [[visible(text) for text in row] for row in rows]
    if watched(sys.stdout):
        say_lines(_fitted(shown, heads, _width()))
    else:
        say_lines(_joined(row, _widths(shown)) for row in shown)


def say_results(results: SearchResults) -> None:
    """The question, then for each hit its rank, score, sense and path, with title, place and passage below."""
    if watched(sys.stdout):
        say_lines(_hits(results, _width()))
    else:
        say(plain_text(results, width=PIPE_PASSAGE, whole_paths=True))


def _fitted(rows: Sequence[Sequence[str]], heads: Sequence[str], width: int) -> Iterator[str]:
    """A table whose last column is wrapped; where nothing is left for it, its cells below the first one."""
    widths = _widths([heads, *rows] if heads else rows)
    room = width - sum(widths[:-1]) - len(GAP) * len(widths[:-1])
    if room >= min(LAST_COLUMN, *widths[-1:]):
        if heads and rows:
            yield painted(_joined(heads, widths), DIM)
        for row in rows:
            lead = "".join(padded(text, width) + GAP for text, width in zip(row[:-1], widths[:-1], strict=True))
            yield from _hung(lead, wrapped(row[-1], room))
    else:
        for first, *between, last in rows:
            yield first
            yield from (GAP + line for text in (GAP.join(between), last) for line in wrapped(text, width - len(GAP)))


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells, column)) for column in zip(*rows, strict=True)]


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip()


def _hung(lead: str, lines: Sequence[str]) -> Iterator[str]:
    """The lead with the first line, and the others below that one."""
    for number, line in enumerate(lines or [""]):
        yield ((" " * cells(lead) if number else lead) + line).rstrip()


def _hits(results: SearchResults, width: int) -> Iterator[str]:
    yield painted(cut(one_line(results.question), max(width, LEAST_ROOM)), BOLD)
    if meant := did_you_mean(results):
        yield cut(meant, max(width, LEAST_ROOM))
    if said := warning(results):
        yield painted(said, ACCENT)
    digits = len(str(len(results)))
    for rank, hit in enumerate(results, start=1):
        yield from _hit(hit, f"{rank:{digits}}", width)
    if not results:
        yield NOTHING_FOUND


def _hit(hit: Hit, rank: str, width: int) -> Iterator[str]:
    sense = f"{hit.kind:5}"
    bar = f" {_bar(hit.score)}" if width >= BAR_FROM else ""
    indent = len(f"{rank}  0.00  {sense}  ") + (BAR_CELLS + 1 if bar else 0)
    room = max(width - indent, LEAST_ROOM)
    score = f"{hit.score:.2f}"
    lead = f"{painted(rank, DIM)}  {score if hit.matches else painted(score, DIM)}{bar}  {painted(sense, DIM)}  "
    yield lead + cut_middle(visible(hit.path), room)
    for line in _below(hit, room):
        yield " " * indent + line


def _below(hit: Hit, room: int) -> Iterator[str]:
    """A text is told by its title and its words; a picture's title is but the name of its file."""
    title = one_line(hit.item.title) if hit.words else ""
    if about := " · ".join(filter(None, (title, hit.piece.place.describe()))):
        yield painted(cut(about, room), DIM)
    yield from wrapped(one_line(below_title(hit.item.title, hit.words)), room, most=PASSAGE_LINES)
    if said := arranged(hit):
        yield painted(cut(said, room), DIM)
    if hit.explanation:
        yield from sentences(hit.explanation, room)
        yield from (painted(line, DIM) for line in figures(hit.explanation, room))


def _bar(score: float) -> str:
    filled = round(BAR_CELLS * min(max(score, 0.0), 1.0))
    return painted("━" * filled, ACCENT) + painted("─" * (BAR_CELLS - filled), DIM)


def _width() -> int:
    return shutil.get_terminal_size().columns
