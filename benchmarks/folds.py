"""How many copies of a picture fold under it, and how many different pictures fold that should not.

    python -m benchmarks.folds PICTURES

PICTURES is a folder of pictures that are all different. The first `CHOSEN_ON` of them, by name, were looked at when the
distance was chosen; the next `MEASURED_ON` are what the figures stand on. Prints tables for docs/quality.md.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from sensorium.core.fingerprints import NEAR_BITS
from sensorium.readers.pictures.fingerprints import fingerprint

CHOSEN_ON = 500
MEASURED_ON = 1_000
DISTANCES = (0, 2, 4, 6, 8, 10, 12, 14, 16)

Marks = npt.NDArray[np.uint64]


def through_jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    """Compressed and opened again. quality: of Pillow, 1..95."""

    def copy(picture: Image.Image) -> Image.Image:
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=quality)
        return Image.open(data).convert("RGB")

    return copy


def resized(share: float) -> Callable[[Image.Image], Image.Image]:
    """Each side so much as long."""
    return lambda picture: picture.resize((round(picture.width * share), round(picture.height * share)))


def cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    """So much of each side cut off, as a share of it, half at either end."""

    def copy(picture: Image.Image) -> Image.Image:
        x, y = round(picture.width * share / 2), round(picture.height * share / 2)
        return picture.crop((x, y, picture.width - x, picture.height - y))

    return copy


def brightened(by: float) -> Callable[[Image.Image], Image.Image]:
    """So many times as bright."""
    return lambda picture: ImageEnhance.Brightness(picture).enhance(by)


def both(
    first: Callable[[Image.Image], Image.Image], then: Callable[[Image.Image], Image.Image]
) -> Callable[[Image.Image], Image.Image]:
    """One after the other."""
    return lambda picture: then(first(picture))


COPIES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 75": through_jpeg(75),
    "JPEG, quality 25": through_jpeg(25),
    "JPEG, quality 10": through_jpeg(10),
    "half as wide": resized(0.5),
    "a quarter as wide": resized(0.25),
    "half as wide, JPEG 50": both(resized(0.5), through_jpeg(50)),
    "a fifth brighter": brightened(1.2),
    "2 % of each side cut off": cropped(0.02),
    "5 % of each side cut off": cropped(0.05),
    "10 % of each side cut off": cropped(0.10),
    "20 % of each side cut off": cropped(0.20),
    "mirrored": lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def marks_of(pictures: Iterable[Image.Image]) -> Marks:
    """uint64 [n]: their fingerprints. Raises ValueError for a blank picture, of which none is expected here."""
    return np.array([int(fingerprint(picture), 16) for picture in pictures], dtype=np.uint64)


def distances(marks: Marks) -> npt.NDArray[np.uint8]:
    """uint8 [n * (n - 1) / 2]: bits by which each two differ."""
    first, second = np.triu_indices(len(marks), 1)
    apart: npt.NDArray[np.uint8] = np.bitwise_count(marks[first] ^ marks[second])
    return apart


def pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def tables(paths: list[Path]) -> Iterable[str]:
    """The two tables in Markdown, over all of these pictures."""
    marks = marks_of(map(opened, paths))
    apart = distances(marks)
    yield f"{len(paths):,} different pictures, {len(apart):,} pairs:"
    yield ""
    yield "| bits apart, at most | pairs | pictures with a false fold |"
    yield "| --- | --- | --- |"
    first, second = np.triu_indices(len(marks), 1)
    for most in DISTANCES:
        near = apart <= most
        concerned = len({*first[near].tolist(), *second[near].tolist()})
        yield f"| {most} | {near.sum()} | {concerned} ({concerned / len(paths):.1%}) |"
    yield ""
    yield f"| copy | {' | '.join(f'folds at {most}' for most in DISTANCES if most)} |"
    yield "| --- |" + " --- |" * (len(DISTANCES) - 1)
    for name, copy in COPIES.items():
        bits = np.bitwise_count(marks ^ marks_of(copy(opened(path)) for path in paths))
        shares = (f"{(bits <= most).mean():.1%}" for most in DISTANCES if most)
        yield f"| {name} | {' | '.join(shares)} |"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folds", description=__doc__.partition("\n")[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--chosen", action="store_true", help="the pictures that the distance was chosen on")
    options = parser.parse_args()
    paths = pictures_in(options.pictures)
    paths = paths[:CHOSEN_ON] if options.chosen else paths[CHOSEN_ON : CHOSEN_ON + MEASURED_ON]
    sys.stdout.write(f"Pictures fold at {NEAR_BITS} bits or less.\n\n")
    for line in tables(paths):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
