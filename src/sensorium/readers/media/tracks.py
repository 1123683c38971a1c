"""Collects decoded sound into one channel at the rates that are wanted, each sample at its place in time."""

from __future__ import annotations

from collections.abc import Mapping

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame

from sensorium.core.contents import Samples

JUMP = 0.1
"""Seconds by which a frame may miss the end of the one before; more is a hole, or a step back, in the recording."""


UNNAMED = " channels"
"""How FFmpeg calls a layout of which it knows the number of channels only, as plain WAV files have it."""


class TrackCollector:
    """int16 samples of the stretch [start, start + seconds) for each rate; silence where the file has none.

    heard: up to which second of media time there was sound; `start` when there was none. holes: jumps in time.
    """

    def __init__(self, rates: tuple[int, ...], start: float, seconds: float) -> None:
        self._start = start
        self._buffers = {rate: np.zeros(round(rate * seconds), np.int16) for rate in rates}
        self._resamplers: dict[int, av.AudioResampler] = {}
        self._cursors: dict[int, int] = {}
        self._form: tuple[object, ...] = ()
        self._due = 0.0
        self.heard = start
        self.holes = 0

    def add(self, seconds: float, frame: AudioFrame) -> None:
        """One frame, due at `seconds` of media time. A change of its form, or a jump in time, starts anew there."""
        if frame.layout.name.endswith(UNNAMED):
            frame = _mixed(frame)
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if not frame.sample_rate or not frame.samples:
            return
        if form != self._form or abs(seconds - self._due) > JUMP:
            self.holes += form == self._form
            self._flush()
            self._form = form
            self._begin(seconds)
        frame.pts = None  # its time was looked at; filters would complain of times that do not rise
        for rate, resampler in self._resamplers.items():
            for made in resampler.resample(frame):
                self._write(rate, made)
        self._due = max(seconds, self._due) + frame.samples / frame.sample_rate
        self.heard = max(self.heard, self._due)

    def add_or_pass(self, seconds: float, frame: AudioFrame) -> bool:
        """Adds the frame; False for one of a form that can not be resampled."""
        try:
            self.add(seconds, frame)
        except (av.error.FFmpegError, ValueError):
            return False
        return True

    def finish(self) -> Mapping[int, Samples]:
        """All that was collected, cut at the end of what was heard."""
        self._flush()
        heard = self.heard - self._start
        return {rate: buffer[: max(0, round(heard * rate))] for rate, buffer in self._buffers.items()}

    def _begin(self, seconds: float) -> None:
        self._due = seconds
        self._cursors = {rate: round((seconds - self._start) * rate) for rate in self._buffers}
        self._resamplers = {rate: av.AudioResampler(format="s16", layout="mono", rate=rate) for rate in self._buffers}

    def _flush(self) -> None:
        for rate, resampler in self._resamplers.items():
            for made in resampler.resample(None):
                if made is not None:  # where there is nothing to convert, the end passes through as any frame does
                    self._write(rate, made)
        self._resamplers = {}

    def _write(self, rate: int, frame: AudioFrame) -> None:
        samples = frame.to_ndarray()[0]
        at = self._cursors[rate]
        self._cursors[rate] = at + len(samples)
        buffer = self._buffers[rate]
        samples = samples[max(0, -at) : max(0, len(buffer) - at)]
        at = max(0, at)
        buffer[at : at + len(samples)] = samples


def _mixed(frame: AudioFrame) -> AudioFrame:
    """One channel, the mean of all, of a frame whose channels have no names: filters take no such frame."""
    samples = frame.to_ndarray()
    channels = frame.layout.nb_channels
    apart = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    mean = apart.astype(np.float64).mean(0).astype(samples.dtype)
    made = AudioFrame.from_ndarray(np.ascontiguousarray(mean[None]), format=frame.format.packed.name, layout="mono")
    made.sample_rate = frame.sample_rate
    return made
