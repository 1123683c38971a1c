"""What is made of one decoded frame: a tiny copy to compare, a grey one to tell sharpness, an upright picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from PIL import Image

from sensorium.readers.media.shots import SMALL_HEIGHT, SMALL_WIDTH, Small

GREY_SIDE = 320
"""Pixels at which sharpness is told: finer grain is noise."""

UNSPECIFIED = 2
"""`AVCOL_SPC_UNSPECIFIED`."""

HD_HEIGHT = 720
"""From here on colours that say nothing of themselves are BT.709, as players take them to be."""

MOST_STRETCH = 4.0
"""Pixels that claim to be more oblong than this are taken to be square."""

TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
"""By quarter turns against the clock, as FFmpeg counts them and Pillow turns."""


def small(frame: VideoFrame) -> Small:
    """int16 [3, SMALL_HEIGHT, SMALL_WIDTH] in luma and chroma."""
    made = frame.reformat(SMALL_WIDTH, SMALL_HEIGHT, "yuv444p", interpolation="AREA", threads=1)
    return made.to_ndarray().astype(np.int16)


def grey(frame: VideoFrame) -> npt.NDArray[np.uint8]:
    """uint8 [height, width], its longest side at most `GREY_SIDE`."""
    width, height = _fitted(frame.width, frame.height, GREY_SIDE)
    made = frame.reformat(width, height, "gray", interpolation="AREA", threads=1)
    return np.asarray(made.to_ndarray(), dtype=np.uint8)


def picture(frame: VideoFrame, side: int, stretch: float = 1.0) -> Image.Image:
    """Upright RGB, its longest side at most `side`. stretch: width of a pixel by its height."""
    width, height = _fitted(round(frame.width * stretch), frame.height, side)
    colours = "ITU709" if frame.colorspace == UNSPECIFIED and frame.height >= HD_HEIGHT else None
    made = frame.reformat(width, height, "rgb24", src_colorspace=colours, interpolation="BICUBIC", threads=1)
    image = Image.fromarray(np.asarray(made.to_ndarray(), dtype=np.uint8))
    turns = quarter_turns(frame.rotation)
    return image.transpose(TURNS[turns]) if turns else image


def quarter_turns(degrees: float) -> int:
    """Against the clock, 0..3.

    >>> quarter_turns(-90), quarter_turns(180), quarter_turns(3)
    (3, 2, 0)
    """
    return round(degrees / 90) % 4


def stretch_of(ratio: float | Fraction | None) -> float:
    """A believable width of a pixel by its height.

    >>> stretch_of(None), stretch_of(0), stretch_of(16 / 15), stretch_of(900)
    (1.0, 1.0, 1.0666666666666667, 1.0)
    """
    return float(ratio) if ratio and 1 / MOST_STRETCH <= ratio <= MOST_STRETCH else 1.0


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
