"""Opens zip containers under limits: Office documents, e-books, archives. Members are streams, nothing is extracted.

The directory is parsed by `zipfile`; the members are inflated here, a little at a time, because only so can be counted
what really comes out and what really went in. What headers say of sizes is checked, and never relied on.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from sensorium.core.errors import DamagedFile, Refused, TooLarge, UnknownType
from sensorium.core.settings import Settings

ENCRYPTED, UTF8_NAME = 0x1, 0x800
"""Flags of an entry (APPNOTE 4.4.4)."""

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED

LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
LOCAL_MAGIC = b"PK\3\4"

DIRECTORY_BYTES_PER_ENTRY = 512
"""46 and a name, twice over: what bounds the memory for the directory before its entries are counted."""

STEP = 64 * 1024
"""Bytes that are inflated at once."""

RATIO_WINDOW = 1024 * 1024
"""The ratio is asked of every stretch of this many bytes, so that sound data in front hides no bomb behind it."""

UNPACK = "unpack it with another program and add the files"
PACK_ANEW = "unpack it with another program and pack it anew"

_DRIVE = re.compile(r"[A-Za-z]:")


class Counter:
    """What was unfolded so far, over all members of a file and of the archives in it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bytes = 0
        self.entries = 0

    def add_entries(self, number: int) -> None:
        """Raises TooLarge above `Settings.archive_entries`."""
        self.entries += number
        if self.entries > self.settings.archive_entries:
            what = f"an archive of more than {self.settings.archive_entries} entries"
            raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_ENTRIES")

    def add_bytes(self, number: int) -> None:
        """Raises TooLarge above `Settings.archive_bytes`."""
        self.bytes += number
        if self.bytes > self.settings.archive_bytes:
            what = f"an archive that unfolds to more than {self.settings.archive_bytes} bytes"
            raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_BYTES")


class Entry:
    """The bytes of one member, counted: what every archive's members are read through.

    Raises TooLarge above `Settings.archive_entry_bytes`, above the sum, or where one byte unfolds to too many.
    is_whole: these are the bytes of many entries that were packed together, so only the sum limits them.
    """

    def __init__(self, counter: Counter, *, is_whole: bool = False) -> None:
        self._counter = counter
        self._most = counter.settings.archive_bytes if is_whole else counter.settings.archive_entry_bytes
        self._out = 0
        self._window_out = 0
        self._window_in = 0

    def count(self, taken: int, made: int) -> None:
        """taken, made: bytes that were read, and what they unfolded to."""
        settings = self._counter.settings
        self._counter.add_bytes(made)
        self._out += made
        if self._out > self._most:
            what = f"an entry that unfolds to more than {self._most} bytes"
            raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_ENTRY_BYTES")
        self._window_in += taken
        self._window_out += made
        if self._window_out >= RATIO_WINDOW:
            if self._window_in * settings.archive_ratio < self._window_out:
                what = f"an entry of which one byte unfolds to more than {settings.archive_ratio}"
                raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_RATIO")
            self._window_in = self._window_out = 0


