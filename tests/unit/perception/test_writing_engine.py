"""The recogniser itself, on pictures made here. Its package is part of the product; without it these tests skip."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import distribution

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sensorium.core.contents import Pixels
from sensorium.core.errors import ReaderCrashed, TookTooLong, TooLarge
from sensorium.core.settings import Settings
from sensorium.perception.writing import WritingOptions, WritingRecogniser, as_text, available, reading_order
from sensorium.perception.writing_options import GIB
from sensorium.readers.guarded import SandboxedReader

pytestmark = pytest.mark.skipif(available() is not None, reason=f"{available()}: nothing reads writing here")

WHITE = (255, 255, 255)
ACCENTED = "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"
"""Of a package that the tests have anyway: Pillow's own font has no letters beyond English."""


def page(words: dict[tuple[int, int], str], *, width: int = 800, height: int = 500, size: int = 28) -> Pixels:
    """Black words at (left, top) in pixels on white."""
    picture = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(picture)
    for place, text in words.items():
        draw.text(place, text, fill=(0, 0, 0), font=ImageFont.load_default(size))
    return np.asarray(picture)


@pytest.fixture(scope="module")
def recogniser() -> Iterator[WritingRecogniser]:
    with WritingRecogniser.load(WritingOptions(threads=1)) as recogniser:
        yield recogniser


def text_of(recogniser: WritingRecogniser, picture: Pixels) -> str:
    height, width = picture.shape[:2]
    return as_text(reading_order(recogniser.read(picture), aspect=width / height))


def test_words_on_a_picture_are_read(recogniser: WritingRecogniser) -> None:
    assert (
        text_of(recogniser, page({(60, 60): "The harbour is closed in winter."})) == "The harbour is closed in winter."
    )


def test_a_box_lies_around_its_words(recogniser: WritingRecogniser) -> None:
    (line,) = recogniser.read(page({(200, 250): "LIGHTHOUSE"}))
    left, top, right, bottom = line.box
    assert 0.2 < left < 0.26
    assert 0.47 < top < 0.53
    assert 0.4 < right < 0.55
    assert 0.53 < bottom < 0.6


def test_boxes_stay_within_the_picture(recogniser: WritingRecogniser) -> None:
    lines = recogniser.read(
        page({(0, 0): "EVERY WORD OF THIS LINE TOUCHES", (300, 470): "AN EDGE OF ITS PICTURE HERE"})
    )
    assert len(lines) == 2
    assert all(0 <= share <= 1 for line in lines for share in line.box)


def test_accents_and_umlauts_are_read(recogniser: WritingRecogniser) -> None:
    text = "Größe, Café, Señor, kůň"
    picture = Image.new("RGB", (800, 200), WHITE)
    font = ImageFont.truetype(str(distribution("matplotlib").locate_file(ACCENTED)), 28)
    ImageDraw.Draw(picture).text((60, 60), text, fill=(0, 0, 0), font=font)
    assert text_of(recogniser, np.asarray(picture)) == text


def test_writing_that_stands_on_its_head_is_read(recogniser: WritingRecogniser) -> None:
    upright = page({(60, 60): "The harbour is closed in winter."})
    assert text_of(recogniser, upright[::-1, ::-1]) == "The harbour is closed in winter."


def test_columns_are_read_one_after_the_other(recogniser: WritingRecogniser) -> None:
    left = ["Ships come to the", "harbour in spring", "and leave it again", "before the frost."]
    right = ["Trains carry coal", "from the mountains", "to the factories", "along the river."]
    words = {(60, 60 + 36 * row): text for row, text in enumerate(left)}
    words |= {(430, 60 + 36 * row): text for row, text in enumerate(right)}
    assert text_of(recogniser, page(words)).split() == " ".join(left + right).split()


def test_small_print_on_a_large_page_is_read(recogniser: WritingRecogniser) -> None:
    small = page(
        {(200, 300 + 20 * row): "the small print of a contract" for row in range(6)}, width=1_200, height=1_600, size=13
    )
    assert text_of(recogniser, small).split("\n") == ["the small print of a contract"] * 6


@pytest.mark.parametrize("shape", [(400, 600), (1, 1), (1, 2_000), (2_000, 1), (31, 33)])
def test_a_picture_without_writing_has_no_lines(recogniser: WritingRecogniser, shape: tuple[int, int]) -> None:
    gradient = np.linspace(0, 255, shape[0] * shape[1] * 3).reshape(*shape, 3).astype(np.uint8)
    assert recogniser.read(gradient) == ()


def test_a_banner_is_read(recogniser: WritingRecogniser) -> None:
    """Ten times as wide as high: what the library fills up with black bars, that have to be taken off the boxes."""
    (line,) = recogniser.read(page({(40, 12): "A banner that runs along the top of a page"}, width=800, height=60))
    assert line.text == "A banner that runs along the top of a page"
    assert line.box[1] < 0.35
    assert line.box[3] > 0.6


def test_the_parent_imports_no_decoder() -> None:
    program = """
import sys
import numpy as np
from sensorium.perception.writing import WritingRecogniser
with WritingRecogniser.load() as recogniser:
    recogniser.read(np.zeros((64, 64, 3), np.uint8))
print([name for name in ("cv2", "PIL", "rapidocr", "onnxruntime", "shapely") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    with WritingRecogniser.load(WritingOptions(seconds=0.05, glance_side=0)) as recogniser, pytest.raises(TookTooLong):
        recogniser.read(page({(60, 60 + 40 * row): "many words on a page" for row in range(10)}))


def test_memory_that_does_not_suffice_ends_in_a_typed_error() -> None:
    options = WritingOptions(memory=GIB, side=8_192, find_side=8_192, glance_side=0)
    large = np.full((8_000, 8_000, 3), 255, np.uint8)
    with WritingRecogniser.load(options) as recogniser:
        with pytest.raises((TooLarge, ReaderCrashed)):
            recogniser.read(large)
        assert text_of(recogniser, page({(60, 60): "still here"})) == "still here"


def test_the_process_is_shut_in_as_far_as_that_of_readers(recogniser: WritingRecogniser) -> None:
    with closing(SandboxedReader(Settings())) as reader:
        assert recogniser.level == reader.level
