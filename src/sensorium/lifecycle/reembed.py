"""Vectors of all that a library holds, made anew by another encoder, beside those that searches go on by.

Work is done in batches, each one transaction under the writer's lock and nothing between them, so that others add and
forget meanwhile. What is done is what the store holds: a run that ends early goes on where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.items import Aspect, Modality, Producer
from sensorium.core.ports import Encoder
from sensorium.core.reembedding import KeyedPiece, Lacking, ModelStore, Shortfall
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Vectors
from sensorium.core.store_ports import VectorStore
from sensorium.ingest.ahead import ahead
from sensorium.ingest.archives import Archives
from sensorium.ingest.encode import Stopped, encode
from sensorium.ingest.settle import unit_mean
from sensorium.lifecycle.reembed_reading import KeptReading, Ready, Shelves

BATCH = 64
"""Pieces of one transaction: what a kill costs at most, besides what is being read."""

AHEAD = 128
"""Pieces that are read before they are encoded."""

ITEMS_AT_ONCE = 16
LAST = 64
"""Pieces that may be left when the switch begins: they are done under the writer's lock."""

NOTHING_MADE = "the encoder makes nothing of it"
NO_FRAMES = "none of its frames could be taken over"

PRODUCER = Producer(name="reembed", version="1")
"""Of documents that are made of kept pieces to be encoded, and never stored."""


