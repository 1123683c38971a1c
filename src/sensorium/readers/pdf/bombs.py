"""Finds streams that unfold to far more than a document needs, before PDFium unfolds them.

PDFium unfolds a page's content whole, and ends the process when memory runs out. Pictures are left alone here: their
pixels are counted before they are drawn. So are rarer ways to pack (LZW): there the limits of the process hold.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from sensorium.core.errors import TooLarge

BLOCK = 4 * 1024 * 1024
HEAD = 1024
"""Bytes before a stream that are looked at for its dictionary."""

PROBE = 1024 * 1024
MOST_UNFOLDED = 16 * 1024 * 1024
"""Bytes: content that is longer and packed this well is no page of a book."""

MOST_STAGES = 4
OVERLAP = 16
"""Bytes: the words that open a stream may lie over the edge of two blocks."""

_STREAM = re.compile(rb">>\s*stream\r?\n")
_DEFLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")


def refuse_bombs(stream: BinaryIO, ratio: int) -> None:
    """Raises TooLarge for a stream that unfolds to more than `ratio` times its length and `MOST_UNFOLDED` bytes.

    Leaves the stream at its start.
    """
    for dictionary, packed in _streams(stream):
        stages = len(_DEFLATE.findall(dictionary))
        if stages and b"/Image" not in dictionary and _unfolds(packed, min(stages, MOST_STAGES), ratio):
            raise TooLarge(
                "a stream in it unfolds to many times its length", remedy="open it in another program and save it anew"
            )
    stream.seek(0)


def _streams(stream: BinaryIO) -> Iterator[tuple[bytes, memoryview]]:
    """The dictionary of each stream, and what follows it up to a block."""
    stream.seek(0)
    before, block = b"", stream.read(BLOCK)
    while block:
        following = stream.read(BLOCK)
        whole = before + block + following
        end = len(before) + len(block)
        for match in _STREAM.finditer(whole, max(0, len(before) - OVERLAP), end):
            low = max(0, match.start() - HEAD)
            start = max(low, whole.rfind(b" obj", low, match.start()))
            yield whole[start : match.start()], memoryview(whole)[match.end() : match.end() + BLOCK]
        before, block = (before + block)[-HEAD:], following


def _unfolds(packed: memoryview | bytes, stages: int, ratio: int) -> bool:
    """Whether one of the stages gives more than is allowed. What is not packed as it says is not for us to judge."""
    for stage in range(stages):
        start = _unfold(packed[: PROBE // ratio], PROBE)
        if len(start) >= PROBE // 2 and len(_unfold(packed[: MOST_UNFOLDED // ratio], MOST_UNFOLDED)) >= MOST_UNFOLDED:
            return True
        if stage + 1 < stages:
            packed = _unfold(packed, PROBE)
    return False


def _unfold(packed: memoryview | bytes, most: int) -> bytes:
    """At most `most` bytes; none of what is not packed so."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""
