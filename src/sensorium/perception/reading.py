"""The perceiver of writing: pictures, frames and scanned pages -> the texts on them, with their boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.errors import ExtraMissing
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.core.spaces import Space
from sensorium.perception.writing import (
    PRODUCER,
    Block,
    Box,
    WritingOptions,
    WritingRecogniser,
    as_text,
    available,
    reading_order,
)

LEAST_LETTERS = 3
"""Letters and digits in all, below which what was read is no text that anybody would look for."""


class WritingPerceiver:
    """Fits the port `Perceiver`. The process that reads is started when there is something to read."""

    track_rate = 0
    spaces: tuple[Space, ...] = ()

    def __init__(self, settings: Settings, recogniser: WritingRecogniser | None = None) -> None:
        self.scan_side = settings.writing_side
        self.producer: Producer = PRODUCER
        self._characters = settings.chunk_characters
        self._strict = settings.sandbox == "strict"
        self._options = WritingOptions(threads=settings.threads or WritingOptions().threads, side=settings.writing_side)
        self._recogniser = recogniser

    @classmethod
    def load(cls, settings: Settings, *, required: bool = False, voices: object = None) -> WritingPerceiver | None:
        """None where the settings do not want it or what reads is missing; required: then ExtraMissing."""
        missing = available()
        if missing is not None and required:
            raise ExtraMissing("writing can not be read here", remedy=missing)
        return cls(settings) if missing is None and (required or settings.writing) else None

    def perceive(self, document: Document) -> Sequence[DraftPiece]:
        """Texts on the pictures that have a scan. What stays on the screen from frame to frame is one text.

        Raises what `WritingRecogniser.read` raises.
        """
        found: list[DraftPiece] = []
        for piece in document.pieces:
            for text in self._written(piece):
                if found and text.text == found[-1].text and _follows(found[-1], text):
                    found[-1] = _prolonged(found[-1], text)
                else:
                    found.append(text)
        return found

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        """Fits the port; the whole tells nothing more."""
        return pieces

    def close(self) -> None:
        """Ends the process that reads."""
        if self._recogniser is not None:
            self._recogniser.close()

    def _written(self, piece: DraftPiece) -> Iterator[DraftPiece]:
        if piece.scan is None:
            return
        if self._recogniser is None:
            self._recogniser = WritingRecogniser.load(self._options, strict=self._strict)
        height, width = piece.scan.shape[:2]
        blocks = reading_order(self._recogniser.read(piece.scan), aspect=width / height)
        for some in _chunks(blocks, self._characters if piece.aspect is Aspect.PAGE else None):
            text = as_text(some)
            if sum(map(str.isalnum, text)) >= LEAST_LETTERS:
                place = Place(seconds=piece.place.seconds, page=piece.place.page, box=_around(some))
                yield DraftPiece(
                    modality=Modality.TEXT, place=place, text=text, aspect=Aspect.WRITING, producer=self.producer
                )


def _chunks(blocks: Sequence[Block], characters: int | None) -> Iterator[list[Block]]:
    """Blocks in order, some together of about so many characters; None keeps all together."""
    some: list[Block] = []
    for block in blocks:
        if some and characters is not None and len(as_text([*some, block])) > characters:
            yield some
            some = []
        some.append(block)
    if some:
        yield some


def _around(blocks: Sequence[Block]) -> Box:
    boxes = [line.box for block in blocks for line in block]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _follows(earlier: DraftPiece, later: DraftPiece) -> bool:
    return earlier.place.seconds is not None and later.place.seconds is not None


def _prolonged(earlier: DraftPiece, later: DraftPiece) -> DraftPiece:
    assert earlier.place.seconds is not None
    assert later.place.seconds is not None
    seconds = (earlier.place.seconds[0], later.place.seconds[1])
    return replace(earlier, place=Place(seconds=seconds, box=earlier.place.box))
