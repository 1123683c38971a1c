"""Sound files as samples, for what builds films: these are our own files, so they are decoded where we stand."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
"""float32 [n]: one channel at RATE, -1..1."""

RATE = 48_000
STEP = 960
"""Samples of a step of 20 ms."""

LEAST, SHARE = 0.002, 0.04
"""A step is heard from this root mean square on, and from this share of the file's loudest step."""

BEFORE, AFTER = 0.04, 0.10
"""Seconds that are kept before the first step that is heard, and after the last."""


def samples(path: Path) -> Sound:
    """A whole file as one channel, its highest peak at 0.6."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    parts = []
    with path.open("rb") as stream, av.open(stream) as container:
        for frame in container.decode(container.streams.audio[0]):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    sound = np.concatenate(parts).astype(np.float32)
    return (sound * (0.6 / max(1e-4, float(np.abs(sound).max())))).astype(np.float32)


def active(path: Path) -> tuple[float, float]:
    """When in a file something is heard first and last, in seconds."""
    return active_stretch(samples(path))


def active_stretch(sound: Sound) -> tuple[float, float]:
    """When something is heard first and last, in seconds; the whole of it where nothing stands out.

    >>> beep = np.zeros(RATE, np.float32)
    >>> beep[RATE // 2 : RATE // 2 + STEP * 5] = 0.5
    >>> active_stretch(beep)
    (0.46, 0.7)
    """
    steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
    loudness = np.sqrt((steps.astype(np.float64) ** 2).mean(axis=1)) if len(steps) else np.zeros(0)
    heard = np.flatnonzero(loudness >= max(LEAST, SHARE * float(loudness.max(initial=0.0))))
    if not heard.size:
        return 0.0, len(sound) / RATE
    first = max(0.0, heard[0] * STEP / RATE - BEFORE)
    last = min(len(sound) / RATE, (heard[-1] + 1) * STEP / RATE + AFTER)
    return round(float(first), 3), round(float(last), 3)
