"""Captioned pictures of one colour each, and a reader that makes them without any decoder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile
from sensorium.core.items import Modality, Place, Producer
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.testing.encoders import HashEncoder

Lay = Callable[..., Path]


class PaintReader:
    """A file that holds "R G B" is a picture of that colour; one that holds "broken" is refused."""

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        words = os.pread(descriptor, 100, 0).decode().split()
        if words == ["broken"]:
            raise DamagedFile("the picture ends early", remedy="get a whole copy")
        wanted = request.image_inputs[0]
        colour = tuple(int(word) for word in words)
        pixels = np.full((wanted.height, wanted.width, 3), colour, dtype=np.uint8)
        piece = DraftPiece(modality=Modality.IMAGE, place=Place(), renditions=(pixels,))
        made_by = Producer(name="paint", version="1")
        return Document(modality=Modality.IMAGE, media_type=media_type, title="", pieces=(piece,), reader=made_by)

    def close(self) -> None:
        """Nothing runs."""


class NoIndexes:
    """What is measured on score matrices asks no index."""

    adapter = "none/1"

    def create(self, space: Any) -> Any:
        raise NotImplementedError

    def load(self, path: Any, space: Any, stamp: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def painted_ports() -> EvaluationPorts:
    return EvaluationPorts(
        encoder=HashEncoder(width=64),
        indexes=NoIndexes(),
        reader=PaintReader(),
        recognise=lambda head: "image/test",
    )


@pytest.fixture
def lay_painted(tmp_path: Path) -> Lay:
    """Writes pictures and a table: rows of a name, "R G B" and a caption; a name may come again with other captions."""

    def lay(rows: Sequence[tuple[str, str, str]], split: str = "dev") -> Path:
        (tmp_path / "images").mkdir(exist_ok=True)
        lines = ["image\tcaption"]
        for name, colour, caption in rows:
            (tmp_path / "images" / name).write_text(colour)
            lines.append(f"{name}\t{caption}")
        (tmp_path / f"captions_{split}.tsv").write_text("\n".join(lines) + "\n")
        return tmp_path

    return lay
