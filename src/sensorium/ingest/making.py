"""Documents -> what is committed: perceived, encoded, kept part by part where they are long, and settled."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import SensoriumError, StoreDamaged
from sensorium.core.parts import KeptPart
from sensorium.core.spaces import Vectors
from sensorium.ingest.encode import Draft, encode
from sensorium.ingest.examine import ReadPart, Resumed
from sensorium.ingest.options import IngestPorts
from sensorium.ingest.parts import EncodedPart, joined, pack, unpack
from sensorium.ingest.settle import settled


class Making:
    """Makes encoded items of documents, with the perceivers and encoders of one run."""

    def __init__(self, ports: IngestPorts, request: ReadRequest, stop: threading.Event) -> None:
        self._ports = ports
        self._request = request
        self._stop = stop
        self._recipe = _recipe(ports, request)

    def keep(self, part: ReadPart, item_id: str) -> None:
        """Encodes one part of a long file and keeps it until the last one is there."""
        [made] = self._encoded([part.document])
        assert part.document.next is not None
        kept = KeptPart(start=part.start, next=part.document.next, state=pack(made))
        self._ports.parts.keep_part(item_id, self._recipe, kept)

    def resume(self, item_id: str) -> Resumed | None:
        """How far a file was kept by an earlier run."""
        kept = self._ports.parts.parts(item_id, self._recipe)
        return Resumed(start=kept[-1].next, header=unpack(kept[0].state).document) if kept else None

    def make(self, drafts: Sequence[Draft]) -> list[tuple[Draft, EncodedPart]]:
        """Each draft with all that was made of it; title and attributes are those of its first part.

        Raises StoreDamaged where the parts of a long file are not all there.
        """
        made = self._encoded([draft.document for draft in drafts])
        return [self._finished(draft, part) for draft, part in zip(drafts, made, strict=True)]

    def _finished(self, draft: Draft, last: EncodedPart) -> tuple[Draft, EncodedPart]:
        if not draft.start:
            return draft, self._settled(last)
        kept = [part for part in self._ports.parts.parts(draft.item.id, self._recipe) if part.start < draft.start]
        if not kept or kept[-1].next != draft.start:
            raise StoreDamaged(
                "the first parts of a long file are gone", subject=draft.item.lineage.source, remedy="add it again"
            )
        whole = self._settled(joined([*(unpack(part.state) for part in kept), last]))
        item = replace(
            draft.item,
            title=whole.document.title or draft.item.title,
            attributes={**draft.item.attributes, **whole.document.attributes},
        )
        return replace(draft, item=item), whole

    def _settled(self, part: EncodedPart) -> EncodedPart:
        """The whole item, once more looked at by what perceived its parts."""
        pieces = tuple(replace(piece, vectors=_brought(part, n)) for n, piece in enumerate(part.pieces))
        for perceiver in self._ports.perceivers:
            pieces = tuple(perceiver.conclude(pieces))
        return settled(replace(part, pieces=tuple(replace(piece, vectors={}) for piece in pieces)))

    def _encoded(self, documents: Sequence[Document]) -> list[EncodedPart]:
        perceived = [self._perceived(document) for document in documents]
        return encode(perceived, self._ports.encoders, self._request, self._stop)

    def _perceived(self, document: Document) -> Document:
        """The document with what its contents say. A perceiver that fails leaves a note, and what was read stays."""
        pieces, notes = list(document.pieces), list(document.notes)
        for perceiver in self._ports.perceivers:
            try:
                pieces += perceiver.perceive(document)
            except SensoriumError as error:
                notes.append(f"{type(perceiver).__name__} failed: {error.what}")
        return replace(document, pieces=tuple(pieces), track=None, notes=tuple(notes))


def _brought(part: EncodedPart, ordinal: int) -> dict[str, Vectors]:
    """The vectors of one piece by space."""
    return {space: rows.vectors[ordinal] for space, rows in part.rows.items() if ordinal in rows.vectors}


def _recipe(ports: IngestPorts, request: ReadRequest) -> str:
    """Changes with everything that decides what parts are made of: the request, the encoders, the perceivers."""
    spaces = [encoder.space.id for encoder in ports.encoders]
    perceivers = [perceiver.producer for perceiver in ports.perceivers]
    return hashlib.sha256(repr((request, spaces, perceivers)).encode()).hexdigest()[:32]
