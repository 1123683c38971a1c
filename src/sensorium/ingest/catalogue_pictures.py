"""The pictures of a catalogue's rows: found below one folder, hashed, and read in the guarded process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, NotAFile, Refused, TooLarge
from sensorium.core.items import Modality, Producer
from sensorium.ingest.catalogue_rows import Cell
from sensorium.ingest.catalogue_texts import text_pieces, words_of
from sensorium.ingest.catalogue_types import LIST_SIGN
from sensorium.ingest.discover import unreadable
from sensorium.ingest.opening import FileSystem
from sensorium.ingest.options import IngestPorts

MOST_PICTURES = 50
"""Of one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it was when it was hashed. hash: sha256 (hex) of its bytes."""

    path: str
    hash: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Finds and reads pictures. folder: what lies outside of it is not opened. largest: bytes of one."""

    ports: IngestPorts
    request: ReadRequest
    folder: Path
    largest: int

    def named(self, cells: Sequence[Cell]) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
        """The pictures that the cells of a row name, and why others are left out."""
        found: list[Picture] = []
        reasons: list[str] = []
        for name in _names(cells):
            try:
                found.append(self._picture(name))
            except OSError as error:
                reasons.append(f"{name}: {unreadable(error).what}")
            except (Refused, ValueError) as error:
                reasons.append(f"{name}: {error.what if isinstance(error, Refused) else 'no path'}")
        return tuple(found), tuple(reasons)

    def document(
        self, pictures: Sequence[Picture], title: str, words: str, reader: Producer, request: ReadRequest
    ) -> Document:
        """A row as it is encoded: its pictures, then its text. What can not be read is left out, with a note."""
        pieces: list[DraftPiece] = []
        notes: list[str] = []
        for picture in pictures:
            try:
                pieces += self._read(picture)
            except OSError as error:
                notes.append(f"{os.path.basename(picture.path)}: {unreadable(error).what}")  # noqa: PTH119
            except Refused as refused:
                notes.append(f"{os.path.basename(picture.path)}: {refused.what}")  # noqa: PTH119
        modality = Modality.IMAGE if pieces else Modality.TEXT
        pieces += text_pieces(words, request.chunk_characters)
        return Document(
            modality=modality, media_type="", title=title, pieces=tuple(pieces), reader=reader, notes=tuple(notes)
        )

    def _picture(self, name: str) -> Picture:
        if name.startswith(("http://", "https://")):
            raise NotAFile("a link is not followed", remedy="keep the picture beside the catalogue")
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder):
            raise NotAFile("it lies outside of the folder of pictures", remedy="name the folder that holds them all")
        with FileSystem().open(str(path)) as file:
            if not path.is_file():
                raise NotAFile("it is no file", remedy="name a picture")
            if file.size > self.largest:
                raise TooLarge(f"it has {file.size:,} bytes", remedy="raise SENSORIUM_FILE_BYTES")
            if file.size == 0:
                raise EmptyFile("it is empty", remedy="nothing to do")
            return Picture(path=str(path), hash=file.sha256(), size=file.size)

    def _read(self, picture: Picture) -> list[DraftPiece]:
        with FileSystem().open(picture.path) as file:
            media_type = self.ports.recognise(os.pread(file.descriptor, HEAD_BYTES, 0))
            if not media_type.startswith("image/"):
                raise DamagedFile("it is no picture", remedy="name a picture")
            document = self.ports.reader.read(file.descriptor, media_type, self.request)
            file.check_still()
        if document.modality is not Modality.IMAGE:
            raise DamagedFile("it is no picture", remedy="name a picture")
        return [replace(piece, producer=piece.producer or document.reader) for piece in document.pieces]


def _names(cells: Sequence[Cell]) -> list[str]:
    """Paths, each once."""
    names: list[str] = []
    for cell in cells:
        entries = cell if isinstance(cell, list) else str(cell or "").split(LIST_SIGN)
        names += [entry.strip() for entry in entries if isinstance(entry, str) and words_of(entry)]
    return list(dict.fromkeys(names))[:MOST_PICTURES]
