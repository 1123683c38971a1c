"""Fixed contents whose vectors the reference implementation gives, so that a wrong preprocessing can not pass.

Texts in capitals, in other scripts, empty, and a little longer than one window; pictures whose channels, directions and
brightness all differ, made by formula so that nobody's picture is shipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

LONG = " ".join(f"On day {day} the ferry took {7 * day % 90} people across." for day in range(1, 29))
"""282 tokens."""

TEXTS = (
    "Two dogs run through deep snow.",
    "A WOMAN IN A RED COAT WAITS FOR THE TRAM",
    "São Paulo, 1999: café, naïve, Straße",
    "Ein Mädchen klettert in ein Spielhaus aus Holz",
    "木の上の猫 ☕ кошка на дереве",
    "",
    "e=mc² | #3 @home <b>bold</b>",
    LONG,
)


def pictures(side: int) -> npt.NDArray[np.uint8]:
    """uint8 [3, side, side, 3]: an evening landscape, coloured tiles, and a dim swirl."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    return np.stack([_landscape(x, y), _tiles(x, y), _swirl(x, y)]).astype(np.uint8)


def write_golden(
    path: Path, contents: Any, vectors: npt.NDArray[np.float32], details: npt.NDArray[np.float32] | None = None
) -> None:
    """The file that an encoder checks itself by.

    It holds `contents`, float32 `vectors` [n, width] and, where given, float32 `details` [n, rows, d].
    """
    arrays = {"contents": np.asarray(contents), "vectors": vectors.astype(np.float32)}
    if details is not None:
        arrays["details"] = details.astype(np.float32)
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def _landscape(x: Any, y: Any) -> Any:
    red, green, blue = 90 + 150 * y, 120 + 40 * y, 220 - 140 * y
    ground = y > 0.62 + 0.08 * np.sin(7 * x) + 0.03 * np.sin(23 * x + 1)
    sun = (x - 0.7) ** 2 + (y - 0.35) ** 2 < 0.008
    layers = [(ground, (60 + 40 * x, 110 - 30 * y, 30 + 20 * x)), (sun, (255 + 0 * x, 225 + 0 * x, 120 + 0 * x))]
    channels = [red, green, blue]
    for mask, paint in layers:
        channels = [np.where(mask, new, old) for new, old in zip(paint, channels, strict=True)]
    return np.stack(channels, axis=-1).clip(0, 255)


def _tiles(x: Any, y: Any) -> Any:
    column, row = np.floor(x * 5.999), np.floor(y * 5.999)
    return np.stack([(column * 83 + row * 31) % 256, (column * 29 + row * 97 + 60) % 256, (row * 53 + 20) % 256], -1)


def _swirl(x: Any, y: Any) -> Any:
    angle, radius = np.arctan2(y - 0.4, x - 0.45), np.hypot(x - 0.45, y - 0.4)
    wave = 0.5 + 0.5 * np.sin(3 * angle + 25 * radius)
    return np.stack([20 + 60 * wave, 10 + 30 * wave * x, 40 + 90 * (1 - wave) * y], axis=-1)
