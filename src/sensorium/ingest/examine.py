"""What a walk found, looked at: opened without following links, hashed, and read where the library does not know it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from sensorium.core.contents import HEAD_BYTES, Document, ReadRequest
from sensorium.core.errors import ClosedArchive, EmptyFile, NotAFile, Refused, TooLarge
from sensorium.core.ports import GuardedReader
from sensorium.core.receipts import Refusal, Sighting
from sensorium.ingest.archives import Archives, unpacked
from sensorium.ingest.discover import Found, unreadable
from sensorium.ingest.opening import FileSystem, OpenFile, Shelf
from sensorium.ingest.sidecars import Sidecar, identity, is_joined, language_of, with_subtitles

SUBTITLE_TYPES = frozenset({"application/x-subrip", "text/vtt"})


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

    content_hash: of a film with subtitles beside it, that of all of them together (`sidecars.identity`). document: None
    where its content seemed to be in the library already; of a long file the last part. start: where in the file it
    begins; parts came before it where that is not 0. is_member: it lies in an archive, whose size and time are not
    said before all members of it were seen.
    """

    source: str
    content_hash: str
    size: int
    modified_ns: int
    seen_at: float
    document: Document | None = field(default=None, repr=False)
    start: float = 0.0
    sidecars: tuple[Sidecar, ...] = ()
    is_member: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """A part of a long file that is not its last one. start: where it begins, as it was asked for."""

    source: str
    content_hash: str
    start: float
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedArchive:
    """What follows is in this archive. files: how many lines that will be."""

    source: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArchive:
    """All that is in this archive was said. size, modified_ns, seen_at: of the archive, as it was while it was open."""

    source: str
    size: int
    modified_ns: int
    seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """How far a long file was read before. start: where to go on. header: what its first part said of it."""

    start: float
    header: Document


Verdict = Untouched | Rejected | Examined | ReadArchive
"""What becomes of a file."""

