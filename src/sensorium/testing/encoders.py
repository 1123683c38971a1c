"""An encoder without a model, for tests of what stands on encoders."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.contents import Content, ImageInput, Role
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
        if modality is Modality.IMAGE and isinstance(content, np.ndarray):
            colour = ("red", "green", "blue")[int(np.argmax(content.mean(axis=(0, 1))))]
            return [colour, hashlib.sha256(content.tobytes()).hexdigest()]
        raise BadInput(f"a {modality} can not be a {type(content).__name__}", remedy="give a text or pixels")

    def _sum(self, words: Sequence[str]) -> Vectors:
        total = np.sum([self._direction(word) for word in words], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _direction(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
        return np.random.default_rng(seed).standard_normal(self.space.width).astype(np.float32)
