"""Everything that is printed goes through here: made visible, plain where nobody watches, JSON by itself.

Answers go to stdout. What accompanies them (progress, notes, complaints) goes to stderr, so that a pipe carries the
answer alone.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from sensorium.core.errors import SensoriumError
from sensorium.present.characters import LAYOUT, visible

BOLD, DIM, RED, ACCENT = "1", "2", "31", "36"
"""How a text is painted: numbers of ECMA-48, "Select Graphic Rendition"."""


def never_fail_on_a_character() -> None:
    """Lets a terminal that can not show a character show its number, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Lines of an answer."""
    print(visible(text, keep=LAYOUT))


def say_lines(lines: Iterable[str]) -> None:
    """Lines of an answer whose texts were made visible, before they were painted."""
    for line in lines:
        print(line)


def say_json(document: dict[str, Any]) -> None:
    """The answer as one JSON document, in ASCII: no terminal and no encoding can change what it says."""
    print(json.dumps(document, indent=2))


def note(text: str) -> None:
    """A line beside the answer."""
    print(visible(text), file=sys.stderr, flush=True)


def complain(error: SensoriumError) -> None:
    """What went wrong and what to do, in one line, red where colours are wanted."""
    print(painted(f"error: {visible(str(error))}", RED, sys.stderr), file=sys.stderr)


def watched(stream: TextIO) -> bool:
    """Whether a person reads this at a terminal that can do more than print lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: at a terminal, unless NO_COLOR says no (no-color.org)."""
    return watched(stream) and not os.environ.get("NO_COLOR")


def painted(text: str, style: str, stream: TextIO | None = None) -> str:
    """`text` in a style, where colours are wanted. stream: where it will be printed, stdout by default."""
    return f"\x1b[{style}m{text}\x1b[0m" if text and coloured(stream or sys.stdout) else text
