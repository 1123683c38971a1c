"""Everything that is printed goes through here: made visible, plain where nobody watches, JSON by itself.

Answers go to stdout. What accompanies them (progress, notes, complaints) goes to stderr, so that a pipe carries the
answer alone.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from sensorium.core.errors import SensoriumError
from sensorium.present.characters import LAYOUT, cells, padded, visible

RED, PLAIN = "\x1b[31m", "\x1b[0m"


def never_fail_on_a_character() -> None:
    """Lets a terminal that can not show a character show its number, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Lines of an answer."""
    print(visible(text, keep=LAYOUT))


def say_json(document: dict[str, Any]) -> None:
    """The answer as one JSON document, in ASCII: no terminal and no encoding can change what it says."""
    print(json.dumps(document, indent=2))


def note(text: str) -> None:
    """A line beside the answer."""
    print(visible(text), file=sys.stderr, flush=True)


def complain(error: SensoriumError) -> None:
    """What went wrong and what to do, in one line, red where colours are wanted."""
    line = f"error: {visible(str(error))}"
    print(f"{RED}{line}{PLAIN}" if coloured(sys.stderr) else line, file=sys.stderr)


def watched(stream: TextIO) -> bool:
    """Whether a person reads this at a terminal that can do more than print lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: at a terminal, unless NO_COLOR says no (no-color.org)."""
    return watched(stream) and not os.environ.get("NO_COLOR")


def say_rows(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = ()) -> None:
    """Rows of as many texts each, in columns; a table where a person watches, whole lines otherwise.

    heads: the names of the columns, shown to people alone.
    """
    if watched(sys.stdout):
        from sensorium.cli.tables import print_rows

        return print_rows(rows, heads)
    shown = [[visible(text) for text in row] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip())
