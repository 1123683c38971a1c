"""Documents -> encoded parts -> additions: one vector for each piece in every space that takes its modality.

Where an encoder gives details too, they come of the same forward and go with the vector.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sensorium.core.contents import Addition, AudioInput, Content, Document, DraftPiece, ReadRequest
from sensorium.core.errors import PluginBroken
from sensorium.core.items import Item, Modality, Piece
from sensorium.core.ports import DetailedEncoder, Encoder, Perceiver, SoundEncoder
from sensorium.core.settings import Settings
from sensorium.core.spaces import Space, Vectors, check_vectors
from sensorium.ingest.parts import EncodedPart, Rows, bare

CONTENTS_AT_ONCE = 128
"""How much one call of an encoder is given: bounds its memory, and how long a stop waits."""


class Stopped(Exception):
    """The stop event was set before the batch was encoded; nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item to add and the document that its pieces are made of. start: where in its file that begins; the parts of a
    long file that come before are kept in the store."""

    item: Item
    document: Document
    start: float = 0.0


def read_request(encoders: Sequence[Encoder], perceivers: Sequence[Perceiver], settings: Settings) -> ReadRequest:
    """What readers are to make of each file so that all of these can take it."""
    pictures = dict.fromkeys(encoder.image_input for encoder in encoders if encoder.image_input is not None)
    sounds = dict.fromkeys(wanted for encoder in encoders if (wanted := _audio_input(encoder)) is not None)
    return ReadRequest(
        image_inputs=tuple(pictures),
        audio_inputs=tuple(sounds),
        preview_side=settings.preview_side,
        chunk_characters=settings.chunk_characters,
        chunk_overlap=settings.chunk_overlap,
        track_rate=max((perceiver.track_rate for perceiver in perceivers), default=0),
        scan_side=max((perceiver.scan_side for perceiver in perceivers), default=0),
    )


def encode(
    documents: Sequence[Document], encoders: Sequence[Encoder], request: ReadRequest, stop: threading.Event
) -> list[EncodedPart]:
    """One encoded part for each document, encoded together.

    Raises Stopped when `stop` is set on the way, PluginBroken when an encoder does not keep to its port.
    """
    spaces = {encoder.space.id: _encode_space(documents, encoder, request, stop) for encoder in encoders}
    spaces |= _brought(documents)
    return [
        EncodedPart(
            document=bare(document),
            pieces=tuple(_without_contents(piece, document) for piece in document.pieces),
            rows={space: rows[position] for space, rows in spaces.items()},
        )
        for position, document in enumerate(documents)
    ]


def addition(item: Item, part: EncodedPart, spaces: Iterable[Space]) -> Addition:
    """The item with everything that was made of it, numbered. spaces: all that may hold a vector of it."""
    widths = {space.id: space.width for space in spaces if space.id in part.rows}
    return Addition(
        item=item,
        pieces=tuple(_piece(item, ordinal, piece) for ordinal, piece in enumerate(part.pieces)),
        previews={n: piece.preview for n, piece in enumerate(part.pieces) if piece.preview is not None},
        vectors={space: part.rows[space].stacked(width) for space, width in widths.items()},
        covered={space: part.rows[space].covered for space in widths},
        details={space: part.rows[space].details for space in widths if part.rows[space].details},
    )


def _brought(documents: Sequence[Document]) -> dict[str, list[Rows]]:
    """By space, the vectors that pieces brought with them: one set of rows for each document."""
    spaces = sorted({space for document in documents for piece in document.pieces for space in piece.vectors})
    return {
        space: [
            Rows({n: piece.vectors[space] for n, piece in enumerate(document.pieces) if space in piece.vectors})
            for document in documents
        ]
        for space in spaces
    }


def _without_contents(piece: DraftPiece, document: Document) -> DraftPiece:
    return replace(piece, renditions=(), scan=None, vectors={}, producer=piece.producer or document.reader)


def _piece(item: Item, ordinal: int, piece: DraftPiece) -> Piece:
    return Piece(
        item_id=item.id,
        ordinal=ordinal,
        modality=piece.modality,
        place=piece.place,
        producer=piece.producer or item.lineage.reader,
        text=piece.text,
        aspect=piece.aspect,
        attributes=piece.attributes,
    )


def _encode_space(
    documents: Sequence[Document], encoder: Encoder, request: ReadRequest, stop: threading.Event
) -> list[Rows]:
    """One for each document."""
    rows = [Rows() for _ in documents]
    for modality in sorted(encoder.modalities):
        contents = _contents(documents, modality, encoder, request)
        while some := list(islice(contents, CONTENTS_AT_ONCE)):
            if stop.is_set():
                raise Stopped
            vectors, details = _checked(encoder, modality, [content for _, _, content in some])
            for (position, ordinal, _), vector in zip(some, vectors, strict=True):
                rows[position].vectors[ordinal] = vector
            for (position, ordinal, _), packed in zip(some, details, strict=False):
                rows[position].details[ordinal] = packed
    return rows


def _contents(
    documents: Sequence[Document], modality: Modality, encoder: Encoder, request: ReadRequest
) -> Iterator[tuple[int, int, Content]]:
    """Position of the document, ordinal of the piece, and what the encoder takes of it."""
    for position, document in enumerate(documents):
        for ordinal, piece in enumerate(document.pieces):
            content = _content(piece, encoder, request) if piece.modality is modality else None
            if content is not None:
                yield position, ordinal, content


def _content(piece: DraftPiece, encoder: Encoder, request: ReadRequest) -> Content | None:
    if piece.modality is Modality.TEXT:
        return piece.text
    if not piece.renditions:  # a shot: its vector is made of its frames'
        return None
    if piece.modality is Modality.AUDIO:
        return _sound(piece, encoder, request)
    if encoder.image_input is None:
        return None
    return piece.renditions[request.image_inputs.index(encoder.image_input)]


def _sound(piece: DraftPiece, encoder: Encoder, request: ReadRequest) -> Content | None:
    wanted = _audio_input(encoder)
    return None if wanted is None else piece.renditions[request.audio_inputs.index(wanted)]


def _audio_input(encoder: Encoder) -> AudioInput | None:
    return encoder.audio_input if isinstance(encoder, SoundEncoder) else None


def _checked(encoder: Encoder, modality: Modality, contents: Sequence[Content]) -> tuple[Vectors, list[bytes]]:
    """Vectors, and details as they are stored: one for each content, or none at all."""
    try:
        given, details = _forward(encoder, modality, contents)
        vectors = check_vectors(given, encoder.space.width)
        if len(vectors) != len(contents):
            raise ValueError(f"{len(vectors)} vectors for {len(contents)} contents")
        if details is not None and len(details) != len(contents):
            raise ValueError(f"details of {len(details)} for {len(contents)} contents")
    except ValueError as error:
        raise PluginBroken(
            f"the encoder's {modality} vectors are wrong: {error}",
            subject=encoder.space.id,
            remedy="mend or remove the plugin",
        ) from error
    return vectors, details or []


def _forward(encoder: Encoder, modality: Modality, contents: Sequence[Content]) -> tuple[Vectors, list[bytes] | None]:
    if not isinstance(encoder, DetailedEncoder) or encoder.details is None:
        return encoder.encode(modality, contents, "piece"), None
    form = encoder.details
    vectors, details = encoder.encode_detailed(modality, contents, "piece")
    return vectors, None if details is None else [form.pack(rows) for rows in details]
