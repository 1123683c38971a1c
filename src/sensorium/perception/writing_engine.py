"""Reads writing with rapidocr (PP-OCRv6). For the worker process only: it imports decoders.

Three steps, each by a network of rapidocr: a glance at a small copy, which ends the work on most photographs; the
detection of lines on a larger copy; the recognition of each line from the picture itself, several lines at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR
from rapidocr.main import RapidOCRError

from sensorium.core.contents import Pixels
from sensorium.perception.writing_lines import Box, Line, Lines
from sensorium.perception.writing_options import WritingOptions
from sensorium.perception.writing_weights import DETECTION, DIRECTION, RECOGNITION

Quads = npt.NDArray[np.float32]
"""float32 [n, 4, 2]: corners as x, y in pixels, from the upper left of the writing clockwise."""

MOST_LINES = 2_000
"""Lines of one picture that are read; a page of dense print in three columns has some 250."""

SMALL_LINE = 11.0
"""Pixels: lines that are lower than this on the copy, in the median, are looked for once more on the picture itself."""

FEW_LINES = 3
LARGE = 0.15
LIKELY = 0.4
"""How few lines of a glance are read at once, how high all of them are for that, as shares of the picture, and how well
one has to read for a closer look."""

UNSURE = 0.8
"""Below this confidence a line may stand on its head, and is asked for its direction."""

NARROWEST = 64
"""Pixels: what a narrower line is filled up to; the network was made for 320, but reads such lines as well (the word
recall of five pages did not move), and short lines take a fifth of the time."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one line. text: "" when nothing was."""

    text: str
    confidence: float


class Engine:
    """The networks, loaded. weights: the folder that holds their files."""

    def __init__(self, weights: Path, options: WritingOptions) -> None:
        cv2.setNumThreads(1)
        self._options = options
        # Several lines at a time with one thread each cost a third less than one line with several threads.
        self._finder = RapidOCR(params=_parameters(weights, options, threads=options.threads))
        self._reader = RapidOCR(params=_parameters(weights, options, threads=1))
        self._pool = ThreadPoolExecutor(options.threads)
        self._warm_up()

    def read(self, pixels: Pixels) -> Lines:
        """The lines in no order that matters. pixels: uint8 [height, width, 3], red first."""
        page = within(np.ascontiguousarray(pixels[..., ::-1]), self._options.side)
        if self._options.glance_side and not self._shows_writing(page):
            return ()
        quads = self._find(page, self._options.find_side)
        if _is_small(quads, page, self._options.find_side):
            quads = self._find(page, self._options.side)
        quads = quads[:MOST_LINES]
        results = self._recognise_all(self._reader.crop_text_regions(page, quads))
        boxes = (box_of(quad, page) for quad in quads)
        return tuple(
            Line(text=result.text, box=box, confidence=result.confidence)
            for box, result in zip(boxes, results, strict=True)
            if is_writing(result, self._options)
        )

    def _shows_writing(self, page: Pixels) -> bool:
        """A glance at a small copy. Patterns give few boxes, large ones, which read badly; small print may read badly
        too, because a glance sees it as one small box."""
        quads = self._find(page, self._options.glance_side)
        heights = np.ptp(quads[..., 1], axis=1) / page.shape[0]
        if len(quads) > FEW_LINES or (heights < LARGE).any():
            return True
        results = self._recognise_all(self._reader.crop_text_regions(page, quads))
        return any(result.confidence >= LIKELY for result in results)

    def _find(self, page: Pixels, side: int) -> Quads:
        """Lines found on a copy of the page, in pixels of the page."""
        copy = within(page, side)
        record: dict[str, Any] = {}
        try:
            _, found = self._finder.detect_and_crop(copy, record)
        except RapidOCRError:  # its way to say that there is nothing
            return np.empty((0, 4, 2), np.float32)
        padding = record["padding_1"]
        quads: Quads = found.boxes.astype(np.float32) - np.array([padding["left"], padding["top"]], np.float32)
        scale = np.array([page.shape[1] / copy.shape[1], page.shape[0] / copy.shape[0]], np.float32)
        return np.asarray(quads * scale, np.float32)

    def _recognise_all(self, crops: Sequence[Pixels]) -> list[Read]:
        return list(self._pool.map(self._recognise, crops))

    def _recognise(self, crop: Pixels) -> Read:
        """One line; where that reads badly, and a network says that it stands on its head, turned round."""
        first = self._recognise_upright(crop)
        if first.confidence >= UNSURE:
            return first
        turned, direction = self._reader.cls_and_rotate([crop])
        if "180" not in direction.cls_res[0][0]:
            return first
        return max(first, self._recognise_upright(turned[0]), key=lambda read: read.confidence)

    def _recognise_upright(self, crop: Pixels) -> Read:
        result = self._reader.recognize_txt([crop])
        return Read(result.txts[0].strip(), min(1.0, float(result.scores[0])))

    def _warm_up(self) -> None:
        """Loads every network now, so that the first picture is no slower and a broken file is noticed at once."""
        blank = np.full((NARROWEST, NARROWEST, 3), 255, np.uint8)
        self._find(blank, NARROWEST)
        self._recognise_upright(blank)
        self._reader.cls_and_rotate([blank])


def within(picture: Pixels, side: int) -> Pixels:
    """The picture, scaled down where its longest side has more pixels than `side`."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def box_of(quad: Quads, page: Pixels) -> Box:
    """The upright box around the corners of a line."""
    size = np.array([page.shape[1], page.shape[0]], np.float64)
    left, top = np.clip(quad.min(axis=0) / size, 0, 1)
    right, bottom = np.clip(quad.max(axis=0) / size, 0, 1)
    return float(left), float(top), float(right), float(bottom)


def is_writing(result: Read, options: WritingOptions) -> bool:
    """False for what is not sure enough to be more than a pattern."""
    letters = sum(character.isalnum() for character in result.text)
    least = options.short_confidence if letters < options.short else options.confidence
    return letters > 0 and result.confidence >= least


def _is_small(quads: Quads, page: Pixels, side: int) -> bool:
    """True when the lines found are low on the copy, and the page has more pixels to show them in."""
    scale = side / max(page.shape[:2])
    if scale >= 1 or not len(quads):
        return False
    heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return bool(np.median(heights) * scale < SMALL_LINE)


def _parameters(weights: Path, options: WritingOptions, *, threads: int) -> dict[str, Any]:
    """Everything that decides what rapidocr does, so that no file or default of its own has a say."""
    return {
        "Global.log_level": "critical",
        "Global.model_root_dir": str(weights),
        "Global.text_score": 0.0,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        # A copy comes in its final size: the network must not scale it anew.
        "Det.limit_type": "max",
        "Det.limit_side_len": 2 * options.side,
        "Det.thresh": 0.3,
        "Det.box_thresh": 0.5,
        "Det.unclip_ratio": 1.6,
        "Det.max_candidates": MOST_LINES,
        "Cls.cls_thresh": 0.5,
        "Det.model_path": str(weights / DETECTION),
        "Cls.model_path": str(weights / DIRECTION),
        "Rec.model_path": str(weights / RECOGNITION),
        # A line at a time is not filled up to the length of others, which took a third of the time.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, 48, NARROWEST],
    }
