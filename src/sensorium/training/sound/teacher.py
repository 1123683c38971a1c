"""The teacher: YAMNet (Plakal & Ellis, 2019) as ONNX, which names 521 kinds of sound. It teaches; it is not shipped."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Samples
from sensorium.encoders.sound import mel_filters
from sensorium.encoders.towers import Session, open_session

Floats = npt.NDArray[np.float32]

RATE = 16_000
FRAME, HOP, POINTS, BANDS = 400, 160, 512, 64
LOWEST, HIGHEST = 125.0, 7_500.0
PATCH, PATCH_HOP = 96, 48
LEAST = PATCH * HOP + FRAME
"""Samples of the shortest sound that fills a patch."""


class Teacher:
    """Sounds at 16 kHz -> how likely each class is to be heard in them."""

    def __init__(self, session: Session, names: tuple[str, ...]) -> None:
        self.names = names
        self._session = session
        self._filters = mel_filters(RATE, POINTS, BANDS, LOWEST, HIGHEST)
        self._window = np.hanning(FRAME + 1)[:-1]

    @classmethod
    def load(cls, model: Path) -> Teacher:
        """The model, and `yamnet_class_map.csv` beside it."""
        with (model.parent / "yamnet_class_map.csv").open(encoding="utf-8", newline="") as lines:
            names = tuple(row["display_name"] for row in csv.DictReader(lines))
        return cls(open_session(model.read_bytes(), 1, ("scores",)), names)

    def scores(self, samples: Samples) -> Floats:
        """float32 [521], 0..1: the mean over patches of 0.96 s. Shorter sounds are repeated."""
        return np.asarray(self._session.run(["scores"], {"log_mel": self.patches(samples)})[0].mean(axis=0))

    def patches(self, samples: Samples) -> Floats:
        """float32 [n, 96, 64]: logarithms of mel magnitudes."""
        long = np.resize(samples, max(len(samples), LEAST)) / np.float32(32_768)
        frames = np.lib.stride_tricks.sliding_window_view(long, FRAME)[::HOP]
        magnitudes = np.abs(np.fft.rfft(frames * self._window, POINTS))
        mels = np.log(magnitudes @ self._filters.T + 0.001).astype(np.float32)
        starts = range(0, len(mels) - PATCH + 1, PATCH_HOP)
        return np.stack([mels[start : start + PATCH] for start in starts])
