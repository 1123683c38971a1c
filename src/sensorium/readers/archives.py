"""Opens archives as folders: zip and tar, packed or not, under one count of entries and bytes over all that is in them.

Nothing is written anywhere. A member that is an archive itself is opened too, to a depth of two; what lies deeper, or
is no regular file, is named with the reason why it is left out. For use in the guarded process only.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from sensorium.core.contents import HEAD_BYTES
from sensorium.core.errors import DamagedFile, NotAFile, Refused, TooLarge
from sensorium.core.settings import Settings
from sensorium.readers.recognise import recognise
from sensorium.readers.zipped import STEP, UNPACK, Counter, Entry, Zipped, plain_name

MOST_DEPTH = 2
"""An archive in an archive is opened, one in that is not."""

KINDS = frozenset({"application/zip", "application/x-tar", "application/gzip"})

RESTORE = "restore it from its source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in an archive. name: its path, through inner archives too ("a.zip/b.txt"). data: its bytes, or None
    where `refusal` says why they are left out."""

    name: str
    data: bytes | None = field(default=None, repr=False)
    refusal: Refused | None = None


def members(stream: BinaryIO, settings: Settings) -> Iterator[Member]:
    """Every file in an archive, in its order. Raises TooLarge at a limit, DamagedFile, UnknownType.

    >>> import zipfile
    >>> data = io.BytesIO()
    >>> with zipfile.ZipFile(data, "w") as file:
    ...     file.writestr("notes/tea.txt", "Boil water.")
    >>> [(member.name, member.data) for member in members(data, Settings())]
    [('notes/tea.txt', b'Boil water.')]
    """
    yield from _members(stream, "", 1, Counter(settings))


def _members(stream: BinaryIO, prefix: str, depth: int, counter: Counter) -> Iterator[Member]:
    for member in _opened(stream, counter):
        name = prefix + member.name
        if member.data is None or not _is_archive(member.data):
            yield Member(name=name, data=member.data, refusal=member.refusal)
        elif depth >= MOST_DEPTH:
            refusal = TooLarge(f"an archive within {depth} others", remedy=UNPACK)
            yield Member(name=name, refusal=refusal)
        else:
            yield from _members(io.BytesIO(member.data), f"{name}/", depth + 1, counter)


def _is_archive(data: bytes) -> bool:
    """Documents that are zip containers are told by their first entry, or by the reader that is given them."""
    try:
        kind = recognise(data[:HEAD_BYTES])
    except Refused:
        return False
    if kind == "application/zip":
        return b"_rels/.rels" not in data and b"META-INF/container.xml" not in data
    return kind in KINDS


def _opened(stream: BinaryIO, counter: Counter) -> Iterator[Member]:
    stream.seek(0)
    kind = recognise(stream.read(HEAD_BYTES))
    stream.seek(0)
    if kind == "application/zip":
        container = Zipped(stream, counter.settings, counter)
        return (Member(name=name, data=container.read(name)) for name in container.names)
    if kind == "application/gzip":
        return _gunzipped(stream, counter)
    if kind == "application/x-tar":
        return _tarred(stream, counter)
    raise DamagedFile("neither a zip nor a tar archive", remedy=UNPACK)


class _Unpacked(io.RawIOBase):
    """The bytes that a gzip stream (RFC 1952) unfolds to, counted; read from front to back only."""

    def __init__(self, stream: BinaryIO, counted: Entry) -> None:
        self._stream = stream
        self._counted = counted
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if not self._waiting:
                self._waiting = self._stream.read(STEP)
            if self._inflate.eof:
                # One file may follow another; zeros after the last are padding.
                self._waiting = (self._inflate.unused_data + self._waiting).lstrip(b"\0")
                if not self._waiting:
                    return 0
                self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                part = self._inflate.decompress(self._waiting, len(buffer))
            except zlib.error:
                raise DamagedFile("not a whole gzip archive", remedy=RESTORE) from None
            taken = len(self._waiting) - len(self._inflate.unconsumed_tail) - len(self._inflate.unused_data)
            ended = not (self._waiting or part or self._inflate.eof)
            self._waiting = self._inflate.unconsumed_tail
            self._counted.count(taken, len(part))
            if part:
                buffer[: len(part)] = part
                return len(part)
            if ended:
                raise DamagedFile("not a whole gzip archive", remedy=RESTORE)


def _gunzipped(stream: BinaryIO, counter: Counter) -> Iterator[Member]:
    """A packed tar archive; or the one file that was packed, without its name, which nobody vouches for."""
    unpacked = io.BufferedReader(_Unpacked(stream, Entry(counter, is_whole=True)), STEP)
    if unpacked.peek(512)[257:262] == b"ustar":
        yield from _tarred(unpacked, counter, is_counted=True)
    else:
        counter.add_entries(1)
        yield Member(name="content", data=_whole(unpacked, counter.settings.archive_entry_bytes))


def _tarred(stream: BinaryIO, counter: Counter, is_counted: bool = False) -> Iterator[Member]:
    """The regular files of a tar archive, read from front to back. is_counted: their bytes are, where they unfold."""
    names: set[str] = set()
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as archive:
            for entry in archive:
                counter.add_entries(1)
                if entry.isdir():
                    continue
                name = plain_name(entry.name).removeprefix("./")
                if name in names:
                    raise DamagedFile("an archive with two entries of one name", remedy=RESTORE)
                names.add(name)
                yield _tar_member(archive, entry, name, None if is_counted else Entry(counter), counter.settings)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
        raise DamagedFile("not a whole tar archive", remedy=RESTORE) from error


def _tar_member(
    archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, counted: Entry | None, settings: Settings
) -> Member:
    if not entry.isreg() or entry.issparse():
        return Member(name=name, refusal=NotAFile("a link, device or sparse file", remedy="add regular files"))
    if entry.size > settings.archive_entry_bytes:
        what = f"an entry of more than {settings.archive_entry_bytes} bytes"
        raise TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_ENTRY_BYTES")
    content = archive.extractfile(entry)
    assert content is not None
    data = content.read()
    if counted is not None:
        counted.count(len(data), len(data))
    return Member(name=name, data=data)


def _whole(stream: BinaryIO, most: int) -> bytes:
    data = stream.read(most + 1)
    if len(data) > most:
        raise TooLarge(f"an entry of more than {most} bytes", remedy=UNPACK)
    return data
