"""The colours of a picture, in words."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 48
MOST = 4
LEAST_SHARE = 0.08

COLOURS = (
    ("black", (15, 15, 15)), ("grey", (128, 128, 128)), ("silver", (190, 190, 190)), ("white", (245, 245, 245)),
    ("red", (205, 30, 30)), ("dark red", (110, 15, 20)), ("orange", (235, 130, 30)), ("brown", (110, 70, 40)),
    ("beige", (215, 195, 160)), ("yellow", (235, 215, 60)), ("olive", (110, 110, 40)), ("green", (60, 150, 60)),
    ("dark green", (30, 70, 40)), ("dark green", (0, 90, 0)), ("turquoise", (60, 180, 175)),
    ("light blue", (150, 195, 230)), ("blue", (45, 90, 190)), ("blue", (0, 0, 255)), ("navy", (20, 30, 80)),
    ("purple", (120, 55, 150)), ("pink", (240, 150, 180)),
)  # fmt: skip
"""sRGB of what people call by these names, by eye."""


def colours(picture: Image.Image) -> str:
    """The commonest colours of an RGB picture with their shares, the commonest first; the nearest name by CIE 1976
    difference in L*a*b* (ISO/CIE 11664-4).

    >>> colours(Image.new("RGB", (9, 9), (250, 250, 250)))
    'white 100%'
    """
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX)).reshape(-1, 3)
    called = [name for name, _ in COLOURS]
    names = list(dict.fromkeys(called))
    distances = np.linalg.norm(lab(small)[:, None] - lab(np.array([rgb for _, rgb in COLOURS]))[None], axis=2)
    nearest = np.array([names.index(name) for name in called])[distances.argmin(axis=1)]
    shares = np.bincount(nearest, minlength=len(names)) / len(small)
    common = [at for at in np.argsort(-shares, kind="stable")[:MOST] if shares[at] >= LEAST_SHARE]
    return ", ".join(f"{names[at]} {shares[at]:.0%}" for at in common)


def lab(rgb: np.ndarray) -> np.ndarray:
    """L*a*b* [n, 3] under D65 of sRGB [n, 3], 0..255 (IEC 61966-2-1, ISO/CIE 11664-4).

    >>> lab(np.array([[255, 255, 255]])).round(0).tolist()
    [[100.0, 0.0, 0.0]]
    """
    share = rgb.astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    scaled = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.0890])
    root = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root.T
    found: np.ndarray = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
    return found
