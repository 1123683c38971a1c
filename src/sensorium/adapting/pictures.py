"""The pictures of pairs: found below one folder, hashed, decoded in the guarded process."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, Pixels, ReadRequest, is_pixels
from sensorium.core.errors import DamagedFile, NotAFile, Refused, TooLarge
from sensorium.core.fingerprints import FINGERPRINT
from sensorium.core.items import Modality
from sensorium.core.ports import GuardedReader
from sensorium.ingest.discover import unreadable
from sensorium.ingest.opening import FileSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture as the encoder takes it. hash: sha256 (hex) of its file. fingerprint: as `core.fingerprints` says."""

    hash: str
    fingerprint: str
    pixels: Pixels = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Reads pictures. folder: what lies outside of it is not opened. largest: bytes of one."""

    folder: Path
    reader: GuardedReader
    recognise: Callable[[bytes], str]
    request: ReadRequest
    largest: int

    def read(self, name: str) -> Decoded:
        """The picture of this name. Raises a `Refused` for what is no picture in the folder, whatever the reason.

        A link is followed where its end lies in the folder, and nowhere else.
        """
        if name.startswith(("http://", "https://")):
            raise NotAFile("a link to elsewhere is not followed", remedy="keep the picture beside the table")
        try:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.folder):
                raise NotAFile("it lies outside of the folder of pictures", remedy="keep it in the folder, or below it")
            return self._decoded(path)
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that run in a circle
            refusal = unreadable(error) if isinstance(error, OSError) else NotAFile("it is no path", remedy="name one")
            raise refusal from None

    def _decoded(self, path: Path) -> Decoded:
        if not path.is_file():
            raise NotAFile("there is no such file", remedy="name a picture")
        with FileSystem().open(str(path)) as file:
            if file.size > self.largest:
                raise TooLarge(f"it has {file.size:,} bytes", remedy="raise SENSORIUM_FILE_BYTES")
            digest = file.sha256()
            media_type = self.recognise(os.pread(file.descriptor, HEAD_BYTES, 0))
            if not media_type.startswith("image/"):
                raise DamagedFile("it is no picture", remedy="name a picture")
            document = self.reader.read(file.descriptor, media_type, self.request)
            file.check_still()
        for piece in document.pieces:
            if piece.modality is Modality.IMAGE and piece.renditions and is_pixels(piece.renditions[0]):
                fingerprint = str(piece.attributes.get(FINGERPRINT, ""))
                return Decoded(hash=digest, fingerprint=fingerprint, pixels=piece.renditions[0])
        raise DamagedFile("it is no picture", remedy="name a picture")


def why(error: Refused) -> str:
    """What is told of a picture that was left out."""
    return error.what