Step = Verdict | ReadPart | OpenedArchive
"""What is said of a file while it is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Examines files one after the other.

    sightings: by source, what may be skipped unread when it is unchanged. joined: by film, the subtitles that were last
    seen as a part of it. is_known: whether a content hash is in the library; a hint that saves reading, judged again
    before the commit. resume: how far a content was read before, None for not at all. clock: Unix seconds.
    """

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    request: ReadRequest
    largest: int
    sightings: Mapping[str, Sighting]
    is_known: Callable[[str], bool]
    resume: Callable[[str], Resumed | None]
    clock: Callable[[], float]
    joined: Mapping[str, frozenset[str]] = field(default_factory=dict)
    archives: Archives = field(default_factory=Archives)

    def examine(self, found: Found) -> Iterator[Step]:
        """What the file is; of a long one its parts come first, of an archive what is in it. Never raises `Refused` or
        OSError: both end as `Rejected`."""
        yield from self._looked_at(found, FileSystem())

    def _looked_at(self, found: Found, shelf: Shelf) -> Iterator[Step]:
        fitting = self._fitting(found, shelf)
        if fitting != found.sidecars:  # by their content some are no subtitles, or this is no film
            yield from self._looked_at(replace(found, sidecars=fitting), shelf)
            for source in found.sidecars:
                if source not in fitting:
                    yield from self._looked_at(Found(source=source), shelf)
            return
        try:
            if found.refused is not None:
                raise found.refused
            yield from self._opened(found, shelf)
            return
        except (OSError, Refused) as error:
            yield _rejected(found.source, error)
        for source in found.sidecars:  # of a film that can not be read: they can be found by themselves
            yield from self._looked_at(Found(source=source), shelf)

    def _opened(self, found: Found, shelf: Shelf) -> Iterator[Step]:
        last = self.sightings.get(found.source)
        seen_at = self.clock()
        with shelf.open(found.source) as file:
            self._check(file)
            if not shelf.is_archive and found.members is None and self.archives.may_open(found.source):
                known = self.archives.unchanged(found.source, file)
                if known is not None:
                    yield from _as_known(found.source, file, seen_at, *known)
                    return
            kept = {source for source in found.sidecars if self._is_kept(source, found.source, shelf)}
            sidecars, rejected = self._sidecars(found, kept, shelf)
            is_as_before = last is not None and file.is_unchanged(last) and not is_joined(last)
            if is_as_before and not sidecars and kept == self.joined.get(found.source, frozenset()):
                yield from (Untouched(source=source) for source in (found.source, *sorted(kept)))
            else:
                more, bad = self._sidecars(found, set(found.sidecars) - kept, shelf)
                sidecars, rejected = sidecars + more, rejected + bad
                yield from self._read_or_entered(found, file, shelf, seen_at, sidecars)
            yield from rejected

    def _read_or_entered(
        self, found: Found, file: OpenFile, shelf: Shelf, seen_at: float, sidecars: list[Sidecar]
    ) -> Iterator[Step]:
        try:
            for step in self._read(found.source, file, sidecars):
                yield step if isinstance(step, ReadPart) else replace(step, seen_at=seen_at, is_member=shelf.is_archive)
        except ClosedArchive:
            if shelf.is_archive:
                raise ClosedArchive("an archive in an archive", remedy="unpack it and add the files") from None
            if not self.archives.may_open(found.source):
                raise
            with unpacked(found.source, file, self.archives) as inside:
                entries = [entry for entry in inside.found() if found.members is None or entry.source in found.members]
                yield OpenedArchive(source=found.source, files=sum(1 + len(entry.sidecars) for entry in entries))
                for entry in entries:
                    yield from self._looked_at(entry, inside)
            yield ReadArchive(source=found.source, size=file.size, modified_ns=file.modified_ns, seen_at=seen_at)

    def _check(self, file: OpenFile) -> None:
        if not stat.S_ISREG(file.status.st_mode):
            raise NotAFile("it is not a regular file any more", remedy="add it again")
        if file.size == 0:
            raise EmptyFile("it is empty", remedy="nothing to do")
        if file.size > self.largest:
            raise TooLarge(
                f"it has {file.size:,} bytes, {self.largest:,} are allowed", remedy="raise SENSORIUM_FILE_BYTES"
            )

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read(self, source: str, file: OpenFile, sidecars: list[Sidecar]) -> Iterator[ReadPart | Examined]:
        """What one state of the file is, and its parts before that."""
        with _still(file):
            own_hash = file.sha256()
            content_hash = identity(own_hash, sidecars)
            document, start = self._first(source, file, content_hash)
        header = document
        while document is not None and document.next is not None:
            yield ReadPart(source=source, content_hash=content_hash, start=start, document=document)
            start = document.next
            document = self._following(file, start, header or document)
        yield Examined(
            source=source,
            content_hash=content_hash,
            size=file.size,
            modified_ns=file.modified_ns,
            seen_at=0.0,
            document=document and with_subtitles(document, own_hash, sidecars),
            start=start,
            sidecars=tuple(sidecars),
        )

    def _first(self, source: str, file: OpenFile, content_hash: str) -> tuple[Document | None, float]:
        """The part of the file that is not read yet, and where it starts; None where all of it is known."""
        last = self.sightings.get(source)
        if (last is not None and last.content_hash == content_hash) or self.is_known(content_hash):
            return None, 0.0
        resumed = self.resume(content_hash)
        if resumed:
            return self._following(file, resumed.start, resumed.header), resumed.start
        return self._document(file, 0.0), 0.0

    def _following(self, file: OpenFile, start: float, header: Document) -> Document:
        """The part from `start` on. What refuses it ends the file there: the parts before it are kept."""
        try:
            document = self._document(file, start)
        except Refused as refused:
            file.check_still()
            note = f"read up to {start:g} only: {refused.what}"
            return replace(header, pieces=(), track=None, next=None, notes=(note,))
        file.check_still()
        return document

    def _document(self, file: OpenFile, start: float) -> Document:
        document = self.reader.read(file.descriptor, self._kind(file), replace(self.request, start=start))
        if not (document.pieces or document.track or document.next is not None or start > 0):
            raise EmptyFile("nothing in it can be found", remedy="nothing to do")
        return document

    def _kind(self, file: OpenFile) -> str:
        return self.recognise(os.pread(file.descriptor, HEAD_BYTES, 0))

    # -- subtitles beside a film ---------------------------------------------------------------------------------------

    def _fitting(self, film: Found, shelf: Shelf) -> tuple[str, ...]:
        """The sidecars that are subtitles by their content; none where the film is no film."""
        if not film.sidecars or not self._kind_at(film.source, shelf).startswith("video/"):
            return ()
        return tuple(source for source in film.sidecars if self._kind_at(source, shelf) in SUBTITLE_TYPES)

    def _kind_at(self, source: str, shelf: Shelf) -> str:
        """ "" where it can not be told."""
        with suppress(OSError, Refused), shelf.open(source) as file:
            return self._kind(file)
        return ""

    def _is_kept(self, source: str, film: str, shelf: Shelf) -> bool:
        """Whether these subtitles are a part of the film already, and unchanged."""
        last = self.sightings.get(source)
        if last is None or source not in self.joined.get(film, ()):
            return False
        with suppress(OSError, Refused), shelf.open(source) as file:
            return file.is_unchanged(last)
        return False

    def _sidecars(self, film: Found, without: set[str], shelf: Shelf) -> tuple[list[Sidecar], list[Rejected]]:
        """The subtitles of a film as they are read, without some of them, and those that can not be."""
        read: list[Sidecar] = []
        rejected: list[Rejected] = []
        for source in film.sidecars:
            if source in without:
                continue
            try:
                read.append(self._sidecar(source, film.source, shelf))
            except (OSError, Refused) as error:
                rejected.append(_rejected(source, error))
        return read, rejected

    def _sidecar(self, source: str, film: str, shelf: Shelf) -> Sidecar:
        seen_at = self.clock()
        with shelf.open(source) as file:
            self._check(file)
            with _still(file):
                content_hash, document = file.sha256(), self._document(file, 0.0)
            return Sidecar(
                source=source,
                content_hash=content_hash,
                size=file.size,
                modified_ns=file.modified_ns,
                seen_at=seen_at,
                language=language_of(source, film),
                document=document,
            )


@contextmanager
def _still(file: OpenFile) -> Iterator[None]:
    """What is found wrong in a moving file is blamed on its moving."""
    try:
        yield
    except Refused:
        file.check_still()
        raise
    file.check_still()


def _as_known(
    archive: str, file: OpenFile, seen_at: float, held: Sequence[Sighting], refused: Sequence[Refusal]
) -> Iterator[Step]:
    """An unchanged archive: its members as they were."""
    yield OpenedArchive(source=archive, files=len(held) + len(refused))
    yield from (Untouched(source=seen.source) for seen in held)
    yield from (Rejected(source=old.source, code=old.code, reason=old.reason) for old in refused)
    yield ReadArchive(source=archive, size=file.size, modified_ns=file.modified_ns, seen_at=seen_at)


def _rejected(source: str, error: OSError | Refused) -> Rejected:
    refused = error if isinstance(error, Refused) else unreadable(error)
    return Rejected(source=source, code=refused.code, reason=refused.public)
