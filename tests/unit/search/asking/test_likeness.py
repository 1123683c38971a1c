"""A file of any kind becomes the parts of a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, Document, DraftPiece, ImageInput, ReadRequest, Track
from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.search.asking.likeness import MOST_PARTS, FileReading
from sensorium.search.asking.question import Asked, Readings, question

READER = Producer(name="reader.test", version="1")
PIXELS = np.zeros((8, 8, 3), dtype=np.uint8)
SAMPLES = np.zeros(100, dtype=np.int16)
REQUEST = ReadRequest(
    image_inputs=(ImageInput(width=8, height=8),), audio_inputs=(AudioInput(rate=100, seconds=1.0, hop=0.5),)
)
EVERY_SENSE = frozenset({Modality.TEXT, Modality.IMAGE, Modality.AUDIO})


class Reader:
    """Gives one document, and remembers what was asked of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.requests: list[ReadRequest] = []

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        self.requests.append(request)
        return self.document

    def close(self) -> None: ...


def document(modality: Modality, *pieces: DraftPiece, **fields: Any) -> Document:
    return Document(modality=modality, media_type="x/y", title="", pieces=pieces, reader=READER, **fields)


def frame(at: float, aspect: Aspect = Aspect.FRAME) -> DraftPiece:
    shown = () if aspect is Aspect.SHOT else (np.full((8, 8, 3), at, np.uint8),)
    return DraftPiece(modality=Modality.IMAGE, place=Place(seconds=(at, at + 1)), renditions=shown, aspect=aspect)


def sound(at: float) -> DraftPiece:
    place = Place(seconds=(at, at + 1))
    return DraftPiece(modality=Modality.AUDIO, place=place, renditions=(SAMPLES,), aspect=Aspect.SOUND)


def said(words: str) -> DraftPiece:
    return DraftPiece(modality=Modality.TEXT, place=Place(), text=words)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "thing.bin"
    path.write_bytes(b"x")
    return path


def reading(found: Document, takes: frozenset[Modality] = EVERY_SENSE) -> FileReading:
    return FileReading(
        reader=Reader(found), recognise=lambda head: "x/y", request=REQUEST, takes=takes, most_characters=20
    )


def senses(found: Document, file: Path, takes: frozenset[Modality] = EVERY_SENSE) -> list[str]:
    return [str(part.modality) for part in reading(found, takes).read(file)[0]]


def test_a_film_asks_by_its_frames_and_not_by_its_shots(file: Path) -> None:
    film = document(Modality.VIDEO, frame(0, Aspect.SHOT), frame(0), frame(1), sound(0))
    assert senses(film, file) == ["image", "image"]


def test_a_film_without_pictures_asks_by_its_sound(file: Path) -> None:
    assert senses(document(Modality.VIDEO, sound(0)), file) == ["audio"]


def test_a_sound_asks_by_its_windows(file: Path) -> None:
    assert senses(document(Modality.AUDIO, sound(0), sound(1), said("hello")), file) == ["audio", "audio"]


def test_a_sound_asks_by_what_is_said_where_the_encoder_takes_no_sound(file: Path) -> None:
    found = document(Modality.AUDIO, sound(0), said("hello"))
    assert senses(found, file, frozenset({Modality.TEXT})) == ["text"]


def test_a_document_asks_by_its_words_and_without_any_by_its_look(file: Path) -> None:
    page = DraftPiece(modality=Modality.IMAGE, place=Place(page=1), renditions=(PIXELS,), aspect=Aspect.PAGE)
    assert senses(document(Modality.DOCUMENT, page, said("tea")), file) == ["text"]
    assert senses(document(Modality.DOCUMENT, page), file) == ["image"]


def test_a_long_file_asks_by_some_parts_that_are_spread_over_it_and_weigh_as_much_as_one(file: Path) -> None:
    parts, _ = reading(document(Modality.VIDEO, *(frame(at) for at in range(80)))).read(file)
    assert len(parts) == MOST_PARTS
    assert sum(part.weight for part in parts) == pytest.approx(1.0)
    assert parts[-1].content.max() > 70


def test_words_of_a_file_are_cut_to_what_a_question_may_have(file: Path) -> None:
    parts, _ = reading(document(Modality.TEXT, said("a" * 15), said("b" * 15))).read(file)
    assert parts[0].content == "a" * 15 + " bbbb"


def test_a_file_with_nothing_to_ask_with_is_told(file: Path) -> None:
    with pytest.raises(BadInput, match="nothing in it"):
        reading(document(Modality.IMAGE, frame(0)), frozenset({Modality.TEXT})).read(file)


def test_a_file_without_words_is_told(file: Path) -> None:
    with pytest.raises(BadQuery, match="no words"):
        reading(document(Modality.TEXT, said("  "))).read(file)


def test_the_track_is_asked_for_at_its_rate_and_pictures_are_not(file: Path) -> None:
    track = Track(samples=SAMPLES, rate=16_000)
    ear = reading(document(Modality.AUDIO, track=track))
    assert ear.track(file, 16_000) is track
    assert (ear.reader.requests[0].track_rate, ear.reader.requests[0].image_inputs) == (16_000, ())


def test_a_file_without_sound_has_no_track(file: Path) -> None:
    with pytest.raises(BadInput, match="no sound"):
        reading(document(Modality.IMAGE, frame(0))).track(file, 16_000)


def test_files_join_the_words_of_a_question_once_each_by_name(file: Path) -> None:
    found = document(Modality.VIDEO, frame(0), frame(1))
    readings = Readings(picture=lambda: pytest.fail("no picture was asked with"), file=lambda: reading(found))
    query, _ = question(Asked(text="snow", like=[file], image_weight=0.5), readings, Settings())
    assert query.words == "snow + thing.bin"
    assert [part.weight for part in query.parts] == [1.0, 0.25, 0.25]


def test_aspects_and_kinds_reach_the_filter() -> None:
    readings = Readings(picture=lambda: pytest.fail("no"), file=lambda: pytest.fail("no"))
    query, _ = question(Asked(text="snow", modalities=["video"], aspects=["speech"]), readings, Settings())
    assert (query.filter.kinds, query.filter.aspects) == ({Modality.VIDEO}, {Aspect.SPEECH})
