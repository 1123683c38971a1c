"""A library in memory and a reader without a child process; the same tests run over the real store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from sensorium.core.contents import Addition, Document, DraftPiece, Member, ReadRequest
from sensorium.core.errors import ClosedArchive, DamagedFile, WrongEncoding
from sensorium.core.items import Aspect, Item, Modality, Piece, Place, Preview, Producer, Rights
from sensorium.core.parts import KeptPart
from sensorium.core.ports import Perceiver
from sensorium.core.receipts import Receipt, ReceiptLine, Refusal, Sighting
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.ingest.options import IngestOptions, IngestPorts
from sensorium.ingest.pipeline import add, retry
from sensorium.readers.archives.opening import members
from sensorium.readers.archives.wire import Gathering, pack_part
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.documents import zipped
from sensorium.testing.encoders import HashEncoder

READER = Producer(name="reader.fake", version="1")
SUBTITLES = Producer(name="reader.subtitles.fake", version="1")
NOBODY = 65_534
OWNER = Scope.local_owner()


class MemoryStore:
    """What ingest needs of a store, in dictionaries."""

    def __init__(self) -> None:
        self.additions: dict[str, Addition] = {}
        self.seen: dict[str, Sighting] = {}
        self.refused: dict[str, Refusal] = {}
        self.kept: dict[tuple[str, str], dict[float, KeptPart]] = {}
        self.number = 0

    def commit(
        self,
        scope: Scope,
        *,
        additions: Sequence[Addition] = (),
        sightings: Sequence[Sighting] = (),
        refusals: Sequence[Refusal] = (),
        gone: Sequence[str] = (),
    ) -> int:
        for source in gone:
            self.seen.pop(source, None)
            self.refused.pop(source, None)
        for addition in additions:
            self.additions.setdefault(addition.item.id, addition)
            self.kept = {key: parts for key, parts in self.kept.items() if key[0] != addition.item.id}
        for sighting in sightings:
            assert sighting.item_id in self.additions, "a sighting of nothing"
            self.seen[sighting.source] = sighting
            self.refused.pop(sighting.source, None)
        self.refused |= {refusal.source: refusal for refusal in refusals}
        held = {sighting.item_id for sighting in self.seen.values()}
        self.additions = {id: addition for id, addition in self.additions.items() if id in held}
        self.number += 1
        return self.number

    def generation(self) -> int:
        return self.number

    def keep_part(self, item_id: str, recipe: str, part: KeptPart) -> None:
        self.kept.setdefault((item_id, recipe), {})[part.start] = part

    def parts(self, item_id: str, recipe: str) -> tuple[KeptPart, ...]:
        return tuple(part for _, part in sorted(self.kept.get((item_id, recipe), {}).items()))

    def items(self, scope: Scope, filter: object) -> Iterator[Item]:
        for addition in self.additions.values():
            sources = self.sources_of(scope, addition.item.id)
            kept = addition.item.lineage.source in sources
            content = addition.item.lineage.content_hash
            own = [source for source in sources if self.seen[source].content_hash == content]
            yield addition.item if kept else _at(addition.item, (own or sources)[0])

    def pieces_of(self, scope: Scope, item_id: str) -> tuple[Piece, ...]:
        return self.additions[item_id].pieces if item_id in self.additions else ()

    def previews(self, scope: Scope, piece_ids: Sequence[str]) -> dict[str, Preview]:
        made = ((a.pieces[n].id, preview) for a in self.additions.values() for n, preview in a.previews.items())
        return {id: preview for id, preview in made if id in piece_ids}

    def sightings(self, scope: Scope, under: str | None = None) -> Iterator[Sighting]:
        for source, sighting in sorted(self.seen.items()):
            if under is None or source == under or source.startswith(under.rstrip("/") + "/"):
                yield sighting

    def refusals(self, scope: Scope) -> Iterator[Refusal]:
        return iter(sorted(self.refused.values(), key=lambda refusal: (refusal.refused_at, refusal.source)))

    def known(self, scope: Scope, content_hash: str, rights: Rights) -> str | None:
        items = (addition.item for addition in self.additions.values())
        return next((i.id for i in items if i.lineage.content_hash == content_hash and i.rights == rights), None)

    def sources_of(self, scope: Scope, item_id: str) -> tuple[str, ...]:
        return tuple(sorted(source for source, sighting in self.seen.items() if sighting.item_id == item_id))


def _at(item: Item, source: str) -> Item:
    return replace(item, lineage=replace(item.lineage, source=source))


KINDS = {b"IMG": "image/png", b"FILM": "video/mp4", b"WEBVTT": "text/vtt", b"PK": "application/zip"}


def recognise(head: bytes) -> str:
    """Pictures of these tests begin with IMG, films with FILM, subtitles with WEBVTT; all else is text."""
    for magic, kind in KINDS.items():
        if head.startswith(magic):
            return kind
    try:
        head.decode()
    except UnicodeDecodeError:
        raise WrongEncoding("not UTF-8", remedy="convert it") from None
    return "text/plain"


@dataclass
class FakeReader:
    """A text is cut at blank lines; a picture is IMG and a colour's three bytes. before: called with each content."""

    before: Callable[[bytes], None] = lambda content: None
    read_contents: list[bytes] = field(default_factory=list)

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        content = os.pread(descriptor, 1 << 20, 0)
        self.before(content)
        self.read_contents.append(content)
        if media_type == "image/png":
            return _picture(content, request)
        if media_type == "application/zip":
            raise ClosedArchive("an archive", remedy="open it")
        if media_type in ("video/mp4", "text/vtt"):
            return _timed(content.decode(), media_type, request)
        if content.startswith(b"LONG\n"):
            return _long(content.decode().split("\n")[1:], int(request.start))
        parts = [part for part in content.decode().split("\n\n") if part.strip()]
        pieces = tuple(DraftPiece(modality=Modality.TEXT, place=Place(page=n + 1), text=p) for n, p in enumerate(parts))
        return Document(modality=Modality.TEXT, media_type=media_type, title="", pieces=pieces, reader=READER)

    def close(self) -> None:
        pass


