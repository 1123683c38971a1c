"""Pictures as the world damages them: seven corruptions in five severities each.

After Hendrycks and Dietterich 2019 (ICLR, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations"), with occlusion, crop, rotation and the painted word of typographic attacks (Goh et al. 2021, Distill,
"Multimodal Neurons in Artificial Neural Networks"). They work on pixels that were decoded before, and on nothing but
arrays, so that no decoder is loaded where they run. All lengths are shares of the picture's sides: one severity means
the same to encoders of different resolution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Pixels
from sensorium.evaluation.robustness.jpeg import compressed
from sensorium.evaluation.robustness.lettering import painted
from sensorium.evaluation.seeds import seeded

GREY = 127
"""What is painted where nothing is known."""

PHOTONS = 1000
"""Light that a white pixel gets before it is dimmed; their number varies as chance has it (Poisson)."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption:
    """One way to damage a picture. unit: what the amounts count. amounts: of severities 1 to 5.

    apply: pixels, an amount, a source of chance, a wrong word (for those that paint one) -> other pixels of that shape.
    """

    name: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    apply: Callable[[Pixels, float, np.random.Generator, str], Pixels]


def corrupt(pixels: Pixels, corruption: Corruption, severity: int, word: str = "wrong") -> Pixels:
    """A damaged copy. pixels: uint8 [height, width, 3]. severity: 1..5. word: letters A to Z, for `text`.

    The same picture is damaged in the same way wherever and whenever. Raises ValueError for another severity and for
    what are no pixels.

    >>> grey = np.full((8, 8, 3), 90, dtype=np.uint8)
    >>> corrupt(grey, CORRUPTIONS["low-light"], severity=5).mean() < 30
    np.True_
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise ValueError(f"expected uint8 [height, width, 3], got {pixels.dtype} {list(pixels.shape)}")
    if not 1 <= severity <= len(corruption.amounts):
        raise ValueError(f"severity is 1 to {len(corruption.amounts)}, got {severity}")
    chance = seeded(corruption.name, pixels.tobytes())
    return corruption.apply(pixels, corruption.amounts[severity - 1], chance, word)


def _occluded(pixels: Pixels, area: float, chance: np.random.Generator, word: str) -> Pixels:
    """A grey box of the picture's shape lies somewhere on it."""
    rows, columns = pixels.shape[:2]
    tall, wide = round(rows * area**0.5), round(columns * area**0.5)
    top, left = _corner(rows - tall, columns - wide, chance)
    changed = pixels.copy()
    changed[top : top + tall, left : left + wide] = GREY
    return changed


def _blurred(pixels: Pixels, deviation: float, chance: np.random.Generator, word: str) -> Pixels:
    rows, columns = pixels.shape[:2]
    sigma = deviation * min(rows, columns)
    down, across = _gaussian(rows, sigma), _gaussian(columns, sigma)
    planes = down @ np.moveaxis(pixels, 2, 0).astype(np.float32) @ across.T
    return _as_pixels(np.moveaxis(planes, 0, 2))


