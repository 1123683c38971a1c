"""Sounds -> vectors by CLAP's towers: samples to a picture of their pitch over time, as its feature extractor makes it.

Wu et al. 2023, "Large-scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation". Where that cuts a long sound at random, windows are no longer than the model hears, so nothing is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Samples
from sensorium.core.errors import BadInput
from sensorium.core.spaces import Vectors
from sensorium.encoders.model_files import ModelFiles
from sensorium.encoders.onnx_forms import SoundForm
from sensorium.encoders.onnx_session import Array, OnnxModel
from sensorium.encoders.sound import checked
from sensorium.encoders.towers import unit

INPUTS = ("input_features", "is_longer")
VIEWS = 4
"""What a model with feature fusion sees of a sound."""
FLOOR = 1e-10
"""The least power that counts: -100 dB."""

Real = npt.NDArray[np.float64]


def slaney_mel(hertz: Real) -> Real:
    """Slaney's mel scale: even up to 1,000 Hz, logarithmic above (Slaney 1998, Auditory Toolbox).

    >>> slaney_mel(np.array([500.0, 1000.0, 6400.0])).round(6).tolist()
    [7.5, 15.0, 42.0]
    """
    return np.where(hertz < 1_000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1e-9) / 1_000) / np.log(6.4))


def slaney_hertz(mel: Real) -> Real:
    """The inverse of `slaney_mel`."""
    return np.where(mel < 15, mel * 200 / 3, 1_000 * np.exp(np.log(6.4) * (mel - 15) / 27))


def htk_mel(hertz: Real) -> Real:
    """`2595 log10(1 + hertz / 700)` (Young et al., The HTK Book)."""
    mel: Real = 2595.0 * np.log10(1.0 + hertz / 700.0)
    return mel


def htk_hertz(mel: Real) -> Real:
    """The inverse of `htk_mel`.

    >>> htk_hertz(htk_mel(np.array([1_000.0]))).round(6).tolist()
    [1000.0]
    """
    hertz: Real = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    return hertz


def mel_bands(form: SoundForm) -> Real:
    """float64 [points // 2 + 1, bands]: triangles on the bins of the transform.

    With feature fusion on the HTK scale as they are; without it on Slaney's, each with the same area. Both are how the
    two kinds of CLAP were trained.
    """
    to_mel, to_hertz = (htk_mel, htk_hertz) if form.fusion else (slaney_mel, slaney_hertz)
    low, high = to_mel(np.array([form.lowest, form.highest]))
    edges = to_hertz(np.linspace(low, high, form.bands + 2))
    bins = np.linspace(0, form.input.rate // 2, form.points // 2 + 1)
    rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    bands: Real = np.maximum(0, np.minimum(rising, falling))
    return bands if form.fusion else bands * 2 / (edges[2:] - edges[:-2])


def filled(samples: Samples, form: SoundForm) -> Real:
    """float64 [most samples of a window], -1..1: a shorter sound is repeated or filled up with silence.

    >>> from sensorium.core.contents import AudioInput
    >>> wanted = AudioInput(rate=5, seconds=1.0, hop=1.0)
    >>> front = {"bands": 1, "points": 2, "hop": 1, "lowest": 0.0, "highest": 2.0}
    >>> form = SoundForm(model="", input=wanted, fusion=False, padding="repeatpad", **front)
    >>> (filled(np.array([1, 2], np.int16), form) * 32_768).tolist()
    [1.0, 2.0, 1.0, 2.0, 0.0]
    """
    most = form.input.most_samples
    wave = samples.astype(np.float64) / 32_768
    times = most // len(wave)
    if form.padding == "repeat" and len(wave) < most:
        return np.tile(wave, times + 1)[:most]
    repeated = np.tile(wave, times) if form.padding == "repeatpad" else wave
    return np.pad(repeated, (0, most - len(repeated)))


class OnnxSounds:
    """Sounds of `form.input`, each by itself, -> unit vectors."""

    def __init__(self, files: ModelFiles, form: SoundForm, width: int, threads: int) -> None:
        self._form = form
        self._width = width
        self._model = OnnxModel(files, form.model, threads)
        self._model.require_inputs(INPUTS)
        self._output = self._model.output(form.outputs)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for no sound, or one longer than a window."""
        vectors = np.empty((len(contents), self._width), np.float32)
        for position, content in enumerate(contents):
            feed = self._feed(self._short_enough(checked(content, position), position))
            vectors[position] = unit(self._model.run(self._output, feed, self._width))[0]
        return vectors

    def _short_enough(self, samples: Samples, position: int) -> Samples:
        most = self._form.input.most_samples
        if len(samples) <= most:
            return samples
        raise BadInput(
            f"content {position} is a sound of {len(samples):,} samples, more than {most:,}",
            remedy="let a reader cut the windows that `audio_input` names",
        )

    def _feed(self, samples: Samples) -> dict[str, Array]:
        picture = self.decibels(samples)[None, None]
        feed: dict[str, Array] = {"input_features": np.repeat(picture, VIEWS, axis=1) if self._form.fusion else picture}
        if "is_longer" in self._model.inputs:
            feed["is_longer"] = np.zeros((1, 1), np.bool_)
        return feed

    def decibels(self, samples: Samples) -> npt.NDArray[np.float32]:
        """float32 [frames, bands]: power in dB, frames centred on every `hop`-th sample, the ends mirrored."""
        form = self._form
        wave = np.pad(filled(samples, form), form.points // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(wave, form.points)[:: form.hop]
        power = np.square(np.abs(np.fft.rfft(frames * self._window)))
        return np.asarray(10.0 * np.log10(np.maximum(FLOOR, power @ self._bands)), np.float32)

    @cached_property
    def _window(self) -> Real:
        return np.hanning(self._form.points + 1)[:-1]

    @cached_property
    def _bands(self) -> Real:
        return mel_bands(self._form)
