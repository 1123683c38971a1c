"""Opens archives as folders: zip and tar, packed or not, and single packed files, under one count of entries and bytes.

Nothing is written anywhere and nothing is held: what is in an archive passes through, a little at a time. Members that
are no plain files with a plain name are named with the reason why they are left out. For use in the guarded process
only.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from sensorium.core.contents import HEAD_BYTES
from sensorium.core.errors import DamagedFile, NotAFile, Refused, TooLarge
from sensorium.core.settings import Settings
from sensorium.readers.archives.unpacking import RESTORE, Unpacked
from sensorium.readers.archives.wire import MOST_NAME
from sensorium.readers.archives.zipped import STEP, UNPACK, Counter, Entry, Zipped, plain_name
from sensorium.readers.recognise import recognise

PACKED = frozenset({"application/gzip", "application/x-bzip2", "application/x-xz"})

ONLY_FILE = ""
"""The name of the one file that was packed by itself: formats that pack one file vouch for no name."""

MOST_HEADER = 1024 * 1024
"""Bytes that the headers of one member of a tar archive may have, and what headers say of all members: names and what
file systems note of a file fit in many times over."""

MOST_FACTS = 1_000
"""What headers may say of all members, in entries."""

BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPart:
    """Some bytes of a file in an archive; the parts of one file follow each other.

    name: its path in the archive. is_last: no more of it follow. refusal: why it is left out; what came of it before
    does not count.
    """

    name: str
    data: bytes = field(default=b"", repr=False)
    is_last: bool = False
    refusal: Refused | None = None


def members(stream: BinaryIO, settings: Settings) -> Iterator[MemberPart]:
    """The files in an archive, in its order. Raises TooLarge at a limit, DamagedFile, UnknownType: then all of it is
    refused.

    >>> import zipfile
    >>> data = io.BytesIO()
    >>> with zipfile.ZipFile(data, "w") as file:
    ...     file.writestr("notes/tea.txt", "Boil water.")
    >>> [(part.name, part.data, part.is_last) for part in members(data, Settings())]
    [('notes/tea.txt', b'Boil water.', False), ('notes/tea.txt', b'', True)]
    """
    counter, names = Counter(settings), _Names()
    stream.seek(0)
    kind = recognise(stream.read(HEAD_BYTES))
    stream.seek(0)
    if kind == "application/zip":
        yield from _zipped(Zipped(stream, settings, counter, as_folder=True), names)
    elif kind == "application/x-tar":
        yield from _tarred(stream, counter, names)
    elif kind in PACKED:
        yield from _unpacked(io.BufferedReader(Unpacked(stream, kind, counter), STEP), counter, names)
    else:
        raise DamagedFile("neither a zip nor a tar archive", remedy=UNPACK)


class _Names:
    """The names in an archive, each of which is there once."""

    def __init__(self) -> None:
        self._met: set[str] = set()

    def of_folder(self, name: str) -> str:
        """The path that a name leads to. Raises as `plain_name`, and DamagedFile where it leads to no file."""
        if len(name) > MOST_NAME:
            raise DamagedFile("an entry with a name that is too long", remedy=UNPACK)
        path = "/".join(part for part in plain_name(name).split("/") if part not in ("", "."))
        if not path:
            raise DamagedFile("an entry without a name", remedy=UNPACK)
        return path

    def enter(self, name: str) -> str:
        """The name, or as much of it as can be shown. Raises DamagedFile where it was there before."""
        name = name[:MOST_NAME].replace("\0", "") or "?"
        if name in self._met:
            raise DamagedFile("an archive with two entries of one name", remedy=UNPACK)
        self._met.add(name)
        return name


def _zipped(container: Zipped, names: _Names) -> Iterator[MemberPart]:
    """A member that is damaged is left out: the others do not depend on it."""
    for entry, refusal in container.left_out.items():
        yield MemberPart(name=names.enter(entry), refusal=refusal)
    for entry in container.names:
        try:
            name = names.of_folder(entry)
        except DamagedFile as refusal:
            yield MemberPart(name=names.enter(entry), refusal=refusal)
            continue
        names.enter(name)
        try:
            for data in container.stream(entry):
                yield MemberPart(name=name, data=data)
            yield MemberPart(name=name, is_last=True)
        except DamagedFile as refusal:
            yield MemberPart(name=name, refusal=refusal)


def _unpacked(stream: io.BufferedReader, counter: Counter, names: _Names) -> Iterator[MemberPart]:
    if stream.peek(BLOCK)[257:262] == b"ustar":
        yield from _tarred(stream, counter, names, is_counted=True)
        return
    counter.add_entries(1)
    counted = 0
    while data := stream.read(STEP):
        counted += len(data)
        if counted > counter.settings.archive_entry_bytes:
            raise _too_large(counter.settings)
        yield MemberPart(name=ONLY_FILE, data=data)
    yield MemberPart(name=ONLY_FILE, is_last=True)


class _Forward:
    """A stream that is read from front to back, as `tarfile` sees it. It reads headers whole, and holds them.

    last: what was read last.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0
        self._header_bytes = 0
        self.last = b""

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int) -> int:
        if offset < self._at:
            raise DamagedFile("a tar archive that goes back", remedy=RESTORE)
        while self._at < offset and self.content(min(STEP, offset - self._at)):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        """A part of a header. Raises TooLarge."""
        self._header_bytes += size
        if self._header_bytes > MOST_HEADER:
            raise _too_much_said()
        return self.content(size)

    def start_content(self) -> None:
        """The headers of one member were read."""
        self._header_bytes = 0

    def content(self, size: int) -> bytes:
        """What is not for `tarfile` to see."""
        self.last = self._stream.read(size)
        self._at += len(self.last)
        return self.last