@dataclass
class FakeUnpacker:
    """Takes archives apart in this process. opened: how many there were."""

    opened: int = 0

    def unpack(self, descriptor: int, into: IO[bytes]) -> tuple[Member, ...]:
        self.opened += 1
        gathering = Gathering(into, Settings())
        with open(descriptor, "rb", closefd=False) as stream:
            for part in members(stream, Settings()):
                head, body = pack_part(part)
                gathering.take(head, np.frombuffer(body, np.uint8))
        return tuple(gathering.members)


def _timed(text: str, media_type: str, request: ReadRequest) -> Document:
    """A film and subtitles are lines of a second each; a film that is LONG is read line by line."""
    magic, *lines = text.split("\n")
    is_film = media_type == "video/mp4"
    if not any(lines):
        raise DamagedFile("no line in it", remedy="mend it")
    start, is_long = int(request.start), is_film and magic == "FILM LONG"
    read = lines[start : start + 1] if is_long else lines
    aspect = Aspect.SPEECH if is_film else Aspect.SUBTITLE
    pieces = tuple(
        DraftPiece(modality=Modality.TEXT, place=Place(seconds=(start + n, start + n + 1)), text=line, aspect=aspect)
        for n, line in enumerate(read)
    )
    return Document(
        modality=Modality.VIDEO if is_film else Modality.TEXT,
        media_type=media_type,
        title="",
        pieces=pieces,
        reader=READER if is_film else SUBTITLES,
        next=float(start + 1) if is_long and start + 1 < len(lines) else None,
        length=float(len(lines)) if is_film else None,
    )


def _long(lines: list[str], start: int) -> Document:
    """A line is a part of its own and lasts a second; BAD is a line that can not be read."""
    line, last = lines[start], start + 1 >= len(lines)
    if line == "BAD":
        raise DamagedFile("the line is bad", remedy="mend it")
    piece = DraftPiece(modality=Modality.TEXT, place=Place(seconds=(start, start + 1)), text=line)
    return Document(
        modality=Modality.AUDIO,
        media_type="text/plain",
        title=line if start == 0 else "",
        pieces=(piece,) if line else (),
        reader=READER,
        attributes={"lines": str(len(lines))},
        next=None if last else float(start + 1),
        length=float(len(lines)),
    )


def _picture(content: bytes, request: ReadRequest) -> Document:
    if len(content) != 6:
        raise DamagedFile("it ends early", remedy="copy it again")
    colour = np.frombuffer(content[3:], dtype=np.uint8)
    renditions = tuple(np.tile(colour, (i.height, i.width, 1)) for i in request.image_inputs)
    preview = Preview(media_type="image/webp", width=1, height=1, data=content[3:], producer=READER)
    piece = DraftPiece(modality=Modality.IMAGE, place=Place(), renditions=renditions, preview=preview)
    return Document(modality=Modality.IMAGE, media_type="image/png", title="", pieces=(piece,), reader=READER)


