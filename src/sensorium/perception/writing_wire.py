"""What goes between the parent and the process that reads writing: heads of JSON, and raw pixels as a body.

All that comes back is checked as if an attacker had written it.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np

from sensorium.core.contents import Pixels
from sensorium.perception.writing_lines import Line, Lines
from sensorium.processes.channel import Body, Malformed
from sensorium.processes.failing import Failed, unpack_failure

MOST_HEAD_BYTES = 4_096
"""Longest greeting, and longest announcement of a picture."""

MOST_ANSWER_BYTES = 4 * 1024 * 1024
MOST_LINES = 10_000
MOST_CHARACTERS = 2_000
"""Longest line: twenty times what a recogniser of lines is made for."""

MOST_PIXELS = 200_000_000
"""Largest picture that is sent: the highest value that the setting `image_pixels` takes."""

LINE_FIELDS = 6
HIDDEN = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories of what is not seen: control and tag characters, halves of pairs. The recogniser knows none."""


def pack_size(pixels: Pixels) -> bytes:
    """Announces a picture. pixels: uint8 [height, width, 3]; ValueError for anything else, or too many of them.

    >>> pack_size(np.zeros((2, 3, 3), np.uint8))
    b'[2, 3]'
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"expected uint8 [height, width, 3], got {pixels.dtype} {list(pixels.shape)}")
    height, width = pixels.shape[:2]
    if height * width > MOST_PIXELS:
        raise ValueError(f"expected at most {MOST_PIXELS} pixels, got {height * width}")
    return json.dumps([height, width]).encode()


def unpack_pixels(size: bytes, body: Body) -> Pixels:
    """The picture that was announced. Raises Malformed."""
    height, width = json.loads(size)
    if len(body) != height * width * 3:
        raise Malformed("the pixels do not have the size announced")
    return body.reshape(height, width, 3)


def pack_lines(lines: Iterable[Line]) -> bytes:
    """An answer; the number of lines and letters is cut to what the parent takes."""
    rows = [[line.text[:MOST_CHARACTERS], *line.box, line.confidence] for line in lines]
    return json.dumps({"lines": rows[:MOST_LINES]}).encode()


def unpack_answer(body: bytes) -> Lines | Failed:
    """What the process answered, every field checked. Raises Malformed.

    >>> unpack_answer(b'{"lines": [["EXIT", 0.1, 0.2, 0.4, 0.3, 0.98]]}')[0].box
    (0.1, 0.2, 0.4, 0.3)
    >>> unpack_answer(b'{"lines": [["EXIT", 0.1, 0.2, 0.4, 7, 0.98]]}')
    Traceback (most recent call last):
    ...
    sensorium.processes.channel.Malformed: a line with numbers out of range
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if (failed := unpack_failure(answer)) is not None:
        return failed
    match answer:
        case {"lines": list(rows)} if len(answer) == 1 and len(rows) <= MOST_LINES:
            return tuple(_line(row) for row in rows)
    raise Malformed("an answer of another shape")


def _line(row: Any) -> Line:
    if not isinstance(row, list) or len(row) != LINE_FIELDS:
        raise Malformed("a line of another shape")
    text, *numbers = row
    if not isinstance(text, str) or not 0 < len(text) <= MOST_CHARACTERS or not text.strip():
        raise Malformed("a line without a text, or with one too long")
    if any(unicodedata.category(character) in HIDDEN for character in text):
        raise Malformed("a line with control characters")
    if not all(isinstance(number, float | int) and math.isfinite(number) for number in numbers):
        raise Malformed("a line with something else than numbers")
    left, top, right, bottom, confidence = map(float, numbers)
    try:
        return Line(text=text, box=(left, top, right, bottom), confidence=confidence)
    except ValueError:
        raise Malformed("a line with numbers out of range") from None
