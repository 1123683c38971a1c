"""Entries of a suite -> what the encoder takes of them, through the product's own reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sensorium.core.contents import Content, Document, ReadRequest
from sensorium.core.errors import BadInput, Refused
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, GuardedReader, IndexFactory
from sensorium.evaluation.tasks import Entry
from sensorium.search.asking.opening import opened_file, read_opened

TAKE_OUT = "take its rows out of the table, or mend the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPorts:
    """What an evaluation works through: the same that `add` and `search` use.

    recognise: the first bytes of a file -> its media type; raises a `Refused`.
    """

    encoder: Encoder
    indexes: IndexFactory
    reader: GuardedReader
    recognise: Callable[[bytes], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of an entry. page: from 1; what has no pages is page 1."""

    modality: Modality
    content: Content
    page: int = 1


def check_taken(entries: Iterable[Entry], encoder: Encoder) -> None:
    """Raises BadInput when the encoder takes no entries of one of the senses that are there."""
    able = encoder.modalities - ({Modality.IMAGE} if encoder.image_input is None else set())
    lacking = {entry.modality for entry in entries} - able - {Modality.DOCUMENT}
    if lacking:
        raise BadInput(
            f"this encoder takes no {', '.join(sorted(lacking))}, but {', '.join(sorted(able))}",
            subject=encoder.space.name,
            remedy="name one that does by SENSORIUM_ENCODER",
        )


def read_parts(entry: Entry, ports: EvaluationPorts) -> list[Part]:
    """The pieces of an entry, at least one. Raises BadInput for a file that is refused or of another sense."""
    if entry.text is not None:
        return [Part(modality=Modality.TEXT, content=entry.text)]
    document = _read(entry, ports)
    parts = [
        Part(modality=piece.modality, content=content, page=piece.place.page or 1)
        for piece in document.pieces
        if piece.modality in ports.encoder.modalities
        for content in (piece.renditions[0] if piece.renditions else piece.text,)
        if content is not None
    ]
    if entry.modality is not Modality.DOCUMENT:
        parts = [part for part in parts if part.modality is entry.modality]
    if not parts:
        expected = "picture" if entry.modality is Modality.IMAGE else f"{entry.modality} that this encoder takes"
        raise BadInput(f"this is no {expected}", subject=str(entry.path), remedy=TAKE_OUT)
    return parts


def _read(entry: Entry, ports: EvaluationPorts) -> Document:
    assert entry.path is not None, "an entry is a text or a file"
    wanted = ports.encoder.image_input
    request = ReadRequest(image_inputs=() if wanted is None else (wanted,), preview_side=0)
    try:
        with opened_file(entry.path) as descriptor:
            return read_opened(descriptor, ports.reader, ports.recognise, request)
    except Refused as error:
        raise BadInput(f"it was refused: {error.what}", subject=str(entry.path), remedy=TAKE_OUT) from None
