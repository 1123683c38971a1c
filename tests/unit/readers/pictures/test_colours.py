"""Colours get the names that people give them."""

from __future__ import annotations

import pytest
from PIL import Image

from sensorium.readers.pictures.colours import COLOURS, colours


@pytest.mark.parametrize(("name", "rgb"), COLOURS)
def test_a_plain_picture_has_its_own_colour(name: str, rgb: tuple[int, int, int]) -> None:
    assert colours(Image.new("RGB", (10, 10), rgb)) == f"{name} 100%"


@pytest.mark.parametrize(
    ("rgb", "name"),
    [((255, 0, 0), "red"), ((0, 0, 255), "blue"), ((0, 90, 0), "dark green"), ((255, 255, 0), "yellow")],
)
def test_pure_colours_are_called_what_they_are(rgb: tuple[int, int, int], name: str) -> None:
    assert colours(Image.new("RGB", (10, 10), rgb)).startswith(name)


def test_the_commonest_colour_comes_first_and_specks_are_left_out() -> None:
    picture = Image.new("RGB", (96, 96), (245, 245, 245))
    picture.paste((205, 30, 30), (0, 0, 96, 24))
    picture.paste((20, 30, 80), (0, 92, 24, 96))
    assert colours(picture) == "white 74%, red 25%"
