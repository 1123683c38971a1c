"""Files while they are open: held to be what they were when they were opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sensorium.core.errors import ChangedWhileRead, NotAFile
from sensorium.core.receipts import Sighting

RACY_SECONDS = 2.0
"""A file written this shortly before it was seen may have been written again within the same tick of its file system
(FAT counts in steps of two seconds), so equal times prove nothing and it is hashed again."""

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpenFile:
    """descriptor: reads it. status: as it was when it was opened. modified_ns: of a file that was unpacked, that of its
    archive."""

    descriptor: int
    status: os.stat_result
    modified_ns: int

    @property
    def size(self) -> int:
        return self.status.st_size

    def is_unchanged(self, last: Sighting) -> bool:
        """Whether it is what it was when it was last seen, as far as size and time tell."""
        same = (self.size, self.modified_ns) == (last.size, last.modified_ns)
        return same and last.seen_at - last.modified_ns / 1e9 >= RACY_SECONDS

    def check_still(self) -> None:
        """Raises ChangedWhileRead."""
        now = os.fstat(self.descriptor)
        if (now.st_size, now.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns):
            raise _changed()

    def sha256(self) -> str:
        """Hex; stops at its size, so that a file that keeps growing does not keep us. Raises ChangedWhileRead."""
        digest = hashlib.sha256()
        left = self.size
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        while block := os.read(self.descriptor, _BLOCK):
            left -= len(block)
            if left < 0:
                break
            digest.update(block)
        if left != 0:
            raise _changed()
        return digest.hexdigest()


class Shelf(Protocol):
    """Where files are opened by their sources: the file system, or an archive that was unpacked.

    is_archive: whether what lies here lies in an archive.
    """

    is_archive: bool

    def open(self, source: str) -> AbstractContextManager[OpenFile]:
        """Raises OSError, or a `Refused`."""
        ...


class FileSystem:
    """Files by their paths."""

    is_archive = False

    @contextmanager
    def open(self, source: str) -> Iterator[OpenFile]:
        """Not a link, and without waiting for somebody to write into a pipe that took the file's place."""
        try:
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            if Path(source).is_symlink():
                raise NotAFile("it became a symbolic link", remedy="add its target by name") from None
            raise
        try:
            status = os.fstat(descriptor)
            yield OpenFile(descriptor, status, status.st_mtime_ns)
        finally:
            os.close(descriptor)


def _changed() -> ChangedWhileRead:
    return ChangedWhileRead("it changed while it was being read", remedy="add it again when nobody writes to it")
