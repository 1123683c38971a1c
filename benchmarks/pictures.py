"""Many pictures to add: photos where they are at hand, else pictures made of noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 224


def many_pictures(count: int, photos: Path, scratch: Path) -> list[Path]:
    """`count` picture files: those of `photos` when it holds as many, else new ones in `scratch`."""
    found = sorted(photos.glob("*")) if photos.is_dir() else []
    if len(found) >= count:
        return found[:count]
    folder = scratch / "pictures"
    folder.mkdir()
    random = np.random.default_rng(seed=1)
    made = [folder / f"{number}.jpg" for number in range(count)]
    for path in made:
        coarse = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(path)
    return made
