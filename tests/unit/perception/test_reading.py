"""Writing on pictures, frames and pages becomes texts that can be found."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.errors import ExtraMissing
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.perception import reading
from sensorium.perception.reading import WritingPerceiver
from sensorium.perception.writing import Line

READER = Producer(name="reader.fake", version="1")
SCAN = np.zeros((40, 80, 3), np.uint8)


class Fake:
    """Reads the same lines off every picture."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.closed = False

    def read(self, pixels: np.ndarray) -> tuple[Line, ...]:
        return self.lines

    def close(self) -> None:
        self.closed = True


def line(text: str, top: float = 0.1) -> Line:
    return Line(text=text, box=(0.1, top, 0.5, top + 0.05), confidence=0.95)


def picture(aspect: Aspect = Aspect.CONTENT, scanned: bool = True, **place: object) -> DraftPiece:
    scan = SCAN if scanned else None
    return DraftPiece(modality=Modality.IMAGE, place=Place(**place), aspect=aspect, scan=scan)


def read(*pieces: DraftPiece, lines: tuple[Line, ...] = (line("NO EXIT"),), characters: int = 800) -> list[DraftPiece]:
    perceiver = WritingPerceiver(Settings(chunk_characters=characters, chunk_overlap=0), Fake(*lines))
    document = Document(modality=Modality.IMAGE, media_type="image/png", title="", pieces=pieces, reader=READER)
    return list(perceiver.perceive(document))


def test_writing_on_a_picture_is_a_text_with_its_box_and_what_read_it() -> None:
    [found] = read(picture())
    assert (found.text, found.aspect, found.modality) == ("NO EXIT", Aspect.WRITING, Modality.TEXT)
    assert found.place.box == (0.1, 0.1, 0.5, pytest.approx(0.15))
    assert found.producer == reading.PRODUCER


def test_a_picture_without_a_scan_is_not_read() -> None:
    assert read(picture(scanned=False)) == []


def test_a_stray_letter_is_no_text() -> None:
    assert read(picture(), lines=(line("A."),)) == []


def test_writing_that_stays_on_the_screen_is_found_once_for_all_its_seconds() -> None:
    frames = (picture(Aspect.FRAME, seconds=(0, 2)), picture(Aspect.FRAME, seconds=(2, 5)))
    assert [(one.text, one.place.seconds) for one in read(*frames)] == [("NO EXIT", (0, 5))]


def test_pages_that_say_the_same_stay_apart() -> None:
    pages = (picture(Aspect.PAGE, page=1), picture(Aspect.PAGE, page=2))
    assert [one.place.page for one in read(*pages)] == [1, 2]


def test_the_text_of_a_page_is_cut_into_chunks_of_its_blocks() -> None:
    lines = tuple(line(f"paragraph number {n} ends here", top=0.05 + 0.3 * n) for n in range(3))
    assert len(read(picture(Aspect.PAGE, page=1), lines=lines, characters=60)) > 1
    assert len(read(picture(), lines=lines, characters=60)) == 1


def test_the_process_that_reads_ends_with_the_perceiver() -> None:
    fake = Fake()
    WritingPerceiver(Settings(), fake).close()
    assert fake.closed


def test_what_is_missing_is_left_out_unless_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "available", lambda: "the package is not installed")
    assert WritingPerceiver.load(Settings()) is None
    with pytest.raises(ExtraMissing):
        WritingPerceiver.load(Settings(), required=True)


def test_writing_is_left_out_where_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "available", lambda: None)
    assert WritingPerceiver.load(Settings(writing=0)) is None