class Zipped:
    """A zip container that was looked through before anything of it is unfolded.

    Raises DamagedFile (no zip, names that lead out of it, duplicates, links, entries that overlap), TooLarge, or
    UnknownType (encrypted, or packed by a method that documents do not use).
    as_folder: entries that can not be opened are kept in `left_out` by their name, each with its reason, and all
    others are opened.

    >>> data = io.BytesIO()
    >>> with zipfile.ZipFile(data, "w", DEFLATED) as file:
    ...     file.writestr("word/document.xml", "<document/>")
    >>> container = Zipped(data, Settings())
    >>> container.names, container.read("word/document.xml")
    (('word/document.xml',), b'<document/>')
    """

    def __init__(
        self, stream: BinaryIO, settings: Settings, counter: Counter | None = None, *, as_folder: bool = False
    ) -> None:
        self._stream = stream
        self._counter = counter or Counter(settings)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self.left_out: dict[str, Refused] = {}
        entries = _directory(stream, settings, self._counter)
        for entry in entries:
            try:
                self._enter(entry, settings.archive_entry_bytes if as_folder else None)
            except Refused as refused:
                if not as_folder:
                    raise
                self.left_out[entry.filename] = refused
        self._ends = _ends(entries)
        if as_folder:  # all of it will be unfolded; what is claimed falsely is met by counting
            Counter(settings).add_bytes(sum(entry.file_size for entry in self._entries.values()))

    def _enter(self, entry: zipfile.ZipInfo, most: int | None) -> None:
        """Raises the reason why an entry can not be opened. most: bytes that it may say it has."""
        _check(entry)
        if most is not None and entry.file_size > most:
            what = f"an entry of more than {most} bytes"
            raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_ENTRY_BYTES")
        if entry.filename.endswith("/"):
            return
        name = plain_name(entry.filename)
        if name in self._entries:
            raise DamagedFile("an archive with two entries of one name", remedy=PACK_ANEW)
        self._entries[name] = entry

    @property
    def names(self) -> tuple[str, ...]:
        """Of all members that are files, in the order of the directory."""
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, most: int | None = None) -> bytes:
        """A member, whole. Raises TooLarge above `most` bytes, and what `stream` raises."""
        parts, size = [], 0
        for part in self.stream(name):
            size += len(part)
            if most is not None and size > most:
                raise TooLarge(f"a part of more than {most} bytes in it", remedy="split it, or raise the limit")
            parts.append(part)
        return b"".join(parts)

    def stream(self, name: str) -> Iterator[bytes]:
        """A member, at most `STEP` bytes at a time. Raises DamagedFile, TooLarge; KeyError for a name not there."""
        entry = self._entries[name]
        start = self._start(entry)
        counted, check = Entry(self._counter), 0
        unfold = self._inflated if entry.compress_type == DEFLATED else self._stored
        for part in unfold(start, entry.compress_size, counted):
            check = zlib.crc32(part, check)
            yield part
        if check != entry.CRC:
            raise DamagedFile("an archive with an entry that is not what was packed", remedy=PACK_ANEW)

    def _start(self, entry: zipfile.ZipInfo) -> int:
        """Where the data of a member begin, by its own header, which has to agree with the directory."""
        self._stream.seek(entry.header_offset)
        head = self._stream.read(LOCAL_HEADER.size)
        if len(head) < LOCAL_HEADER.size or not head.startswith(LOCAL_MAGIC):
            raise _damaged()
        fields = LOCAL_HEADER.unpack(head)
        flags, method, name_bytes, extra_bytes = fields[2], fields[3], fields[9], fields[10]
        if flags & ENCRYPTED or method != entry.compress_type:
            raise _damaged()
        name = self._stream.read(name_bytes)
        if name != entry.orig_filename.encode("utf-8" if entry.flag_bits & UTF8_NAME else "cp437", "replace"):
            raise _damaged()
        start: int = entry.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
        if start + entry.compress_size > self._ends[entry.header_offset]:
            raise _overlapping()
        return start

    def _stored(self, start: int, size: int, counted: Entry) -> Iterator[bytes]:
        while size:
            part = self._fetch(start, min(STEP, size))
            counted.count(len(part), len(part))
            start, size = start + len(part), size - len(part)
            yield part

    def _inflated(self, start: int, size: int, counted: Entry) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        waiting = b""
        while not inflate.eof:
            if not waiting and size:
                waiting = self._fetch(start, min(STEP, size))
                start, size = start + len(waiting), size - len(waiting)
            try:
                part = inflate.decompress(waiting, STEP)
            except zlib.error:
                raise _damaged() from None
            taken = len(waiting) - len(inflate.unconsumed_tail)
            if not (taken or part or inflate.eof):
                raise _damaged()
            waiting = inflate.unconsumed_tail
            counted.count(taken, len(part))
            if part:
                yield part

    def _fetch(self, start: int, size: int) -> bytes:
        """Reads at its own position: members may be streamed side by side."""
        self._stream.seek(start)
        part = self._stream.read(size)
        if not part:
            raise _damaged()
        return part


def plain_name(name: str) -> str:
    """A member's name with `/` between its parts. Raises DamagedFile for one that leads out of the archive.

    >>> plain_name("word\\\\media/a.png")
    'word/media/a.png'
    >>> plain_name("../a")
    Traceback (most recent call last):
    ...
    sensorium.core.errors.DamagedFile: an archive with a name that leads out of it; unpack it ... and pack it anew
    """
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain) or ".." in plain.split("/") or "\0" in plain:
        raise DamagedFile("an archive with a name that leads out of it", remedy=PACK_ANEW)
    return plain


class _Directory(io.RawIOBase):
    """The stream as `zipfile` sees it: it reads the whole directory at once, so at once is limited."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream: BinaryIO = stream
        self._most = most

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise TooLarge("an archive whose directory is too long", remedy=UNPACK)
        return self._stream.read(size)


def _directory(stream: BinaryIO, settings: Settings, counter: Counter) -> list[zipfile.ZipInfo]:
    most = max(DIRECTORY_BYTES_PER_ENTRY * settings.archive_entries, 2 * STEP)
    try:
        with zipfile.ZipFile(_Directory(stream, most)) as file:
            entries = file.infolist()
    except (Refused, MemoryError):
        raise
    except Exception as error:  # zipfile lets struct, value, key, unicode and its own errors through
        raise _damaged() from error
    counter.add_entries(len(entries))
    return entries


def _check(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise UnknownType("it is encrypted", remedy="save it without a password and add it again")
    if entry.compress_type not in (STORED, DEFLATED):
        raise UnknownType("an archive that is packed in an unusual way", remedy=PACK_ANEW)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DamagedFile("an archive with a link in it", remedy=PACK_ANEW)
    plain_name(entry.filename)


def _ends(entries: list[zipfile.ZipInfo]) -> dict[int, int]:
    """Where the next entry, or nothing, follows each, by the offset of its header. Raises DamagedFile on overlaps.

    Entries that share their bytes are how 42 kB become petabytes without a layer in between.
    """
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [entry.header_offset for entry in ordered]
    ends = [*starts, 2**63][1:]
    for entry, end in zip(ordered, ends, strict=True):
        if entry.header_offset < 0 or entry.header_offset + LOCAL_HEADER.size + entry.compress_size > end:
            raise _overlapping()
    return dict(zip(starts, ends, strict=True))


def _damaged() -> DamagedFile:
    remedy = "open it in another program and save it anew, or restore it from its source"
    return DamagedFile("not a whole zip container", remedy=remedy)


def _overlapping() -> DamagedFile:
    return DamagedFile("an archive whose entries overlap", remedy=PACK_ANEW)
