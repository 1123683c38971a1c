"""Archives opened as folders: unpacked into a file that has no name, and handed out member by member."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO

from sensorium.core.contents import Member
from sensorium.core.errors import EmptyFile, Excluded, Refused, WriteFailed
from sensorium.core.ports import Unpacker
from sensorium.core.receipts import PENDING_NS, WITHIN, Refusal, Sighting
from sensorium.ingest.discover import Found, check_name
from sensorium.ingest.opening import OpenFile
from sensorium.ingest.sidecars import paired
from sensorium.ingest.sources import folder_of, name_of, shown, title_of

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """How archives are gone about.

    unpacker: None opens none. opens: whether this one may be opened. scratch: the folder of the disk that members are
    unpacked to; None for the system's. held: by archive, the members that are known. refused: by archive, what was
    refused of it and in it.
    """

    unpacker: Unpacker | None = None
    opens: Callable[[str], bool] = lambda source: False
    scratch: Path | None = None
    held: Mapping[str, Sequence[Sighting]] = field(default_factory=dict)
    refused: Mapping[str, Sequence[Refusal]] = field(default_factory=dict)

    def may_open(self, source: str) -> bool:
        """Whether a file is opened where it turns out to be an archive."""
        return self.unpacker is not None and self.opens(source)

    def unchanged(self, archive: str, file: OpenFile) -> tuple[list[Sighting], list[Refusal]] | None:
        """The known members and the refused ones of an archive that is as it was; None where it has to be opened.

        Members get the archive's size and time when all of them were seen, so one that has them says that none is
        missing. What was refused by its name alone is refused again; anything else is tried once more.
        """
        refused = [old for old in self.refused.get(archive, ()) if old.source != archive or old.code != "archive"]
        if any(old.source == archive or old.code != Excluded.code for old in refused):
            return None
        held = self.held.get(archive, ())
        if any(seen.modified_ns == PENDING_NS for seen in held):
            return None
        current = [seen for seen in held if file.is_unchanged(seen)]
        return (current, refused) if current else None


@contextmanager
def unpacked(archive: str, file: OpenFile, archives: Archives) -> Iterator[Unpacked]:
    """An open archive, unpacked. Raises a `Refused` where it is not opened, WriteFailed where there is no room."""
    assert archives.unpacker is not None
    if os.path.lexists(archive + WITHIN[0]):
        name = shown(name_of(archive))
        raise Excluded(f"a folder {name}! beside it would have the same names in it", remedy="rename one of the two")
    with _unnamed(archives.scratch) as spool:
        try:
            members = archives.unpacker.unpack(file.descriptor, spool)
        except Refused:
            file.check_still()
            raise
        except OSError as error:
            raise _no_room(archive, error) from error
        file.check_still()
        if not members:
            raise EmptyFile("an archive without files", remedy="nothing to do")
        yield Unpacked(archive, members, spool, file.modified_ns, archives.scratch)


class Unpacked:
    """The members of one archive, each a file of its own while it is open. A `Shelf`.

    They lie in a file without a name, which is gone when it is closed, whatever becomes of this process.
    """

    is_archive = True

    def __init__(
        self, archive: str, members: Sequence[Member], spool: IO[bytes], modified_ns: int, scratch: Path | None
    ) -> None:
        alone = title_of(archive) or "content"
        self._archive = archive
        self._members = {archive + WITHIN + (member.name or alone): member for member in members}
        self._spool = spool
        self._modified_ns = modified_ns
        self._scratch = scratch

    def found(self) -> list[Found]:
        """What there is to look at, as a walk over a folder would find it: sorted, hidden folders by one line."""
        entries: dict[str, Found] = {}
        for source, member in self._members.items():
            entry = Found(source=source, refused=member.refusal) if member.refusal else self._as_walked(source)
            entries.setdefault(entry.source, entry)
        good = sorted(entry.source for entry in entries.values() if entry.refused is None)
        around = {folder: list(sources) for folder, sources in groupby(sorted(good, key=folder_of), key=folder_of)}
        return paired(sorted(entries.values(), key=lambda entry: entry.source), lambda folder: around.get(folder, []))

    def _as_walked(self, source: str) -> Found:
        """The member, or the first folder on the way to it that a walk would leave out."""
        end = len(self._archive) + len(WITHIN)
        while end < len(source):
            end = source.find("/", end + 1)
            end = len(source) if end < 0 else end
            try:
                check_name(source[:end])
            except Excluded as refused:
                return Found(source=source[:end], refused=Excluded(refused.what, remedy="unpack it to add it"))
        return Found(source=source)

    @contextmanager
    def open(self, source: str) -> Iterator[OpenFile]:
        """A copy of the member. Raises WriteFailed."""
        member = self._members[source]
        with _unnamed(self._scratch) as file:
            try:
                self._copy(member, file)
            except OSError as error:
                raise _no_room(source, error) from error
            yield OpenFile(file.fileno(), os.fstat(file.fileno()), self._modified_ns)

    def _copy(self, member: Member, file: IO[bytes]) -> None:
        self._spool.seek(member.start)
        left = member.size
        while left:
            block = self._spool.read(min(_BLOCK, left))
            left -= file.write(block)
        file.flush()


def _unnamed(folder: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def _no_room(subject: str, error: OSError) -> WriteFailed:
    remedy = "make room beside the library, then add it again"
    return WriteFailed(f"it can not be unpacked ({error.strerror})", subject=subject, remedy=remedy)