@dataclass
class Bench:
    """A store, a reader and a folder of files, with `add` and `retry` over them. clock: 10 s after every file."""

    store: MemoryStore | SqliteStore
    folder: Path
    reader: FakeReader = field(default_factory=FakeReader)
    unpacker: FakeUnpacker = field(default_factory=FakeUnpacker)
    encoders: tuple[HashEncoder, ...] = (HashEncoder(),)
    perceivers: tuple[Perceiver, ...] = ()
    now: float = 2_000_000_000.0

    def add(self, *paths: Path, **choices: object) -> Receipt:
        return add(OWNER, self.ports, paths or [self.folder], self.options(**choices))

    def retry(self, **choices: object) -> Receipt:
        return retry(OWNER, self.ports, self.options(**choices))

    @property
    def ports(self) -> IngestPorts:
        return IngestPorts(
            items=self.store,
            sources=self.store,
            reader=self.reader,
            recognise=recognise,
            encoders=self.encoders,
            parts=self.store,
            perceivers=self.perceivers,
            unpacker=self.unpacker,
        )

    def options(self, **choices: object) -> IngestOptions:
        defaults = {"settings": Settings(batch_files=4), "clock": lambda: self.now}
        return IngestOptions(**{**defaults, **choices})

    def write(self, name: str, content: bytes | str, *, age: float = 10.0) -> Path:
        """A file that was last written `age` seconds before the bench's now."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (self.now - age, self.now - age))
        return path

    def lines(self, receipt: Receipt) -> list[tuple[str, str]]:
        """Name and outcome of every line."""
        return [(Path(line.source).name, str(line.outcome)) for line in receipt]

    def items(self) -> dict[str, Item]:
        """The store's items by the name of the file that they say they are from."""
        return {Path(item.lineage.source).name: item for item in self.store.items(OWNER, EVERYTHING)}

    def texts(self) -> set[str]:
        """What all text pieces in the store say."""
        pieces = (piece for item in self.items().values() for piece in self.store.pieces_of(OWNER, item.id))
        return {piece.text for piece in pieces if piece.text}

    def pack(self, name: str, files: dict[str, bytes | str], *, age: float = 10.0) -> Path:
        """An archive of these files."""
        return self.write(name, zipped(files), age=age)

    def below(self, receipt: Receipt) -> list[tuple[str, str]]:
        """Path in the folder and outcome of every line."""
        return [(line.source.removeprefix(f"{self.folder}/"), str(line.outcome)) for line in receipt]

    def refused(self) -> dict[str, str]:
        """The store's refusals: code by name of the file."""
        return {Path(refusal.source).name: refusal.code for refusal in self.store.refusals(OWNER)}


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """An empty library beside an empty folder."""
    folder = tmp_path / "files"
    folder.mkdir()
    if request.param == "memory":
        yield Bench(store=MemoryStore(), folder=folder)
        return
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(HashEncoder().space)
        yield Bench(store=store, folder=folder)


@pytest.fixture(scope="session")
def make_bench() -> Callable[[Path], Bench]:
    """Makes a bench in memory, in an empty folder."""

    def make(base: Path) -> Bench:
        folder = base / "files"
        folder.mkdir()
        return Bench(store=MemoryStore(), folder=folder)

    return make


@pytest.fixture
def unprivileged() -> Callable[[Path], AbstractContextManager[None]]:
    """Obeys permission bits inside the block, also where tests run as root."""
    return _unprivileged


@contextmanager
def _unprivileged(folder: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    closed = [parent for parent in folder.parents if not parent.stat().st_mode & 0o001]
    for parent in closed:
        parent.chmod(parent.stat().st_mode | 0o011)
    for path in (folder.parent, *folder.parent.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@dataclass
class Listener:
    """Remembers what progress was told."""

    counts: list[int] = field(default_factory=list)
    lines: list[ReceiptLine] = field(default_factory=list)
    reached: list[tuple[str, float, float | None]] = field(default_factory=list)

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        self.reached.append((Path(source).name, reached, length))

    def discovered(self, files: int) -> None:
        self.counts.append(files)

    def settled(self, line: ReceiptLine) -> None:
        self.lines.append(line)
