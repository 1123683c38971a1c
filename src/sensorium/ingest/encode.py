"""Documents -> additions: pieces numbered, and one vector for each piece in every space that takes its modality.

Where an encoder gives details too, they come of the same forward and go with the vector.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from sensorium.core.contents import Addition, Content, Document, DraftPiece, ReadRequest
from sensorium.core.errors import PluginBroken
from sensorium.core.items import Item, Modality, Piece
from sensorium.core.ports import DetailedEncoder, Encoder
from sensorium.core.settings import Settings
from sensorium.core.spaces import Vectors, check_vectors

CONTENTS_AT_ONCE = 128
"""How much one call of an encoder is given: bounds its memory, and how long a stop waits."""


class Stopped(Exception):
    """The stop event was set before the batch was encoded; nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item to add and the document that its pieces are made of."""

    item: Item
    document: Document


@dataclass(slots=True)
class _Rows:
    """What one space holds of one draft, by ordinal."""

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


def read_request(encoders: Sequence[Encoder], settings: Settings) -> ReadRequest:
    """What readers are to make of each file so that all of these encoders can take it."""
    wanted = dict.fromkeys(encoder.image_input for encoder in encoders if encoder.image_input is not None)
    return ReadRequest(
        image_inputs=tuple(wanted),
        preview_side=settings.preview_side,
        chunk_characters=settings.chunk_characters,
        chunk_overlap=settings.chunk_overlap,
    )


def encode(
    drafts: Sequence[Draft], encoders: Sequence[Encoder], request: ReadRequest, stop: threading.Event
) -> list[Addition]:
    """One addition for each draft, encoded together.

    Raises Stopped when `stop` is set on the way, PluginBroken when an encoder does not keep to its port.
    """
    spaces = {encoder.space: _encode_space(drafts, encoder, request, stop) for encoder in encoders}
    return [
        Addition(
            item=draft.item,
            pieces=_pieces(draft),
            previews={n: p.preview for n, p in enumerate(draft.document.pieces) if p.preview is not None},
            vectors={space.id: rows[position].stacked(space.width) for space, rows in spaces.items()},
            covered={space.id: rows[position].covered for space, rows in spaces.items()},
            details={space.id: rows[position].details for space, rows in spaces.items() if rows[position].details},
        )
        for position, draft in enumerate(drafts)
    ]


def _pieces(draft: Draft) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            item_id=draft.item.id,
            ordinal=ordinal,
            modality=piece.modality,
            place=piece.place,
            producer=draft.document.reader,
            text=piece.text,
        )
        for ordinal, piece in enumerate(draft.document.pieces)
    )


def _encode_space(
    drafts: Sequence[Draft], encoder: Encoder, request: ReadRequest, stop: threading.Event
) -> list[_Rows]:
    """One for each draft."""
    rows = [_Rows() for _ in drafts]
    for modality in sorted(encoder.modalities):
        contents = _contents(drafts, modality, encoder, request)
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
    drafts: Sequence[Draft], modality: Modality, encoder: Encoder, request: ReadRequest
) -> Iterator[tuple[int, int, Content]]:
    """Position of the draft, ordinal of the piece, and what the encoder takes of it."""
    for position, draft in enumerate(drafts):
        for ordinal, piece in enumerate(draft.document.pieces):
            content = _content(piece, encoder, request) if piece.modality is modality else None
            if content is not None:
                yield position, ordinal, content


def _content(piece: DraftPiece, encoder: Encoder, request: ReadRequest) -> Content | None:
    if piece.modality is Modality.IMAGE and encoder.image_input is not None:
        return piece.renditions[request.image_inputs.index(encoder.image_input)]
    return piece.text


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
