"""Fingerprints of pictures: the same for copies, far apart for others, none for what shows nothing."""

from __future__ import annotations

import io
import itertools
import random

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from sensorium.core.contents import ImageInput, ReadRequest
from sensorium.core.fingerprints import FINGERPRINT, NEAR_BITS
from sensorium.core.settings import Settings
from sensorium.readers.pictures.fingerprints import fingerprint
from sensorium.readers.pictures.image import ImageReader


def scene(seed: int) -> Image.Image:
    """A picture of shapes that no other seed has."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (480, 360), tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = chance.randrange(-60, 440), chance.randrange(-60, 320)
        box = (x, y, x + chance.randrange(30, 260), y + chance.randrange(30, 260))
        shape = chance.choice([draw.ellipse, draw.rectangle])
        shape(box, fill=tuple(chance.randrange(256) for _ in range(3)))
    return picture


def apart(one: Image.Image, other: Image.Image) -> int:
    return (int(fingerprint(one), 16) ^ int(fingerprint(other), 16)).bit_count()


def through_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return Image.open(data)


@pytest.mark.parametrize("seed", range(5))
def test_copies_are_near(seed: int) -> None:
    picture = scene(seed)
    copies = {
        "jpeg": through_jpeg(picture, 30),
        "small": picture.resize((120, 90)),
        "large": picture.resize((960, 720)),
        "brighter": ImageEnhance.Brightness(picture).enhance(1.15),
        "edge": ImageOps.crop(picture, 4),
    }
    assert {name: apart(picture, copy) for name, copy in copies.items() if apart(picture, copy) > NEAR_BITS} == {}


def test_other_pictures_are_far() -> None:
    pictures = [scene(seed) for seed in range(20)]
    nearest = min(apart(one, other) for one, other in itertools.combinations(pictures, 2))
    assert nearest > NEAR_BITS


@pytest.mark.parametrize("turn", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90])
def test_what_is_mirrored_or_turned_is_another(turn: Image.Transpose) -> None:
    assert apart(scene(1), scene(1).transpose(turn)) > NEAR_BITS


@pytest.mark.parametrize("picture", [Image.new("RGB", (9, 9), "red"), Image.new("L", (1, 1)), Image.new("L", (500, 2))])
def test_what_shows_nothing_has_none(picture: Image.Image) -> None:
    assert fingerprint(picture) == ""


def test_a_faint_noise_shows_nothing() -> None:
    chance = random.Random(7)
    paper = Image.new("L", (256, 256))
    paper.putdata([250 + chance.randrange(4) for _ in range(256 * 256)])
    assert fingerprint(paper) == ""


@pytest.mark.parametrize(
    "request_", [ReadRequest(), ReadRequest(preview_side=0), ReadRequest(image_inputs=(ImageInput(width=4, height=4),))]
)
def test_the_reader_gives_it_whatever_else_is_wanted_of_the_picture(request_: ReadRequest) -> None:
    data = io.BytesIO()
    scene(3).save(data, "PNG")
    document = ImageReader().read(data, "image/png", request_, Settings())
    mark = document.pieces[0].attributes[FINGERPRINT]
    assert (int(mark, 16) ^ int(fingerprint(scene(3)), 16)).bit_count() <= 4