@lru_cache(maxsize=32)
def _gaussian(side: int, sigma: float) -> Floats:
    """float32 [side, side]: each row weighs its neighbours by a normal curve, and sums to 1 at the edges too."""
    places = np.arange(side)
    weights = np.exp(-0.5 * ((places[:, None] - places) / sigma) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _through_jpeg(pixels: Pixels, quality: float, chance: np.random.Generator, word: str) -> Pixels:
    return compressed(pixels, int(quality))


def _cropped(pixels: Pixels, area: float, chance: np.random.Generator, word: str) -> Pixels:
    """A window of the picture's shape somewhere in it, made as large as the picture was."""
    rows, columns = pixels.shape[:2]
    tall, wide = rows * area**0.5, columns * area**0.5
    top, left = chance.random() * (rows - tall), chance.random() * (columns - wide)
    down = top + (np.arange(rows) + 0.5) * tall / rows - 0.5
    across = left + (np.arange(columns) + 0.5) * wide / columns - 0.5
    inside = np.clip(down, 0, rows - 1)[:, None], np.clip(across, 0, columns - 1)[None, :]
    return _sampled(pixels, *np.broadcast_arrays(*inside))


def _turned(pixels: Pixels, degrees: float, chance: np.random.Generator, word: str) -> Pixels:
    """About the middle, to the left or to the right; what comes in from outside is grey."""
    angle = np.radians(degrees) * (1 if chance.random() < 0.5 else -1)
    rows, columns = pixels.shape[:2]
    middle = (rows - 1) / 2, (columns - 1) / 2
    y, x = np.mgrid[:rows, :columns] - np.array(middle)[:, None, None]
    return _sampled(
        pixels, middle[0] + y * np.cos(angle) - x * np.sin(angle), middle[1] + y * np.sin(angle) + x * np.cos(angle)
    )


def _dimmed(pixels: Pixels, stops: float, chance: np.random.Generator, word: str) -> Pixels:
    """Halved light, counted in photons, each so many times as the sensor happened to catch them."""
    value = pixels.astype(np.float32) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)  # sRGB, IEC 61966-2-1
    caught = np.minimum(chance.poisson(light * PHOTONS * 0.5**stops) / PHOTONS, 1.0)
    shown = np.where(caught <= 0.0031308, caught * 12.92, 1.055 * caught ** (1 / 2.4) - 0.055)
    return _as_pixels(np.asarray(shown * 255, dtype=np.float32))


def _labelled(pixels: Pixels, height: float, chance: np.random.Generator, word: str) -> Pixels:
    return painted(pixels, word, height, at=float(chance.random()))


def _corner(rows: int, columns: int, chance: np.random.Generator) -> tuple[int, int]:
    return round(chance.random() * rows), round(chance.random() * columns)


def _sampled(pixels: Pixels, down: npt.NDArray[np.float64], across: npt.NDArray[np.float64]) -> Pixels:
    """The picture at places between its pixels, bilinear; grey beyond its edges. down, across: [rows, columns]."""
    framed = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), constant_values=GREY).astype(np.float32)
    y = np.clip(down + 1, 0, framed.shape[0] - 1.001)
    x = np.clip(across + 1, 0, framed.shape[1] - 1.001)
    top, left = y.astype(int), x.astype(int)
    y_share, x_share = ((at - low).astype(np.float32)[..., None] for at, low in ((y, top), (x, left)))
    upper = framed[top, left] * (1 - x_share) + framed[top, left + 1] * x_share
    lower = framed[top + 1, left] * (1 - x_share) + framed[top + 1, left + 1] * x_share
    return _as_pixels(upper * (1 - y_share) + lower * y_share)


def _as_pixels(values: Floats) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CORRUPTIONS = {
    corruption.name: corruption
    for corruption in (
        Corruption(
            name="occlusion", unit="share of the area hidden", amounts=(0.05, 0.1, 0.2, 0.35, 0.5), apply=_occluded
        ),
        Corruption(
            name="blur",
            unit="deviation as a share of the shorter side",
            amounts=(0.005, 0.01, 0.015, 0.025, 0.04),
            apply=_blurred,
        ),
        Corruption(name="jpeg", unit="JPEG quality", amounts=(50, 25, 15, 10, 5), apply=_through_jpeg),
        Corruption(name="crop", unit="share of the area kept", amounts=(0.9, 0.75, 0.6, 0.45, 0.3), apply=_cropped),
        Corruption(name="rotation", unit="degrees", amounts=(5, 10, 20, 45, 90), apply=_turned),
        Corruption(name="low-light", unit="times that the light is halved", amounts=(1, 2, 3, 4, 5), apply=_dimmed),
        Corruption(
            name="text",
            unit="height of the letters as a share of the picture's",
            amounts=(0.04, 0.07, 0.1, 0.14, 0.18),
            apply=_labelled,
        ),
    )
}
"""By name. A further one is a function and an entry here."""
