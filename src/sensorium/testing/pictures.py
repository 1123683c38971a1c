"""Pictures for tests, made without an image library, so that tests of the parent need none."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""What every PNG begins with."""


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG: length, kind, data, checksum. kind: 4 bytes.

    >>> chunk(b"IEND", b"").hex(" ", 4)
    '00000000 49454e44 ae426082'
    """
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(colour: tuple[int, int, int], width: int = 8, height: int = 8) -> bytes:
    """The bytes of a PNG picture (RFC 2083) of one colour; width, height in pixels.

    >>> png((255, 0, 0))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    row = b"\x00" + bytes(colour) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)


def write_png(path: Path, colour: tuple[int, int, int], width: int = 8, height: int = 8) -> None:
    """Writes `png` to a file."""
    path.write_bytes(png(colour, width, height))
