"""Fingerprints of pictures: 64 bits that copies share, whatever their size and compression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 32
BITS = 8
"""Pixels of a side that is looked at, and frequencies of each direction that are kept."""

LEAST_CONTRAST = 1.0
"""Grey levels, root mean square, that these frequencies must make: a blank picture is like every other one."""


def fingerprint(picture: Image.Image) -> str:
    """64 bits as 16 hexadecimal digits; "" for a picture that shows next to nothing.

    The perceptual hash by the discrete cosine transform: the picture in grey at 32 x 32 pixels, its 8 x 8 lowest
    frequencies without the constant ones, each a bit that says whether it is above their median (Zauner 2010,
    "Implementation and Benchmarking of Perceptual Image Hash Functions", 3.2.1).

    >>> slope = Image.linear_gradient("L")
    >>> fingerprint(slope.rotate(30)) == fingerprint(slope.rotate(30).resize((100, 100)))
    True
    >>> fingerprint(Image.new("RGB", (64, 64), "red"))
    ''
    """
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    low = (_COSINES @ grey @ _COSINES.T)[1 : BITS + 1, 1 : BITS + 1]
    if np.sqrt((low**2).sum()) / SIDE < LEAST_CONTRAST:
        return ""
    bits = (low > np.median(low)).ravel()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _cosines(side: int) -> npt.NDArray[np.float64]:
    """float64 [side, side]: the orthonormal DCT-II (Ahmed, Natarajan and Rao 1974)."""
    frequency, place = np.mgrid[:side, :side]
    rows: npt.NDArray[np.float64] = np.sqrt(2 / side) * np.cos(np.pi * (2 * place + 1) * frequency / (2 * side))
    rows[0] /= np.sqrt(2)
    return rows


_COSINES = _cosines(SIDE)
