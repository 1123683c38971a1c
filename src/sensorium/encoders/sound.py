"""The tower of sounds: samples in, unit vectors out, through a picture of their pitch over time.

The front end is that of aiSFX (Ma & Lerch, ISMIR 2022): 44.1 kHz, frames of 2,048 samples every 1,024, power in 96
bands of the HTK mel scale, `log10(1 + 10,000 x)`, over blocks of 100 frames. The rest is made
by `sensorium.training.sound.make`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Samples, is_samples
from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.core.spaces import Vectors
from sensorium.encoders.towers import VECTORS, Session

RATE = 44_100
FRAME, HOP, BANDS = 2_048, 1_024, 96
HIGHEST = 22_050.0
FRAMES = 100
"""Of one block: 2.3 s."""
BLOCK = (FRAMES - 1) * HOP
"""Samples that fill a block."""
STEP = 50
"""Most frames from one block's start to the next one's."""
LARGEST = 9.457798957824707
"""What the trunk's authors divide by: the largest value that they met."""
SILENCE = 1e-4
"""Blocks whose power is this share of the loudest one's are not listened to: 40 dB below it."""


def mel_filters(rate: int, points: int, bands: int, lowest: float, highest: float) -> npt.NDArray[np.float32]:
    """float32 [bands, points // 2 + 1]: triangles over the bins of a Fourier transform, even on the HTK mel scale.

    `mel = 2595 log10(1 + hz / 700)` (Young et al., The HTK Book). Not scaled: each triangle's peak would be 1.

    By hand: the one peak lies halfway in mel, at 1,113.8 Hz, and the bins at 0, 1, 2, 3 and 4 kHz.

    >>> [round(weight, 2) for weight in mel_filters(8_000, 8, 1, 0.0, 4_000.0)[0].tolist()]
    [0.0, 0.9, 0.69, 0.35, 0.0]
    """
    top = 2595 * np.log10(1 + np.array([lowest, highest]) / 700)
    edges = 700 * (10 ** (np.linspace(top[0], top[1], bands + 2) / 2595) - 1)
    bins = np.arange(points // 2 + 1) * rate / points
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles: npt.NDArray[np.float32] = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return triangles


def blocks_of(samples: Samples) -> npt.NDArray[np.float32]:
    """float32 [blocks, FRAMES, BANDS], 0..1 or a little more: what the trunk sees of a sound.

    The loudest sample is scaled to 1, so that a quiet recording is the same as a loud one. A sound that does not fill a
    block is repeated until it does. Blocks overlap and lie evenly, the last one ends where the sound ends; blocks that
    are silent beside others are left out.
    """
    spectrum = spectrogram(_filled(samples))
    spare = len(spectrum) - FRAMES
    starts = np.linspace(0, spare, -(-spare // STEP) + 1).round().astype(int)
    blocks = np.stack([spectrum[start : start + FRAMES] for start in starts])
    power = np.power(10, blocks * LARGEST).mean(axis=(1, 2)) - 1
    return np.ascontiguousarray(blocks[power >= SILENCE * power.max()])


def spectrogram(samples: Samples) -> npt.NDArray[np.float32]:
    """float32 [1 + n // HOP, BANDS]: frames are centred on every HOP-th sample; beyond both ends there is silence."""
    loudest = max(1, int(np.abs(samples.astype(np.int32)).max(initial=0)))
    padded = np.pad(samples.astype(np.float32) / np.float32(loudest), FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    window, filters = _front_end()
    power = np.square(np.abs(np.fft.rfft(frames * window))).astype(np.float32)
    bands: npt.NDArray[np.float32] = np.log10(1 + np.float32(1e4) * (power @ filters)) / np.float32(LARGEST)
    return bands


@cache
def _front_end() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The Hann window, and the bands [bins, BANDS], each with a sum of 1."""
    filters = mel_filters(RATE, FRAME, BANDS, 0.0, HIGHEST)
    return np.hanning(FRAME + 1)[:-1].astype(np.float32), (filters / filters.sum(axis=1, keepdims=True)).T.copy()


def _filled(samples: Samples) -> Samples:
    return samples if len(samples) >= BLOCK else np.resize(samples, BLOCK)


class SoundTower:
    """Sounds -> vectors, by a model that takes the blocks of one sound, float32 [blocks, FRAMES, BANDS].

    Sounds are run one by one, so a vector never depends on its neighbours.
    """

    def __init__(self, session: Session, width: int) -> None:
        self._session = session
        self._width = width

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no sound."""
        vectors = np.empty((len(contents), self._width), np.float32)
        for position, content in enumerate(contents):
            vectors[position] = self._vector(checked(content, position))
        return vectors

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, None]:
        """What `encode` gives; sounds have no details."""
        return self.encode(contents), None

    def _vector(self, samples: Samples) -> Vectors:
        feed: Mapping[str, npt.NDArray[np.generic]] = {"blocks": blocks_of(samples)}
        found = self._session.run([VECTORS], feed)[0]
        if found.shape != (1, self._width):
            raise ModelDamaged(
                f"the model gives an array of shape {list(found.shape)}, not [1, {self._width}]",
                subject="onnx",
                remedy="reinstall sensorium",
            )
        vector: Vectors = found[0]
        return vector


def checked(content: object, position: int) -> Samples:
    """`content` if it is a sound. Raises BadInput.

    >>> checked("bark", 0)
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadInput: content 0 is str, not a sound of int16 [n]; let a reader make the samples that ...
    """
    if is_samples(content) and len(content):
        return content
    given = f"{content.dtype} {list(content.shape)}" if isinstance(content, np.ndarray) else type(content).__name__
    raise BadInput(
        f"content {position} is {given}, not a sound of int16 [n]",
        remedy="let a reader make the samples that `audio_input` names",
    )
