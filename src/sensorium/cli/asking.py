"""`ask`: an answer in words, each sentence with what it stands on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from sensorium.cli.narrowing import KindsOption, WhereOption
from sensorium.cli.output import ACCENT, BOLD, DIM, RED, painted, say_json, say_lines, watched
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.core.answers import Answer, Exhibit, Form, Sentence
from sensorium.core.items import Aspect
from sensorium.present.characters import cells, cut_middle, one_line, padded, visible, wrapped

WIDEST, NARROWEST, PIPE = 100, 40, 200
"""Columns: lines longer than the first are hard to read; where nobody watches nothing is cut before the last."""

DOUBT = "(not shown by what it cites)"


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What to answer, in words.")],
    form: Annotated[Form, typer.Option("--form", metavar="|".join(Form), help="How it is laid out.")] = Form.ANSWER,
    modalities: KindsOption = None,
    aspects: Annotated[
        list[Aspect] | None,
        typer.Option(
            "--aspect", metavar="|".join(Aspect), help="What evidence may be; may be repeated.", show_default=False
        ),
    ] = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Answer a question from what is in the library, with citations."""
    with opened(context, library) as opened_library:
        answer = opened_library.answer(
            question, form=form, modalities=modalities or None, aspects=aspects or None, where=where
        )
    if as_json:
        say_json(answer.as_json())
    else:
        say_lines(lines(answer, _width()))


def lines(answer: Answer, width: int) -> Iterator[str]:
    """The answer as a person reads it: what it says, what that stands on, how it was come by."""
    yield from (painted(line, BOLD) for line in wrapped(one_line(answer.question), width))
    yield ""
    if not answer.answered:
        yield "Nothing here answers this." if answer.pack.exhibits else "Nothing was found."
        if answer.pack.exhibits:
            yield from ["", "The nearest:", *_sources(answer.pack.exhibits[:3], width, passages=True)]
    elif answer.form is Form.TABLE and any(sentence.cells for sentence in answer.sentences):
        yield from _table(answer, width)
    else:
        yield from _prose(answer, width)
    if answer.answered:
        yield from ["", *_sources(answer.cited, width, passages=False)]
    yield from _came_by(answer, width)


def _width() -> int:
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns)) if watched(sys.stdout) else PIPE


def _prose(answer: Answer, width: int) -> Iterator[str]:
    """A line for each sentence, below its heading where it has one."""
    heading = ""
    for sentence in answer.sentences:
        if sentence.heading != heading:
            heading = sentence.heading
            yield from [""] if sentence is not answer.sentences[0] else []
            yield painted(one_line(heading), ACCENT)
        marked = wrapped(f"{one_line(sentence.text)}{_marks(sentence)}", width - 2)
        for place, line in enumerate(marked):
            yield _painted(f"{'  ' if place else '- '}{line}", sentence)


def _painted(line: str, sentence: Sentence) -> str:
    return line if sentence.supported else painted(line, RED)


def _marks(sentence: Sentence) -> str:
    numbers = "".join(f" [{citation.exhibit.number}]" for citation in sentence.citations)
    return numbers if sentence.supported else f"{numbers} {DOUBT}"


def _table(answer: Answer, width: int) -> Iterator[str]:
    rows = [[*map(one_line, sentence.cells), _marks(sentence).strip()] for sentence in answer.sentences]
    count = max(map(len, rows))
    heads = [*map(one_line, answer.columns), *[""] * (count - len(answer.columns))][:count]
    table = [heads, *([*row[:-1], *[""] * (count - len(row)), row[-1]] for row in rows)]
    room = max(6, (width - 2 * (count - 1)) // count)
    natural = [max(cells(row[column]) for row in table) for column in range(count)]
    spare = max(0, width - 2 * (count - 1) - sum(min(room, own) for own in natural))
    widths = [own if own <= room else room + spare for own in natural]
    for number, row in enumerate(table):
        folded = [wrapped(cell, max(2, own)) for cell, own in zip(row, widths, strict=True)]
        for place in range(max(map(len, folded), default=0)):
            line = "  ".join(
                padded(cell[place] if place < len(cell) else "", own) for cell, own in zip(folded, widths, strict=True)
            ).rstrip()
            yield painted(line, DIM) if number == 0 else line


def _sources(exhibits: Sequence[Exhibit], width: int, *, passages: bool) -> Iterator[str]:
    """A line for each piece of evidence: number, what it is, where it is from, and where in it."""
    for exhibit in exhibits:
        hit = exhibit.hit
        lead = f"[{exhibit.number}] {hit.kind}  "
        place = _place(exhibit)
        path = cut_middle(visible(hit.path), max(12, width - cells(lead) - cells(place)))
        yield painted(f"{lead}{path}{place}", DIM)
        if passages:
            yield from ("    " + line for line in wrapped(one_line(exhibit.text), width - 4, most=2))


def _place(exhibit: Exhibit) -> str:
    """Page or seconds; a box or characters tell a reader nothing."""
    words = exhibit.hit.piece.place.describe().split(", ")
    told = [word for word in words if not word.startswith(("box ", "characters "))]
    return "  " + ", ".join(told) if any(told) else ""


def _came_by(answer: Answer, width: int) -> Iterator[str]:
    """The hops, where there was more than one; what left the machine; what else is to be known."""
    told: list[str] = []
    if len(answer.path) > 1:
        for hop in answer.path:
            brought = " ".join(f"[{number}]" for number in hop.found) or "nothing new"
            told.append(f"{'  └ ' if hop.parent is not None else ''}{one_line(hop.question)} → {brought}")
    if answer.spent.departures:
        hosts = ", ".join(sorted({one.host for one in answer.spent.departures}))
        size = sum(one.bytes for one in answer.spent.departures)
        pieces = len({one.piece for one in answer.spent.departures if one.piece})
        told.append(f"Left this machine: {size:,} bytes of {pieces} pieces, to {hosts}.")
    told += answer.spent.notes
    if told:
        yield ""
        yield from (painted(line, DIM) for text in told for line in wrapped(visible(text), width))
