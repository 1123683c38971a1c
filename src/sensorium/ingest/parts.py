"""What is made of one part of a file: its pieces without their contents, and their vectors; as bytes and back."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.items import Aspect, Modality, Place, Preview, Producer
from sensorium.core.spaces import Vectors

HEAD = struct.Struct("!Q")
ROW = np.dtype("<f4")


@dataclass(slots=True)
class Rows:
    """What one space holds of one part, by ordinal."""

    vectors: dict[int, Vectors] = field(default_factory=dict)
    details: dict[int, bytes] = field(default_factory=dict)

    @property
    def covered(self) -> tuple[int, ...]:
        return tuple(sorted(self.vectors))

    def stacked(self, width: int) -> Vectors:
        """float32 [len(covered), width]."""
        if not self.vectors:
            return np.empty((0, width), dtype=np.float32)
        return np.stack([self.vectors[ordinal] for ordinal in self.covered])

    def renumbered(self, numbers: dict[int, int]) -> Rows:
        """The rows of the ordinals in `numbers`, by their new ordinals."""
        return Rows(
            {numbers[old]: vector for old, vector in self.vectors.items() if old in numbers},
            {numbers[old]: detail for old, detail in self.details.items() if old in numbers},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPart:
    """One part, encoded. document: what it is, without its pieces and its track. pieces: without contents, each with
    its producer. rows: by space id."""

    document: Document
    pieces: tuple[DraftPiece, ...]
    rows: dict[str, Rows] = field(repr=False)


def joined(parts: Sequence[EncodedPart]) -> EncodedPart:
    """All parts as one, numbered on. Title, attributes and reader are those of the first part; notes are of all."""
    pieces: list[DraftPiece] = []
    rows: dict[str, Rows] = {}
    for part in parts:
        shifted = {ordinal: ordinal + len(pieces) for ordinal in range(len(part.pieces))}
        for space, found in part.rows.items():
            moved, target = found.renumbered(shifted), rows.setdefault(space, Rows())
            target.vectors |= moved.vectors
            target.details |= moved.details
        pieces += part.pieces
    notes = tuple(dict.fromkeys(note for part in parts for note in part.document.notes))
    return EncodedPart(document=replace(parts[0].document, next=None, notes=notes), pieces=tuple(pieces), rows=rows)


def bare(document: Document) -> Document:
    """What a document is, without its pieces and its track."""
    return replace(document, pieces=(), track=None)


def pack(part: EncodedPart) -> bytes:
    """The part as bytes: a head of JSON, then previews, vectors and details."""
    body: list[bytes] = []
    pieces = [_piece_fields(piece) for piece in part.pieces]
    body += [piece.preview.data for piece in part.pieces if piece.preview]
    spaces = {}
    for space, rows in part.rows.items():
        details = sorted(rows.details.items())
        width = len(next(iter(rows.vectors.values()))) if rows.vectors else 0
        spaces[space] = [rows.covered, width, [[ordinal, len(detail)] for ordinal, detail in details]]
        body.append(rows.stacked(width).astype(ROW).tobytes())
        body += [detail for _, detail in details]
    document = part.document
    fields = {
        "modality": document.modality,
        "media_type": document.media_type,
        "title": document.title,
        "reader": _producer_fields(document.reader),
        "attributes": dict(document.attributes),
        "length": document.length,
        "notes": document.notes,
    }
    head = json.dumps({"document": fields, "pieces": pieces, "spaces": spaces}).encode()
    return b"".join([HEAD.pack(len(head)), head, *body])


def unpack(state: bytes) -> EncodedPart:
    """The inverse of `pack`."""
    (length,) = HEAD.unpack_from(state)
    head = json.loads(state[HEAD.size : HEAD.size + length])
    blobs = _Blobs(state, HEAD.size + length)
    pieces = tuple(_piece(fields, blobs) for fields in head["pieces"])
    rows = {space: _rows(fields, blobs) for space, fields in head["spaces"].items()}
    fields = head["document"]
    document = Document(
        modality=Modality(fields["modality"]),
        media_type=fields["media_type"],
        title=fields["title"],
        pieces=(),
        reader=_producer(fields["reader"]),
        attributes=fields["attributes"],
        length=fields["length"],
        notes=tuple(fields["notes"]),
    )
    return EncodedPart(document=document, pieces=pieces, rows=rows)


class _Blobs:
    """Takes bytes from front to back."""

    def __init__(self, state: bytes, start: int) -> None:
        self._state, self._at = state, start

    def take(self, size: int) -> bytes:
        self._at += size
        return self._state[self._at - size : self._at]


def _piece_fields(piece: DraftPiece) -> list[Any]:
    preview = piece.preview
    return [
        piece.modality,
        piece.place.as_json(),
        piece.text,
        piece.aspect,
        dict(piece.attributes),
        piece.producer and _producer_fields(piece.producer),
        preview
        and [preview.media_type, preview.width, preview.height, len(preview.data), _producer_fields(preview.producer)],
    ]


def _piece(fields: list[Any], blobs: _Blobs) -> DraftPiece:
    modality, place, text, aspect, attributes, producer, preview = fields
    return DraftPiece(
        modality=Modality(modality),
        place=Place.from_json(place),
        text=text,
        aspect=Aspect(aspect),
        attributes=attributes,
        producer=producer and _producer(producer),
        preview=preview and _preview(preview, blobs),
    )


def _preview(fields: list[Any], blobs: _Blobs) -> Preview:
    media_type, width, height, size, producer = fields
    data = blobs.take(size)
    return Preview(media_type=media_type, width=width, height=height, data=data, producer=_producer(producer))


def _rows(fields: list[Any], blobs: _Blobs) -> Rows:
    covered, width, details = fields
    vectors = np.frombuffer(blobs.take(len(covered) * width * ROW.itemsize), ROW).reshape(len(covered), width)
    return Rows(
        dict(zip(covered, vectors.astype(np.float32), strict=True)),
        {ordinal: blobs.take(size) for ordinal, size in details},
    )


def _producer_fields(producer: Producer) -> list[str]:
    return [producer.name, producer.version, producer.digest]


def _producer(fields: Sequence[str]) -> Producer:
    name, version, digest = fields
    return Producer(name=name, version=version, digest=digest)


def inside(piece: DraftPiece, pieces: Sequence[DraftPiece]) -> Iterator[int]:
    """Ordinals of the frames that lie within the seconds of a shot."""
    start, end = piece.place.seconds or (0.0, 0.0)
    for ordinal, other in enumerate(pieces):
        if other.aspect is Aspect.FRAME and other.place.seconds is not None:
            middle = sum(other.place.seconds) / 2
            if start <= middle <= end:
                yield ordinal
