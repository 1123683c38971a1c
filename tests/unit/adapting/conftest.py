"""Pairs whose pictures are of one colour and whose texts are in words that the base does not know for colours."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sensorium.adapting.learn import Pairs
from sensorium.adapting.pictures import Gallery
from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile
from sensorium.core.fingerprints import FINGERPRINT
from sensorium.core.items import Modality, Place, Producer
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.testing.encoders import HashEncoder

WIDTH = 32


class PaintReader:
    """A file that holds "R G B" is a picture of that colour, with a fingerprint where a fourth word is; "broken"
    is refused."""

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        words = os.pread(descriptor, 100, 0).decode().split()
        if words[:1] == ["broken"]:
            raise DamagedFile("the picture ends early", remedy="get a whole copy")
        wanted = request.image_inputs[0]
        pixels = np.full((wanted.height, wanted.width, 3), [int(word) for word in words[:3]], dtype=np.uint8)
        attributes = {FINGERPRINT: words[3]} if len(words) > 3 else {}
        piece = DraftPiece(modality=Modality.IMAGE, place=Place(), renditions=(pixels,), attributes=attributes)
        made_by = Producer(name="paint", version="1")
        return Document(modality=Modality.IMAGE, media_type=media_type, title="", pieces=(piece,), reader=made_by)

    def close(self) -> None:
        """Nothing runs."""


class NoIndexes:
    """No suite is asked here."""

    adapter = "none/1"

    def create(self, space):
        raise NotImplementedError

    def load(self, path, space, stamp):
        raise NotImplementedError


@pytest.fixture
def ports() -> EvaluationPorts:
    return EvaluationPorts(
        encoder=HashEncoder(width=WIDTH), indexes=NoIndexes(), reader=PaintReader(), recognise=lambda head: "image/test"
    )


@pytest.fixture
def gallery(tmp_path: Path, ports: EvaluationPorts) -> Gallery:
    wanted = ports.encoder.image_input
    assert wanted is not None
    return Gallery(
        folder=tmp_path.resolve(),
        reader=ports.reader,
        recognise=ports.recognise,
        request=ReadRequest(image_inputs=(wanted,), preview_side=0),
        largest=1_000,
    )


Turned = Callable[..., Pairs]


@pytest.fixture
def turned() -> Turned:
    """Pairs whose pictures are their texts, turned by one rotation: what a linear adapter can learn."""

    def turned(count: int, seed: int = 0) -> Pairs:
        random = np.random.default_rng(seed)
        rotation, _ = np.linalg.qr(np.random.default_rng(99).standard_normal((WIDTH, WIDTH)))
        texts = _unit(random.standard_normal((count, WIDTH)))
        pictures = _unit(texts @ (np.eye(WIDTH) + 1.5 * rotation) + 0.1 * random.standard_normal((count, WIDTH)))
        numbers = np.arange(count)
        return Pairs(texts=texts, pictures=pictures, text_of=numbers, picture_of=numbers)

    return turned


def _unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
