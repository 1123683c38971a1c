"""Damaged pictures: how much, where, and the same every time."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sensorium.core.contents import Pixels
from sensorium.evaluation.nouns import NOUNS, PAINTED
from sensorium.evaluation.robustness.corruptions import CORRUPTIONS, GREY, corrupt
from sensorium.evaluation.robustness.jpeg import compressed
from sensorium.evaluation.robustness.lettering import LETTERS, painted, stencil


def scene(rows: int = 60, columns: int = 90) -> Pixels:
    """Smooth colours that differ everywhere, with a sharp edge through the middle."""
    down, across = np.mgrid[:rows, :columns]
    pixels = np.stack([down * 255 // rows, across * 255 // columns, (down + across) * 255 // (rows + columns)], axis=2)
    pixels[:, columns // 2 :, 0] //= 2
    return pixels.astype(np.uint8)


def distance(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("shape", [(60, 90), (1, 1), (7, 3)])
def test_a_damaged_picture_has_its_shape_and_the_original_stays(name: str, shape: tuple[int, int]) -> None:
    pixels = scene(*shape)
    before = pixels.copy()
    for severity in range(1, 6):
        changed = corrupt(pixels, CORRUPTIONS[name], severity)
        assert (changed.shape, changed.dtype) == (pixels.shape, np.uint8)
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_damage_is_the_same_every_time(name: str) -> None:
    first, again = (corrupt(scene(), CORRUPTIONS[name], 3) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("name", ["occlusion", "blur", "jpeg", "low-light", "text"])
def test_a_higher_severity_is_further_from_the_original(name: str) -> None:
    pixels = scene(240, 300)
    distances = [distance(pixels, corrupt(pixels, CORRUPTIONS[name], severity)) for severity in range(1, 6)]
    assert distances == sorted(distances)
    assert distances[0] > 0
    assert distances[4] > 1.5 * distances[0]


@pytest.mark.parametrize("severity", range(1, 6))
def test_occlusion_hides_the_share_it_names(severity: int) -> None:
    pixels = np.full((200, 300, 3), 200, dtype=np.uint8)
    hidden = (corrupt(pixels, CORRUPTIONS["occlusion"], severity) == GREY).all(axis=2).mean()
    assert hidden == pytest.approx(CORRUPTIONS["occlusion"].amounts[severity - 1], rel=0.03)


def test_boxes_of_rising_severity_grow_from_one_place() -> None:
    hidden = [(corrupt(scene(), CORRUPTIONS["occlusion"], severity) == GREY).all(axis=2) for severity in (4, 5)]
    assert np.count_nonzero(hidden[0] & hidden[1]) > 0.8 * np.count_nonzero(hidden[0])


def test_two_pictures_are_hidden_at_two_places() -> None:
    hidden = [(corrupt(pixels, CORRUPTIONS["occlusion"], 1) == GREY).all(axis=2) for pixels in (scene(), 255 - scene())]
    assert (hidden[0] != hidden[1]).any()


def test_blur_spreads_a_point_by_its_deviation() -> None:
    pixels = np.zeros((200, 200, 3), dtype=np.uint8)
    pixels[95:105, 95:105] = 255
    light = corrupt(pixels, CORRUPTIONS["blur"], 4)[..., 0].astype(float)
    places = np.arange(200) - 99.5
    variance = float((light.sum(axis=0) * places**2).sum() / light.sum())
    assert variance**0.5 == pytest.approx((5.0**2 + (10**2 - 1) / 12) ** 0.5, rel=0.03)


def test_blur_leaves_one_colour_alone_up_to_the_edges() -> None:
    flat = np.full((40, 50, 3), 77, dtype=np.uint8)
    np.testing.assert_array_equal(corrupt(flat, CORRUPTIONS["blur"], 5), flat)


def test_a_crop_shows_a_part_of_the_picture_enlarged() -> None:
    across = corrupt(scene(100, 100), CORRUPTIONS["crop"], 5)[:, :, 1].astype(int)
    seen = across[0, -1] - across[0, 0]
    assert seen == pytest.approx(255 * 0.3**0.5, abs=6)


def test_a_quarter_turn_puts_a_side_on_top() -> None:
    pixels = np.zeros((50, 50, 3), dtype=np.uint8)
    pixels[:, :10] = 255
    turned = corrupt(pixels, CORRUPTIONS["rotation"], 5)
    bright = (turned[..., 0] > 200).mean(axis=1)
    assert bright[:9].all() or bright[-9:].all()


def test_what_turns_in_from_outside_is_grey() -> None:
    turned = corrupt(np.full((60, 60, 3), 255, dtype=np.uint8), CORRUPTIONS["rotation"], 4)
    assert (turned[0, 0] == GREY).all()
    assert (turned[30, 30] == 255).all()


def test_low_light_halves_the_light_and_not_the_number() -> None:
    white = np.full((100, 100, 3), 255, dtype=np.uint8)
    assert corrupt(white, CORRUPTIONS["low-light"], 1).mean() == pytest.approx(187.5, abs=1.5)  # sRGB of half of white


def test_the_word_is_painted_and_the_rest_stays() -> None:
    pixels = np.full((100, 100, 3), 128, dtype=np.uint8)
    changed = corrupt(pixels, CORRUPTIONS["text"], 3, word="cat")
    assert {int(value) for value in np.unique(changed)} == {0, 128, 255}
    assert (changed == 128).all(axis=2).mean() > 0.8


def test_letters_are_as_tall_as_they_are_asked_to_be() -> None:
    changed = painted(np.full((140, 400, 3), 128, dtype=np.uint8), "IT", 0.1, at=0.5)
    assert np.count_nonzero((changed == 255).all(axis=2).any(axis=1)) == 14


@pytest.mark.parametrize("word", PAINTED)
def test_every_word_that_is_painted_fits_the_picture_at_its_largest(word: str) -> None:
    changed = painted(np.full((100, 100, 3), 128, dtype=np.uint8), word, CORRUPTIONS["text"].amounts[4], at=0.0)
    rows = np.count_nonzero((changed == 255).all(axis=2).any(axis=1))
    assert rows >= 17
    assert word in NOUNS


def test_no_two_letters_look_alike() -> None:
    assert len({LETTERS[letter] for letter in LETTERS}) == 26
    assert all(stencil(letter).shape == (7, 5) for letter in LETTERS)


@pytest.mark.parametrize("word", ["", "a b", "ä"])
def test_a_word_without_such_letters_is_not_painted(word: str) -> None:
    with pytest.raises(ValueError, match="letters from A to Z"):
        stencil(word)


@pytest.mark.parametrize("quality", [5, 25, 50, 90])
def test_jpeg_loses_what_a_jpeg_library_loses(quality: int) -> None:
    noise = np.random.default_rng(1).integers(-20, 20, (64, 96, 3))
    pixels = np.clip(scene(64, 96).astype(int) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    reference = np.asarray(Image.open(file))
    ours = compressed(pixels, quality)
    assert distance(ours, reference) < 0.25 * distance(ours, pixels)


def test_jpeg_takes_sides_that_are_no_multiple_of_its_blocks() -> None:
    pixels = scene(37, 53)
    np.testing.assert_array_equal(compressed(pixels, 60)[:32, :48], compressed(pixels[:32, :48], 60))


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_that_jpeg_has_not_is_an_error(quality: int) -> None:
    with pytest.raises(ValueError, match="quality is 1 to 100"):
        compressed(scene(), quality)


@pytest.mark.parametrize("severity", [0, 6, -1])
def test_a_severity_that_is_not_there_is_an_error(severity: int) -> None:
    with pytest.raises(ValueError, match="severity is 1 to 5"):
        corrupt(scene(), CORRUPTIONS["blur"], severity)


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_are_no_pixels_is_an_error(wrong: Pixels) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        corrupt(wrong, CORRUPTIONS["blur"], 1)
