"""From a file of any kind to the parts of a question: what is like this picture, sound, film or page?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sensorium.core.contents import Document, DraftPiece, ReadRequest, Track
from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Aspect, Modality, Preview
from sensorium.core.ports import GuardedReader
from sensorium.core.queries import QueryPart
from sensorium.search.asking.opening import opened_file, read_opened

MOST_PARTS = 8
"""Frames or windows of one file that a question is made of, spread over it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """What turns a file into a question: the guarded reader and what the encoder takes.

    request: what is made of the file; its first part alone is read, a minute of a film or a few pages. takes: the
    encoder's modalities. most_characters: of a text.
    """

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    request: ReadRequest
    takes: frozenset[Modality]
    most_characters: int

    def read(self, path: Path) -> tuple[list[QueryPart], Preview | None]:
        """The parts that the file stands for, with a weight of 1 in all, and a preview where there is one.

        A film asks by its frames, a sound by its windows, a document by its words or, where it has none, by its look.
        Raises BadInput when there is no such file or nothing in it that can be asked with, a `Refused` when it can not
        be read.
        """
        document = self._document(path, self.request)
        asking = [
            piece for piece in document.pieces if piece.aspect is not Aspect.SHOT and piece.modality in self.takes
        ]
        by_sense = {sense: [piece for piece in asking if piece.modality is sense] for sense in Modality}
        first = next((sense for sense in _order(document) if by_sense[sense]), None)
        if first is None:
            raise BadInput("nothing in it can be asked with", subject=str(path), remedy="ask in words")
        preview = next((piece.preview for piece in document.pieces if piece.preview), None)
        return self._parts(by_sense[first], path.name), preview

    def track(self, path: Path, rate: int) -> Track:
        """The sound of a recording, for what listens to speech. Raises what `read` raises."""
        track = self._document(path, replace(self.request, track_rate=rate, image_inputs=(), preview_side=0)).track
        if track is None:
            raise BadInput("there is no sound in it", subject=str(path), remedy="give a recording of the question")
        return track

    def _document(self, path: Path, request: ReadRequest) -> Document:
        with opened_file(path) as descriptor:
            return read_opened(descriptor, self.reader, self.recognise, request)

    def _parts(self, pieces: Sequence[DraftPiece], label: str) -> list[QueryPart]:
        if pieces[0].modality is Modality.TEXT:
            words = " ".join(piece.text or "" for piece in pieces)[: self.most_characters]
            if not words.strip():
                raise BadQuery("there are no words in it", subject=label, remedy="ask in words")
            return [QueryPart(modality=Modality.TEXT, content=words, label=label)]
        chosen = spread([piece for piece in pieces if piece.renditions], MOST_PARTS)
        return [
            QueryPart(modality=piece.modality, content=piece.renditions[0], weight=1 / len(chosen), label=label)
            for piece in chosen
        ]


def _order(document: Document) -> tuple[Modality, ...]:
    """The sense that a file asks by first of all."""
    if document.modality in (Modality.DOCUMENT, Modality.TEXT):
        return Modality.TEXT, Modality.IMAGE, Modality.AUDIO
    if document.modality is Modality.AUDIO:
        return Modality.AUDIO, Modality.IMAGE, Modality.TEXT
    return Modality.IMAGE, Modality.AUDIO, Modality.TEXT


def spread(values: Sequence[T], most: int) -> list[T]:
    """At most `most` of them, at even distances.

    >>> spread(range(10), 3), spread([1], 3)
    ([1, 5, 8], [1])
    """
    if len(values) <= most:
        return list(values)
    return [values[int((place + 0.5) * len(values) / most)] for place in range(most)]