def _tarred(stream: BinaryIO, counter: Counter, names: _Names, is_counted: bool = False) -> Iterator[MemberPart]:
    """The regular files of a tar archive. is_counted: their bytes are, where they unfold."""
    forward = _Forward(stream)
    try:
        with tarfile.open(fileobj=forward, mode="r:") as archive:  # type: ignore[call-overload]
            for entry in archive:
                archive.members.clear()  # it would remember each
                forward.start_content()
                _check_facts(archive.pax_headers)
                counter.add_entries(1)
                if not entry.isdir():
                    yield from _tar_member(forward, entry, names, None if is_counted else Entry(counter), counter)
        _check_end(forward)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # tarfile lets value, overflow, recursion and its own errors through
        raise _cut_off() from error


def _tar_member(
    forward: _Forward, entry: tarfile.TarInfo, names: _Names, counted: Entry | None, counter: Counter
) -> Iterator[MemberPart]:
    try:
        name = names.of_folder(entry.name)
        _check(entry, counter.settings)
    except Refused as refusal:
        yield MemberPart(name=names.enter(entry.name), refusal=refusal)
        return
    names.enter(name)
    left = entry.size
    while left:
        data = forward.content(min(STEP, left))
        if not data:
            raise _cut_off()
        left -= len(data)
        if counted is not None:
            counted.count(len(data), len(data))
        yield MemberPart(name=name, data=data)
    yield MemberPart(name=name, is_last=True)
    forward.content(-entry.size % BLOCK)


def _check(entry: tarfile.TarInfo, settings: Settings) -> None:
    if not entry.isreg() or entry.issparse():
        raise NotAFile("a link, device or sparse file", remedy="add regular files")
    if entry.size > settings.archive_entry_bytes:
        raise _too_large(settings)


def _check_facts(facts: Mapping[str, str]) -> None:
    """What global headers say is kept to the end."""
    if len(facts) > MOST_FACTS or sum(len(name) + len(value) for name, value in facts.items()) > MOST_HEADER:
        raise _too_much_said()


def _check_end(forward: _Forward) -> None:
    """A tar archive ends with two blocks of zeros (POSIX.1-2017, pax, "ustar Interchange Format"), and more zeros may
    follow. `tarfile` takes any end for one."""
    if forward.last != bytes(BLOCK) or forward.content(BLOCK) != bytes(BLOCK):
        raise _cut_off()
    while data := forward.content(STEP):
        if data.strip(b"\0"):
            raise DamagedFile("a tar archive with something behind its end", remedy=UNPACK)


def _too_much_said() -> TooLarge:
    return TooLarge("a tar archive whose headers are too long", remedy=UNPACK)


def _cut_off() -> DamagedFile:
    return DamagedFile("not a whole tar archive: it is damaged, or cut off", remedy=RESTORE)


def _too_large(settings: Settings) -> TooLarge:
    what = f"an entry of more than {settings.archive_entry_bytes} bytes"
    return TooLarge(what, remedy=f"{UNPACK}, or raise SENSORIUM_ARCHIVE_ENTRY_BYTES")
