"""What an encoder takes of pieces that are kept: texts as they are stored, everything else read again from its file.

Pieces stay what they are. A picture is known again by what it shows and where; a sound that was made of several windows
has all windows that lie in it.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, Document, DraftPiece, ReadRequest
from sensorium.core.errors import Refused
from sensorium.core.items import Aspect, Modality, Place
from sensorium.core.ports import GuardedReader
from sensorium.core.receipts import CATALOGUE, JOINED
from sensorium.core.reembedding import KeyedPiece, Lacking
from sensorium.ingest.archives import Archives, unpacked
from sensorium.ingest.discover import unreadable
from sensorium.ingest.opening import FileSystem, OpenFile, Shelf
from sensorium.ingest.sources import archive_of

TOUCH = 1e-6
"""Seconds by which the ends of a window may lie outside of its piece: places went through text and back."""

GONE = "its file is not there, or another one by now"
NO_PATHS = "of a catalogue's pictures no paths are kept"
CHANGED = "the file is read in another way now: this piece was not met again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What the vector of one piece is made of: the mean of what these give, mostly of one alone."""

    key: int
    drafts: tuple[DraftPiece, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A piece whose file gives nothing any more, and why. stands_in: whether its small picture does."""

    key: int
    why: str
    stands_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReading:
    """Reads pieces again. request: what the new encoder wants. previews: of keys, where a small picture may stand in
    for a file that is gone; None where none may. scratch: the folder that archives are unpacked to."""

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    request: ReadRequest
    scratch: Path | None = None
    previews: Callable[[list[int]], dict[int, bytes]] | None = None

    def pieces(self, lacking: Lacking, shelves: Shelves) -> Iterator[Ready | Missed]:
        """What is to be had of the pieces that lack a vector; shots are left out, since theirs comes of their frames'.

        Each piece comes once, in no certain order.
        """
        for one in lacking.wanting:
            if one.piece.modality is Modality.TEXT:
                yield Ready(key=one.key, drafts=(_text(one),))
        rest = {
            one.key: one
            for one in lacking.wanting
            if one.piece.modality is not Modality.TEXT and one.piece.aspect is not Aspect.SHOT
        }
        if not rest:
            return
        why = GONE
        try:
            for ready in self._read(lacking, rest, shelves):
                del rest[ready.key]
                yield ready
            why = CHANGED
        except (OSError, Refused) as error:
            why = (error if isinstance(error, Refused) else unreadable(error)).what
        except _NoFile as none:
            why = str(none)
        yield from self._instead(list(rest.values()), why)

    def _read(self, lacking: Lacking, rest: dict[int, KeyedPiece], shelves: Shelves) -> Iterator[Ready]:
        with shelves.opened(lacking) as file:
            media_type = self.recognise(os.pread(file.descriptor, HEAD_BYTES, 0))
            pictures, sounds = _Pictures(lacking), _Sounds(list(rest.values()))
            start: float | None = 0.0
            while start is not None and rest:
                document = self.reader.read(file.descriptor, media_type, replace(self.request, start=start))
                file.check_still()
                found = [*pictures.met(document), *sounds.met(document)]
                yield from (ready for ready in found if ready.key in rest)
                start = document.next

    def _instead(self, left: list[KeyedPiece], why: str) -> Iterator[Ready | Missed]:
        pictures = [one.key for one in left if one.piece.modality is Modality.IMAGE]
        small = self.previews(pictures) if self.previews is not None and pictures else {}
        for one in left:
            draft = self._small(small[one.key]) if one.key in small else None
            if draft is not None:
                yield Ready(key=one.key, drafts=(draft,))
                why_so = f"{why}; taken from its small picture"
                yield Missed(key=one.key, why=why_so, stands_in=True)
            else:
                yield Missed(key=one.key, why=why)

    def _small(self, data: bytes) -> DraftPiece | None:
        with tempfile.TemporaryFile(dir=self.scratch) as file:
            file.write(data)
            file.flush()
            with suppress(Refused):
                document = self.reader.read(file.fileno(), self.recognise(data[:HEAD_BYTES]), self.request)
                return next((piece for piece in document.pieces if piece.renditions), None)
        return None


class _NoFile(Exception):
    """Nothing to read a piece from."""


class Shelves:
    """Opens the files of items where they were seen, as long as they are what was added. Keeps the last archive open.

    To be closed: used in a `with` block.
    """

    def __init__(self, archives: Archives) -> None:
        self._archives = archives
        self._files = FileSystem()
        self._open = ExitStack()
        self._archive: tuple[str, Shelf] | None = None

    def __enter__(self) -> Shelves:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @contextmanager
    def opened(self, lacking: Lacking) -> Iterator[OpenFile]:
        """The first file of the item that is what it was. Raises OSError, a `Refused`, _NoFile."""
        sources = [seen for seen in lacking.sightings if not seen.content_hash.startswith(JOINED)]
        if sources and all(seen.source.startswith(CATALOGUE) for seen in sources):
            raise _NoFile(NO_PATHS)
        wanted = str(lacking.item.attributes.get("film_hash", lacking.item.lineage.content_hash))
        for seen in sources:
            with ExitStack() as kept:
                try:
                    file = kept.enter_context(self._shelf(seen.source).open(seen.source))
                    is_same = file.is_unchanged(seen) or file.sha256() == wanted
                except (OSError, Refused, KeyError):  # not there, no archive any more, not in the archive
                    continue
                if is_same:
                    yield file
                    return
        raise _NoFile(GONE)

    def _shelf(self, source: str) -> Shelf:
        archive = archive_of(source)
        if archive is None:
            return self._files
        if self._archive is None or self._archive[0] != archive:
            self._open.close()
            self._archive = None
            file = self._open.enter_context(self._files.open(archive))
            self._archive = (archive, self._open.enter_context(unpacked(archive, file, self._archives)))
        return self._archive[1]


class _Pictures:
    """Pictures that are met again, known by aspect and place; those that share both, by their order."""

    def __init__(self, lacking: Lacking) -> None:
        self._waiting: dict[tuple[Aspect, Place], deque[int]] = {}
        for one in lacking.pieces:
            if one.piece.modality is Modality.IMAGE:
                self._waiting.setdefault((one.piece.aspect, one.piece.place), deque()).append(one.key)

    def met(self, document: Document) -> Iterator[Ready]:
        """Those of one part of the file."""
        for draft in document.pieces:
            waiting = self._waiting.get((draft.aspect, draft.place)) if draft.modality is Modality.IMAGE else None
            if waiting:
                key = waiting.popleft()
                if draft.renditions:
                    yield Ready(key=key, drafts=(_bare(draft),))


class _Sounds:
    """Sounds that are met again: each has the windows that lie in it, else the one that shares most with it."""

    def __init__(self, wanting: list[KeyedPiece]) -> None:
        self._windows: dict[int, list[DraftPiece]] = {}
        self._nearest: dict[int, tuple[float, DraftPiece]] = {}
        sounds = [one for one in wanting if one.piece.modality is Modality.AUDIO]
        places = ((one.key, one.piece.place.seconds) for one in sounds if one.piece.place.seconds is not None)
        self._places = dict(sorted(places, key=lambda place: place[1]))

    def met(self, document: Document) -> Iterator[Ready]:
        """Those that end in this part of the file, or before; all that are left in the last part."""
        for draft in document.pieces:
            if draft.modality is Modality.AUDIO and draft.renditions and draft.place.seconds is not None:
                self._sort(draft, draft.place.seconds)
        for key, (_, end) in list(self._places.items()):
            if document.next is None or end <= document.next:
                del self._places[key]
                windows = self._windows.pop(key, None) or [window for _, window in self._nearest_of(key)]
                if windows:
                    yield Ready(key=key, drafts=tuple(windows))

    def _nearest_of(self, key: int) -> list[tuple[float, DraftPiece]]:
        return [self._nearest.pop(key)] if key in self._nearest else []

    def _sort(self, draft: DraftPiece, window: tuple[float, float]) -> None:
        for key, (start, end) in self._places.items():
            if start > window[1]:
                break
            shared = min(end, window[1]) - max(start, window[0])
            if window[0] >= start - TOUCH and window[1] <= end + TOUCH:
                self._windows.setdefault(key, []).append(draft)
            elif shared > 0 and shared > self._nearest.get(key, (0.0, draft))[0]:
                self._nearest[key] = (shared, draft)


def _bare(draft: DraftPiece) -> DraftPiece:
    """Without what no encoder takes: many of them wait to be encoded."""
    return replace(draft, scan=None, preview=None)


def _text(one: KeyedPiece) -> DraftPiece:
    return DraftPiece(modality=Modality.TEXT, place=one.piece.place, text=one.piece.text, aspect=one.piece.aspect)
