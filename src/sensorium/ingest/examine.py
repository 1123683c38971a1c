"""One file, looked at: opened without following links, hashed, and read where the library does not know it yet."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, Document, ReadRequest
from sensorium.core.errors import ChangedWhileRead, EmptyFile, NotAFile, Refused, TooLarge
from sensorium.core.ports import GuardedReader
from sensorium.core.receipts import Sighting
from sensorium.ingest.discover import Found, unreadable

RACY_SECONDS = 2.0
"""A file written this shortly before it was seen may have been written again within the same tick of its file system
(FAT counts in steps of two seconds), so equal times prove nothing and it is hashed again."""

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Untouched:
    """The file is as it was last seen: not read."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The file is not added. code, reason: of the `Refused` that was raised."""

    source: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The file as it was while it was open.

    document: None where its content seemed to be in the library already; of a long file the last part.
    start: where in the file it begins; parts came before it where that is not 0.
    """

    source: str
    content_hash: str
    size: int
    modified_ns: int
    seen_at: float
    document: Document | None = field(default=None, repr=False)
    start: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """A part of a long file that is not its last one. start: where it begins, as it was asked for."""

    source: str
    content_hash: str
    start: float
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """How far a long file was read before. start: where to go on. header: what its first part said of it."""

    start: float
    header: Document


Verdict = Untouched | Rejected | Examined
"""What becomes of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Examines files one after the other.

    sightings: by source, what may be skipped unread when it is unchanged. is_known: whether a content hash is in the
    library; a hint that saves reading, judged again before the commit. resume: how far a content was read before, None
    for not at all. clock: Unix seconds.
    """

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    request: ReadRequest
    largest: int
    sightings: Mapping[str, Sighting]
    is_known: Callable[[str], bool]
    resume: Callable[[str], Resumed | None]
    clock: Callable[[], float]

    def examine(self, found: Found) -> Iterator[ReadPart | Verdict]:
        """What the file is; of a long one its parts come first. Never raises `Refused` or OSError: both end as
        `Rejected`."""
        try:
            if found.refused is not None:
                raise found.refused
            yield from self._opened(found)
            return
        except OSError as error:
            refused: Refused = unreadable(error)
        except Refused as error:
            refused = error
        yield Rejected(source=found.source, code=refused.code, reason=refused.public)

    def _opened(self, found: Found) -> Iterator[ReadPart | Verdict]:
        last = self.sightings.get(found.source)
        seen_at = self.clock()
        descriptor = _open(found.source)
        try:
            before = os.fstat(descriptor)
            self._check(before)
            if last is not None and _is_unchanged(before, last):
                yield Untouched(source=found.source)
                return
            content_hash, document, start = self._read(descriptor, before, last)
            header = document
            while document is not None and document.next is not None:
                yield ReadPart(source=found.source, content_hash=content_hash, start=start, document=document)
                start = document.next
                document = self._following(descriptor, before, start, header or document)
        finally:
            os.close(descriptor)
        yield Examined(
            source=found.source,
            content_hash=content_hash,
            size=before.st_size,
            modified_ns=before.st_mtime_ns,
            seen_at=seen_at,
            document=document,
            start=start,
        )

    def _check(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile("it is not a regular file any more", remedy="add it again")
        if status.st_size == 0:
            raise EmptyFile("it is empty", remedy="nothing to do")
        if status.st_size > self.largest:
            raise TooLarge(
                f"it has {status.st_size:,} bytes, {self.largest:,} are allowed", remedy="raise SENSORIUM_FILE_BYTES"
            )

    def _read(
        self, descriptor: int, before: os.stat_result, last: Sighting | None
    ) -> tuple[str, Document | None, float]:
        """Hash and document of one state of the file, and where in it the document starts.

        What is found wrong in a moving file is blamed on its moving.
        """
        try:
            content_hash = _hash(descriptor, before.st_size)
            same = last is not None and last.content_hash == content_hash
            if same or self.is_known(content_hash):
                return content_hash, None, 0.0
            resumed = self.resume(content_hash)
            if resumed:
                document = self._following(descriptor, before, resumed.start, resumed.header)
                return content_hash, document, resumed.start
            document = self._document(descriptor, 0.0)
        except Refused:
            _check_still(descriptor, before)
            raise
        _check_still(descriptor, before)
        return content_hash, document, 0.0

    def _following(self, descriptor: int, before: os.stat_result, start: float, header: Document) -> Document:
        """The part from `start` on. What refuses it ends the file there: the parts before it are kept."""
        try:
            document = self._document(descriptor, start)
        except Refused as refused:
            _check_still(descriptor, before)
            note = f"read up to {start:g} only: {refused.what}"
            return replace(header, pieces=(), track=None, next=None, notes=(note,))
        _check_still(descriptor, before)
        return document

    def _document(self, descriptor: int, start: float) -> Document:
        media_type = self.recognise(os.pread(descriptor, HEAD_BYTES, 0))
        document = self.reader.read(descriptor, media_type, replace(self.request, start=start))
        if not (document.pieces or document.track or document.next is not None or start > 0):
            raise EmptyFile("nothing in it can be found", remedy="nothing to do")
        return document


def _open(source: str) -> int:
    """Not a link, and without waiting for somebody to write into a pipe that took the file's place."""
    try:
        return os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        if Path(source).is_symlink():
            raise NotAFile("it became a symbolic link", remedy="add its target by name") from None
        raise


def _is_unchanged(status: os.stat_result, last: Sighting) -> bool:
    same = (status.st_size, status.st_mtime_ns) == (last.size, last.modified_ns)
    return same and last.seen_at - last.modified_ns / 1e9 >= RACY_SECONDS


def _hash(descriptor: int, size: int) -> str:
    """sha256 (hex) of the content; stops at `size`, so that a file that keeps growing does not keep us."""
    digest = hashlib.sha256()
    left = size
    while block := os.read(descriptor, _BLOCK):
        left -= len(block)
        if left < 0:
            break
        digest.update(block)
    if left != 0:
        raise _changed()
    return digest.hexdigest()


def _check_still(descriptor: int, before: os.stat_result) -> None:
    now = os.fstat(descriptor)
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _changed()


def _changed() -> ChangedWhileRead:
    return ChangedWhileRead("it changed while it was being read", remedy="add it again when nobody writes to it")
