"""Unfolds what gzip, bzip2 or xz packed, from front to back, counted as it comes. For the guarded process only."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from sensorium.core.errors import DamagedFile, Refused, TooLarge
from sensorium.readers.archives.zipped import RATIO_WINDOW, STEP, UNPACK, Counter, Entry

RESTORE = "restore it from its source"

MOST_WINDOW = 80 * 1024 * 1024
"""Bytes that an xz archive may ask the memory for: 65 MiB are what the strongest preset of `xz` needs."""

LEAST_FED = 512


class Unfolder(Protocol):
    """What unfolds one packed stream; as in the standard library's bz2 and lzma."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib as an `Unfolder` of gzip streams (RFC 1952)."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._was_full = False

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        """zlib holds back output of its own, so what it was given may be used up and more of it be to come."""
        return not (self._inflate.unconsumed_tail or self._was_full or self.eof)

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        part = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self._was_full = len(part) == max_length
        return part


UNFOLDERS: dict[str, Callable[[], Unfolder]] = {
    "application/gzip": _Gzip,
    "application/x-bzip2": bz2.BZ2Decompressor,
    "application/x-xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_WINDOW),
}


class Unpacked(io.RawIOBase):
    """The bytes that a packed stream unfolds to. media_type: one of `UNFOLDERS`.

    One packed stream may follow another; zeros after the last are padding. Raises DamagedFile where it is not whole,
    TooLarge at a limit of `counter`.
    """

    def __init__(self, stream: BinaryIO, media_type: str, counter: Counter) -> None:
        self._stream = stream
        self._make = UNFOLDERS[media_type]
        self._counted = Entry(counter, is_whole=True)
        # Fed so little at once, a stretch of the ratio's window never unfolds from what was counted before it.
        self._fed = min(STEP, max(LEAST_FED, RATIO_WINDOW // counter.settings.archive_ratio))
        self._unfolder = self._make()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer as far as there is something, so that who peeks sees what is there. Raises a `Refused`."""
        filled = 0
        while filled < len(buffer):
            try:
                part = self._next(len(buffer) - filled)
            except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
                raise _refusal(error) from None
            if not part:
                break
            buffer[filled : filled + len(part)] = part
            filled += len(part)
        return filled

    def _next(self, most: int) -> bytes:
        part = b""
        while not part:
            if self._unfolder.eof and not self._starts_anew():
                break
            data = self._take() if self._unfolder.needs_input else b""
            if self._unfolder.needs_input and not data:
                raise DamagedFile("not a whole packed archive: it is cut off", remedy=RESTORE)
            part = self._unfolder.decompress(data, most)
            unused = len(self._unfolder.unused_data) if self._unfolder.eof else 0
            self._counted.count(len(data) - unused, len(part))
        return part

    def _take(self) -> bytes:
        if not self._left:
            self._left = self._stream.read(STEP)
        data, self._left = self._left[: self._fed], self._left[self._fed :]
        return data

    def _starts_anew(self) -> bool:
        """Whether another packed stream follows the one that ended."""
        left = self._unfolder.unused_data + self._left
        while not (left := left.lstrip(b"\0")):
            left = self._stream.read(STEP)
            if not left:
                return False
        self._left = left
        self._unfolder = self._make()
        return True


def _refusal(error: Exception) -> Refused:
    if isinstance(error, lzma.LZMAError) and "emory" in str(error):
        return TooLarge("an archive that needs too much memory to unfold", remedy=UNPACK)
    return DamagedFile("not a whole packed archive", remedy=RESTORE)
