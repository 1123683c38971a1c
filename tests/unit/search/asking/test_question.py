"""What a caller says becomes a query, or a clear error."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import Document, DraftPiece, ImageInput, ReadRequest
from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.search.asking.question import Asked, PictureReading, Readings, question

READER = Producer(name="reader.test", version="1")
PIXELS = np.zeros((8, 8, 3), dtype=np.uint8)


class ReaderOfOnePiece:
    def __init__(self, modality: Modality) -> None:
        self.modality = modality

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        piece = DraftPiece(modality=self.modality, place=Place(), text="words", renditions=(PIXELS,))
        return Document(modality=self.modality, media_type=media_type, title="", pieces=(piece,), reader=READER)

    def close(self) -> None: ...


def reading(modality: Modality = Modality.IMAGE, image_input: ImageInput | None = None) -> PictureReading:
    return PictureReading(
        reader=ReaderOfOnePiece(modality),
        recognise=lambda head: "image/png",
        image_input=image_input or ImageInput(width=8, height=8),
        preview_side=64,
    )


def never() -> Any:
    raise AssertionError("the reader was asked for")


def asked(**said: Any) -> Any:
    return question(Asked(**said), Readings(picture=reading, file=never), Settings())[0]


def test_words_alone_need_no_reader() -> None:
    query, preview = question(Asked(text="a dog"), Readings(picture=never, file=never), Settings())
    assert (query.words, preview) == ("a dog", None)


def test_weights_reach_the_parts(tmp_path: Path) -> None:
    picture = tmp_path / "dog.png"
    picture.write_bytes(b"x")
    query = asked(text="snow", image=picture, text_weight=2.0, image_weight=0.5)
    assert [(part.modality, part.weight) for part in query.parts] == [("text", 2.0), ("image", 0.5)]


def test_the_question_in_words_names_the_picture_and_what_to_avoid(tmp_path: Path) -> None:
    picture = tmp_path / "dog.png"
    picture.write_bytes(b"x")
    assert asked(text="snow", image=picture, exclude=["a cat"]).words == "snow + dog.png, not a cat"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({}, "nothing says what to look for"),
        ({"exclude": ["a cat"]}, "nothing says what to look for"),
        ({"text": "  "}, "empty"),
        ({"text": "a" * 5000}, "5,000 characters"),
        ({"text": "a", "k": 0}, "k is 0"),
        ({"text": "a", "k": 5000}, "at most 1000"),
        ({"text": "a", "modalities": ["smell"]}, "smell"),
        ({"text": "a", "text_weight": 0.0}, "weight"),
        ({"text": "a", "text_weight": float("nan")}, "weight"),
    ],
)
def test_a_question_that_can_not_be_asked_says_why(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadQuery, match=complaint):
        asked(**said)


def test_what_is_said_of_looks_reaches_the_query() -> None:
    query = asked(text="snow", rerank=False, hubness=True)
    assert (query.rerank, query.hubness) == (False, True)
    assert (asked(text="snow").rerank, asked(text="snow").hubness) == (None, None)


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.png: it can not be opened"):
        asked(image=tmp_path / "none.png")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a file"):
        asked(image=tmp_path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="not a file"):
        asked(image=tmp_path / "pipe")


def test_a_text_file_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("words")
    with pytest.raises(BadInput, match="no picture"):
        question(
            Asked(image=tmp_path / "note.txt"), Readings(picture=lambda: reading(Modality.TEXT), file=never), Settings()
        )
