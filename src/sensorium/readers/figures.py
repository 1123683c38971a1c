"""Pictures inside documents: read as any picture is, each once, and what is left out is said."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import replace

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.errors import Refused
from sensorium.core.items import Aspect, Place
from sensorium.core.settings import Settings
from sensorium.readers.pictures.image import ImageReader
from sensorium.readers.recognise import recognise

KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

MOST_FIGURES = 200
"""Of one part of a document: what bounds its answer and its time."""

LEAST_SIDE = 24
"""Pixels: what is smaller is a bullet or a line."""

CAPTION_CHARACTERS = 500


class Figures:
    """Makes pieces of the pictures of one document, and remembers those it has seen."""

    def __init__(self, request: ReadRequest, settings: Settings) -> None:
        self._request = request
        self._settings = settings
        self._reader = ImageReader()
        self._seen: set[bytes] = set()
        self._left_out: Counter[str] = Counter()

    def piece(self, data: bytes, place: Place, caption: str = "") -> DraftPiece | None:
        """The piece of a picture; None for one that was there before, or is left out."""
        digest = hashlib.sha256(data).digest()
        if digest in self._seen:
            return None
        self._seen.add(digest)
        if len(self._seen) > MOST_FIGURES:
            self.leave_out(f"more than {MOST_FIGURES} pictures in one part of the document")
            return None
        try:
            media_type = recognise(data)
            if media_type not in KINDS:
                self.leave_out("not PNG, JPEG, GIF or WebP")
                return None
            document = self._reader.read(io.BytesIO(data), media_type, self._request, self._settings)
        except Refused as refusal:
            self.leave_out(refusal.what)
            return None
        if min(int(document.attributes["width"]), int(document.attributes["height"])) < LEAST_SIDE:
            self.leave_out(f"a side of less than {LEAST_SIDE} pixels")
            return None
        words = " ".join(caption.split())[:CAPTION_CHARACTERS]
        piece = document.pieces[0]
        attributes = {**piece.attributes, **({"caption": words} if words else {})}
        return replace(piece, place=place, aspect=Aspect.FIGURE, attributes=attributes, producer=document.reader)

    def leave_out(self, why: str) -> None:
        """Counts a picture that becomes no piece."""
        self._left_out[why] += 1

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each reason why pictures were left out.

        >>> figures = Figures(ReadRequest(), Settings())
        >>> figures.piece(b"<svg/>", Place()), figures.notes
        (None, ('1 picture left out: not PNG, JPEG, GIF or WebP',))
        """
        counts = self._left_out.items()
        return tuple(f"{count} picture{'s' * (count > 1)} left out: {why}" for why, count in counts)
