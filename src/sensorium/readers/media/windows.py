"""Cuts sound into the windows that a tower wants, and tells sound from silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import AudioInput, Samples

FRAME_SECONDS = 0.05
"""Loudness is measured over frames of this length."""

SILENCE = 32_768 * 10 ** (-60 / 20)
"""-60 dBFS as a root mean square of int16 samples: what padding, after a lossy codec, stays well below."""

SILENCE_BELOW_LOUDEST = 10 ** (-40 / 20)
"""In a quiet recording silence is what lies 40 dB below its loudest frame."""

LEAST_RMS = 1.0
"""One step of a sample: below there is nothing."""

LEAST_SECONDS = 0.05
QUIET_SECONDS = 0.3

Loudness = npt.NDArray[np.float32]
"""float32 [n]: root mean square of each frame of `FRAME_SECONDS`, 0..32768."""


@dataclass(frozen=True, slots=True)
class Window:
    """seconds: from the first to the last sound in it. samples: for each input, the whole window."""

    seconds: tuple[float, float]
    samples: tuple[Samples, ...] = field(repr=False)


def loudness(samples: Samples, rate: int) -> Loudness:
    """Of each frame; a rest shorter than a frame counts as one.

    >>> loudness(np.full(120, 100, np.int16), 1_000).tolist()
    [100.0, 100.0, 100.0]
    """
    size = max(1, round(rate * FRAME_SECONDS))
    starts = np.arange(0, len(samples), size)
    if not len(starts):
        return np.zeros(0, np.float32)
    sums = np.add.reduceat(samples.astype(np.float64) ** 2, starts)
    counts = np.diff(np.append(starts, len(samples)))
    return np.sqrt(sums / counts).astype(np.float32)


def sounding(loud: Loudness) -> npt.NDArray[np.bool_]:
    """Which frames are not silent: above -60 dBFS, or in a quiet recording above 40 dB below its loudest.

    >>> sounding(np.array([0.2, 10, 20_000], np.float32)).tolist()
    [False, False, True]
    >>> sounding(np.array([0.2, 10, 60], np.float32)).tolist()
    [False, True, True]
    """
    loudest = float(loud.max(initial=0.0))
    return loud > max(LEAST_RMS, min(SILENCE, loudest * SILENCE_BELOW_LOUDEST))


def quietest(loud: Loudness, start: float, stop: float) -> float:
    """The middle of the quietest moment in [start, stop), in seconds from the first frame: where a cut hurts least.

    >>> quietest(np.array([9] * 20 + [1] * 8 + [9] * 20, np.float32), 0.5, 2.0)
    1.2
    """
    width = round(QUIET_SECONDS / FRAME_SECONDS)
    first, last = round(start / FRAME_SECONDS), round(stop / FRAME_SECONDS)
    stretch = loud[first:last]
    if len(stretch) <= width:
        return stop
    sums = np.convolve(stretch.astype(np.float64), np.ones(width), "valid")
    low = np.flatnonzero(sums <= sums.min() + 1e-6)
    return round(float(first + low[len(low) // 2] + width / 2) * FRAME_SECONDS, 3)


def cut_windows(
    tracks: Mapping[int, Samples], inputs: Sequence[AudioInput], *, start: float, stop: float
) -> Iterator[Window]:
    """Windows that begin in [start, stop), in order, but for those that are silent or hold only a neighbour's edge.

    tracks: for each rate, samples from `start` on, beyond `stop` where there are some. The first input gives length
    and distance of the windows; the others get their own length from the same starts. The last window is moved back so
    that it is whole, where there is sound enough before.
    """
    if not inputs:
        return
    first = inputs[0]
    track = tracks[first.rate]
    length = len(track) / first.rate
    audible = sounding(loudness(track, first.rate))
    starts = list(_starts(length, min(length, stop - start), first))
    extents = [_extent(audible, at, min(length, at + first.seconds)) for at in starts]
    for number, (at, extent) in enumerate(zip(starts, extents, strict=True)):
        neighbours = [entry for entry in extents[max(0, number - 1) : number + 2] if entry is not None]
        if extent is None or any(_is_edge_of(extent, entry) for entry in neighbours):
            continue
        yield Window(
            seconds=(round(start + extent[0], 3), round(start + extent[1], 3)),
            samples=tuple(_stretch(tracks[entry.rate], at, entry) for entry in inputs),
        )


def _starts(length: float, stop: float, wanted: AudioInput) -> Iterator[float]:
    number = 0
    while (at := number * wanted.hop) < stop:
        if at + wanted.seconds >= length:
            if length - at >= LEAST_SECONDS or number == 0:
                yield max(0.0, length - wanted.seconds)
            return
        yield at
        number += 1


def _extent(audible: npt.NDArray[np.bool_], start: float, stop: float) -> tuple[float, float] | None:
    """From the first to the last sounding frame of a window."""
    first = round(start / FRAME_SECONDS)
    found = np.flatnonzero(audible[first : max(first + 1, round(stop / FRAME_SECONDS))])
    if not len(found):
        return None
    return max(start, (first + found[0]) * FRAME_SECONDS), min(stop, (first + found[-1] + 1) * FRAME_SECONDS)


def _is_edge_of(extent: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether the neighbour has all the sound that is in this window, and at least as much again."""
    inside = other[0] <= extent[0] and extent[1] <= other[1]
    return inside and other[1] - other[0] >= 2 * (extent[1] - extent[0])


def _stretch(track: Samples, start: float, wanted: AudioInput) -> Samples:
    first = min(round(start * wanted.rate), max(0, len(track) - 1))
    return track[first : first + wanted.most_samples]
