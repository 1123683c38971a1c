"""What JPEG loses, without its files: baseline, 4:2:0, tables of ITU-T T.81 Annex K.

Of a JPEG file's making, the coding of the numbers loses nothing; colour subsampling and the rounding of each block's
cosine transform do. Those are done here on arrays, so that no decoder is loaded, and the result is the same whatever
library is installed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Pixels

Plane = npt.NDArray[np.float32]

BLOCK = 8

LUMA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
"""ITU-T T.81 (1992), table K.1: steps of brightness at quality 50."""

CHROMA = np.full((BLOCK, BLOCK), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
"""ITU-T T.81 (1992), table K.2: steps of colour at quality 50."""

TO_YCBCR: Plane = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32
)
"""ITU-T T.871 (2011): brightness, and blue and red less the brightness."""

TO_RGB: Plane = np.linalg.inv(TO_YCBCR).astype(np.float32)


def _cosines() -> Plane:
    frequency, place = np.mgrid[:BLOCK, :BLOCK]
    rows = np.cos((2 * place + 1) * frequency * np.pi / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows, dtype=np.float32)


COSINES = _cosines()
"""float32 [frequency, place]: the orthonormal cosine transform of 8 numbers."""


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """The pixels as they come back from a JPEG file, as a new array.

    quality: 1..100 as the Independent JPEG Group scales its tables, 100 nearly lossless; ValueError outside.

    >>> flat = np.full((8, 8, 3), 128, dtype=np.uint8)
    >>> bool((compressed(flat, quality=5) == flat).all())
    True
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"quality is 1 to 100, got {quality}")
    rows, columns = pixels.shape[:2]
    fill = ((0, -rows % (2 * BLOCK)), (0, -columns % (2 * BLOCK)), (0, 0))
    planes = np.moveaxis(np.pad(pixels, fill, mode="edge").astype(np.float32) @ TO_YCBCR.T, 2, 0)
    brightness = _rounded(planes[0] - 128, _steps(LUMA, quality)) + 128
    colours = [_doubled(_rounded(_halved(plane), _steps(CHROMA, quality))) for plane in planes[1:]]
    back = np.stack([brightness, *colours], axis=2) @ TO_RGB.T
    return np.clip(np.rint(back[:rows, :columns]), 0, 255).astype(np.uint8)


def _steps(table: npt.NDArray[np.int_], quality: int) -> Plane:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.asarray(np.clip((table * scale + 50) // 100, 1, 255), dtype=np.float32)


def _rounded(plane: Plane, steps: Plane) -> Plane:
    """The plane, [8 m, 8 n], after the cosine transform of each block was rounded to whole steps."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    blocks = plane.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2)
    kept = np.rint(COSINES @ blocks @ COSINES.T / steps) * steps
    return np.asarray((COSINES.T @ kept @ COSINES).swapaxes(1, 2).reshape(plane.shape), dtype=np.float32)


def _halved(plane: Plane) -> Plane:
    rows, columns = plane.shape
    return np.asarray(plane.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)), dtype=np.float32)


def _doubled(plane: Plane) -> Plane:
    return plane.repeat(2, axis=0).repeat(2, axis=1)