class EmbeddedStore(ModelStore, VectorStore, Protocol):
    """What re-embedding asks of a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What re-embedding works through.

    request: what the encoder wants of files. lock: the writer's, waited for as long as it takes; raises Stopped.
    """

    store: EmbeddedStore
    encoder: Encoder
    request: ReadRequest
    reading: KeptReading
    archives: Archives
    lock: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Pieces of one visible item that could not be taken over from its file. pieces: how many."""

    source: str
    why: str
    pieces: int


@dataclass(slots=True, kw_only=True)
class Done:
    """What a run has done, as far as the scope may see it. behind: by source and reason, how many pieces."""

    pieces: int = 0
    total: int = 0
    behind: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[Behind, ...]:
        """What could not be taken over, by source."""
        return tuple(Behind(source=s, why=why, pieces=n) for (s, why), n in sorted(self.behind.items()))


def nobody(done: int, total: int) -> None:
    """Nobody asked how it gets on."""


class Reembedding:
    """One run. told: called after each batch with how many visible pieces of how many are done.

    done: what it did. shortfall: what the switch left behind, set by whoever switches.
    """

    def __init__(
        self,
        scope: Scope,
        ports: Ports,
        stop: threading.Event,
        told: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self._scope, self._ports, self._stop, self._told = scope, ports, stop, told
        self._space = ports.encoder.space
        self._missed: set[int] = set()
        self.done = Done()
        self.shortfall = Shortfall(found=0, lost=0, others_found=0, others_lost=0)

    def fill(self) -> None:
        """Makes the vectors of everything that lacks one. Raises Stopped; what is done by then is kept."""
        visible, _ = self._ports.store.count_lacking(self._scope, self._space.id, self._modalities)
        self.done.total = self.done.pieces + visible
        self._pass(self._ports.lock)

    def is_nearly_full(self) -> bool:
        """Whether so little lacks a vector, besides what can have none, that it may be done under the lock."""
        _, everybody = self._ports.store.count_lacking(self._scope, self._space.id, self._modalities)
        return everybody - len(self._missed) <= LAST

    def catch_up(self) -> None:
        """What was added since, under the writer's lock, which the caller holds."""
        self._pass(nullcontext)

    # -- one pass over all items -------------------------------------------------------------------------------------

    def _pass(self, lock: Callable[[], AbstractContextManager[None]]) -> None:
        batch: list[_Work] = []
        with closing(ahead(self._work(), AHEAD)) as works:
            for work in works:
                batch.append(work)
                if sum(len(one.drafts) for one in batch) >= BATCH:
                    self._commit(batch, lock)
                    batch = []
        self._commit(batch, lock)

    def _work(self) -> Iterator[_Work]:
        """Pieces with what their vectors are made of, item by item; read in a thread of its own."""
        after = 0
        with Shelves(self._ports.archives) as shelves:
            while some := self._ports.store.lacking(
                self._scope, self._space.id, self._modalities, after, ITEMS_AT_ONCE
            ):
                for lacking in some:
                    yield from self._work_of(lacking, shelves)
                after = some[-1].number

    def _work_of(self, lacking: Lacking, shelves: Shelves) -> Iterator[_Work]:
        left = replace(lacking, pieces=tuple(self._unless_missed(one) for one in lacking.pieces))
        for found in self._ports.reading.pieces(left, shelves):
            if self._stop.is_set():
                return
            if isinstance(found, Ready):
                yield _Work(item=lacking, key=found.key, drafts=found.drafts)
            else:
                self._miss(lacking, found.key, found.why, is_made=found.stands_in)
        for shot in (one for one in left.wanting if one.piece.aspect is Aspect.SHOT):
            frames = tuple(one.key for one in _frames_in(shot, lacking.pieces))
            yield _Work(item=lacking, key=shot.key, frames=frames)

    def _unless_missed(self, one: KeyedPiece) -> KeyedPiece:
        return replace(one, lacks=False) if one.key in self._missed else one

    # -- one transaction ---------------------------------------------------------------------------------------------

    def _commit(self, batch: Sequence[_Work], lock: Callable[[], AbstractContextManager[None]]) -> None:
        if self._stop.is_set():
            raise Stopped
        if not batch:
            return
        vectors, details = self._encoded([work for work in batch if work.drafts])
        vectors |= self._pooled([work for work in batch if work.frames], vectors)
        for work in batch:
            if work.key not in vectors:
                self._miss(work.item, work.key, NOTHING_MADE if work.drafts else NO_FRAMES)
        with lock():
            self._ports.store.embed(self._space.id, vectors, details)
        self.done.pieces += sum(work.item.is_visible and work.key in vectors for work in batch)
        self._told(self.done.pieces, max(self.done.pieces, self.done.total))

    def _encoded(self, works: Sequence[_Work]) -> tuple[dict[int, Vectors], dict[int, bytes]]:
        """Vectors and details by key."""
        owners = [work.key for work in works for _ in work.drafts]
        drafts = tuple(draft for work in works for draft in work.drafts)
        document = Document(modality=Modality.TEXT, media_type="", title="", pieces=drafts, reader=PRODUCER)
        [part] = encode([document], (self._ports.encoder,), self._ports.request, self._stop)
        rows = part.rows[self._space.id]
        parts: dict[int, list[Vectors]] = {}
        for ordinal, vector in rows.vectors.items():
            parts.setdefault(owners[ordinal], []).append(vector)
        vectors = {key: own[0] if len(own) == 1 else unit_mean(own) for key, own in parts.items()}
        return vectors, {owners[n]: detail for n, detail in rows.details.items() if len(parts[owners[n]]) == 1}

    def _pooled(self, shots: Sequence[_Work], made: dict[int, Vectors]) -> dict[int, Vectors]:
        """The vectors of shots: the mean of those of their frames, as `ingest.settle` makes them."""
        frames = {frame for shot in shots for frame in shot.frames}
        known = self._ports.store.vectors_of(self._space.id, sorted(frames - made.keys())) if frames else {}
        known = {**known, **made}
        means = {shot.key: [known[frame] for frame in shot.frames if frame in known] for shot in shots}
        return {key: unit_mean(own) for key, own in means.items() if own}

    def _miss(self, lacking: Lacking, key: int, why: str, *, is_made: bool = False) -> None:
        if not is_made:
            self._missed.add(key)
        if lacking.is_visible:
            name = (lacking.item.lineage.source, why)
            self.done.behind[name] = self.done.behind.get(name, 0) + 1

    @property
    def _modalities(self) -> frozenset[Modality]:
        able = self._ports.encoder.modalities
        return able - {Modality.IMAGE} if self._ports.encoder.image_input is None else able


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One piece to be done. drafts: what its vector is made of; of a shot, keys of frames are it instead."""

    item: Lacking
    key: int
    drafts: tuple[DraftPiece, ...] = ()
    frames: tuple[int, ...] = ()


def _frames_in(shot: KeyedPiece, pieces: Sequence[KeyedPiece]) -> Iterator[KeyedPiece]:
    """The frames whose middle lies within the seconds of a shot."""
    start, end = shot.piece.place.seconds or (0.0, 0.0)
    for one in pieces:
        seconds = one.piece.place.seconds
        if one.piece.aspect is Aspect.FRAME and seconds is not None and start <= sum(seconds) / 2 <= end:
            yield one
