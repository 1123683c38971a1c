"""Encoders without a model, for tests of what stands on encoders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.contents import Content, ImageInput, Pixels, Role, is_pixels
from sensorium.core.details import DetailForm, Details
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Space, Vectors


class HashEncoder:
    """Texts that share words, and pictures that share colours, lie close; instant and the same everywhere.

    A text is the sum of one pseudo-random direction a word. A picture is the sum of the directions of the words for
    its mean colour ("red", "green", "blue", by the strongest channel) and of its pixels' hash, so that words find it.

    >>> encoder = HashEncoder(width=16)
    >>> red = np.full((2, 2, 3), (200, 10, 10), dtype=np.uint8)
    >>> words = encoder.encode(Modality.TEXT, ["red", "blue"], "query")
    >>> bool(np.argmax(words @ encoder.encode(Modality.IMAGE, [red], "piece")[0]) == 0)
    True
    """

    modalities = frozenset({Modality.TEXT, Modality.IMAGE})
    image_input = ImageInput(width=8, height=8)

    def __init__(self, width: int = 32, version: str = "1") -> None:
        digest = hashlib.sha256(f"hash {width} {version}".encode()).hexdigest()
        self.space = Space(name="hash", version=version, width=width, digest=digest)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        rows = [self._sum(self._words(modality, content)) for content in contents]
        return np.stack(rows) if rows else np.empty((0, self.space.width), dtype=np.float32)

    def verify(self) -> None:
        """Nothing to check: there is no model."""

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return Calibration(mean=0.0, deviation=1 / self.space.width**0.5, slope=1.0, bias=-3.0)

    def _words(self, modality: Modality, content: Content) -> list[str]:
        if modality is Modality.TEXT and isinstance(content, str):
            return content.lower().split() or [""]
        if modality is Modality.IMAGE and is_pixels(content):
            return [_colour(content), hashlib.sha256(content.tobytes()).hexdigest()]
        raise BadInput(f"a {modality} can not be a {type(content).__name__}", remedy="give a text or pixels")

    def _sum(self, words: Sequence[str]) -> Vectors:
        total = np.sum([self._direction(word) for word in words], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _direction(self, word: str) -> Vectors:
        return _direction(word, self.space.width)


class DetailedHashEncoder(HashEncoder):
    """A HashEncoder that also looks at the four quarters of a picture: each has the direction of its colour's word.

    details: their form; `cells` is 4.

    >>> encoder = DetailedHashEncoder()
    >>> half_red = np.full((8, 8, 3), (0, 0, 200), dtype=np.uint8)
    >>> half_red[:4] = (200, 0, 0)
    >>> _, (cells,) = encoder.encode_detailed(Modality.IMAGE, [half_red], "piece")
    >>> _, (words,) = encoder.encode_detailed(Modality.TEXT, ["red"], "query")
    >>> (words @ cells.T).round(1).tolist() == [[1, 1, *(words @ cells[2:].T).round(1)[0]]]
    True
    """

    def __init__(self, width: int = 32, version: str = "detailed 1", details: DetailForm | None = None) -> None:
        super().__init__(width, version)
        self.details: DetailForm | None = details or DetailForm(width=8, cells=4, weight=0.5)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        vectors = self.encode(modality, contents, role)
        if self.details is None or (modality, role) not in ((Modality.TEXT, "query"), (Modality.IMAGE, "piece")):
            return vectors, None
        return vectors, [self._rows(content, self.details.width) for content in contents]

    def row_spans(self, text: str) -> list[tuple[int, int]]:
        """The words that are split at blanks."""
        return [found.span() for found in re.finditer(r"\S+", text)]

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """After late interaction the curve is the one before it; for other looks there is none."""
        return self.calibration(asked, found) if looks == ("late",) else None

    def _rows(self, content: Content, width: int) -> Vectors:
        if isinstance(content, str):
            words = content.lower().split() or [""]
        else:
            halves = np.array_split(content, 2)
            words = [_colour(quarter) for half in halves for quarter in np.array_split(half, 2, axis=1)]
        rows = np.stack([_direction(word, width) for word in words])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _colour(pixels: Pixels) -> str:
    return ("red", "green", "blue")[int(np.argmax(pixels.mean(axis=(0, 1))))]


def _direction(word: str, width: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)
