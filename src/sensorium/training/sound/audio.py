"""Sounds of files, as the tower takes them, and what may go wrong with them: noise, a narrow band."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from sensorium.core.contents import Samples
from sensorium.encoders.sound import RATE

LOUDEST = 32_767


def read_sound(path: Path, rate: int = RATE, seconds: float = 60.0) -> Samples:
    """int16 [n]: the first `seconds` of a file, mixed to one channel. Raises ValueError for what is no sound."""
    import av

    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            limit = int(seconds * rate)
            parts, got = [], 0
            for part in _decoded(container, resampler):
                parts.append(part)
                got += len(part)
                if got >= limit:
                    break
    except (av.FFmpegError, IndexError, OSError) as error:
        raise ValueError(f"{path.name} is no sound: {error}") from error
    return np.concatenate(parts)[:limit] if parts else np.empty(0, np.int16)


def _decoded(container: object, resampler: object) -> Iterator[Samples]:
    for frame in container.decode(audio=0):  # type: ignore[attr-defined]
        for piece in resampler.resample(frame):  # type: ignore[attr-defined]
            yield piece.to_ndarray()[0]
    for piece in resampler.resample(None):  # type: ignore[attr-defined]
        yield piece.to_ndarray()[0]


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=wanted)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.rate = rate
    pieces = [piece.to_ndarray()[0] for given in (frame, None) for piece in resampler.resample(given)]
    return np.concatenate(pieces) if pieces else np.empty(0, np.int16)


def loud_blocks(samples: Samples, length: int, most: int) -> list[Samples]:
    """Up to `most` stretches of `length` samples that do not overlap, the loudest ones, in order of time.

    A sound that is shorter comes back whole. Stretches that are 40 dB below the loudest are left out.

    >>> [part.tolist() for part in loud_blocks(np.array([0, 0, 50, 60, 900, 0], np.int16), 2, 2)]
    [[50, 60], [900, 0]]
    """
    if len(samples) <= length:
        return [samples]
    parts = [samples[start : start + length] for start in range(0, len(samples) - length + 1, length)]
    power = np.array([np.mean(np.square(part, dtype=np.float64)) for part in parts])
    best = [number for number in islice(np.argsort(-power, kind="stable"), most) if power[number] >= power.max() / 1e4]
    return [parts[number] for number in sorted(best)]


def mixed(samples: Samples, noise: Samples, decibels: float) -> Samples:
    """Sound and noise, that many decibels apart in power; noise is repeated to the sound's length.

    By hand: equal powers, so at 0 dB both are added as they are.

    >>> mixed(np.array([100, -100], np.int16), np.array([100], np.int16), 0.0).tolist()
    [200, 0]
    """
    sound = samples.astype(np.float64)
    disturbance = np.resize(noise.astype(np.float64), len(sound))
    powers = np.mean(np.square(sound)), np.mean(np.square(disturbance))
    if min(powers) == 0:
        return samples
    whole = sound + disturbance * np.sqrt(powers[0] / powers[1] / 10 ** (decibels / 10))
    return _rounded(whole * min(1.0, LOUDEST / max(1.0, float(np.abs(whole).max()))))


def narrowed(samples: Samples, highest: float, rate: int = RATE) -> Samples:
    """The sound without what lies above `highest` Hz, as a recording at a lower rate would have it."""
    spectrum = np.fft.rfft(samples.astype(np.float64))
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate) > highest] = 0
    return _rounded(np.fft.irfft(spectrum, len(samples)).clip(-LOUDEST, LOUDEST))


def _rounded(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Samples:
    whole: Samples = np.rint(samples).astype(np.int16)
    return whole
