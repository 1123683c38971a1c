"""Who speaks: a voice -> a vector. Two stretches of one person's speech have vectors that lie close.

The encoder is resemblyzer's (Apache-2.0), an LSTM trained to tell thousands of speakers apart, as ONNX with weights of
8 bits; its sums run in 32. Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification", ICASSP,
arXiv:1710.10467. What a vector is of is a person: it is biometric data, and is to be kept and shown like that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Samples
from sensorium.core.errors import GoldenMismatch, ModelDamaged
from sensorium.core.items import Producer
from sensorium.core.spaces import Vectors
from sensorium.perception.voice_activity import RATE, Seconds, require_samples

WIDTH = 256
MELS = 40
FRAME, HOP = 400, 160
"""Samples of a frame (25 ms) and from one frame to the next (10 ms)."""
WINDOW = 160
"""Frames that the encoder hears at once: 1.6 s."""
WINDOW_STEP = 77
"""Frames from one window to the next: 1.3 windows a second."""
COVERAGE = 0.75
"""A last window that holds less than this share of sound is left out, unless it is the only one."""
LOUDNESS = 10 ** (-30 / 20)
"""Quieter speech is made as loud as this: root of the mean square, 1 is full scale."""
SHORTEST = 0.4
"""Seconds of speech below which there is no voice to speak of."""

MODEL = "speaker.onnx"
WEIGHTS = "weights/speaker"
GOLDEN_TOLERANCE = 3e-3

Floats = npt.NDArray[np.float32]


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, outputs: list[str], feed: dict[str, Floats]) -> list[Floats]: ...


class SpeakerEncoder:
    """Speech -> the vector of its voice. One thread at a time.

    session: gives `vectors` float32 [n, 256], unit length, for `mels` float32 [n, 160, 40].
    """

    def __init__(self, session: Session, producer: Producer) -> None:
        self._session = session
        self.producer = producer

    @classmethod
    def load(cls, *, threads: int = 1) -> SpeakerEncoder:
        """The encoder that the package ships, checked by sha256 and by a golden vector.

        Raises ModelDamaged or GoldenMismatch.
        """
        model, producer = _read(MODEL), shipped_producer()
        if hashlib.sha256(model).hexdigest() != producer.digest:
            raise ModelDamaged(
                "the file is not the one that the manifest names", subject=MODEL, remedy="reinstall sensorium"
            )
        encoder = cls(open_session(model, threads), producer)
        encoder.verify(np.asarray(_manifest()["golden"], np.float32))
        return encoder

    def voice(self, samples: Samples, intervals: Sequence[Seconds] | None = None) -> Vectors | None:
        """float32 [256], unit length: the voice in these intervals; None in less than 0.4 s of it, and in silence.

        samples: int16 [n], 16,000 a second, one channel. intervals: seconds from the first sample in which one person
        speaks, best those of `VoiceActivity` within a sentence; None for all. Vectors have no negative component, so
        that even strangers have a cosine of about 0.6. Raises BadInput.
        """
        require_samples(samples)
        spoken = [(0.0, len(samples) / RATE)] if intervals is None else intervals
        parts = [samples[max(0, round(start * RATE)) : max(0, round(end * RATE))] for start, end in spoken]
        heard = np.concatenate([np.zeros(0, np.int16), *parts])
        if len(heard) < SHORTEST * RATE or not heard.any():
            return None
        (vectors,) = self._session.run(["vectors"], {"mels": windows(as_loud(heard))})
        mean = vectors.mean(axis=0)
        unit: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
        return unit

    def verify(self, golden: Vectors) -> None:
        """Raises GoldenMismatch unless a made sound has the vector that torch gave for it with the same weights."""
        found = self.voice(golden_sound())
        off = np.inf if found is None else float(np.abs(found - golden).max())
        if not off <= GOLDEN_TOLERANCE:
            raise GoldenMismatch(
                f"the voice is off by {off:.4f}, allowed {GOLDEN_TOLERANCE:.4f}",
                subject=MODEL,
                remedy="reinstall sensorium and onnxruntime; if it stays, report both versions and the processor",
            )


def as_loud(samples: Samples) -> Floats:
    """Samples within -1..1 and, where they are quieter than `LOUDNESS`, made as loud: float32 [n]."""
    sound = samples.astype(np.float32) / np.float32(32_768)
    loud = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    return sound * np.float32(max(1.0, LOUDNESS / loud)) if loud > 0 else sound


def windows(sound: Floats) -> Floats:
    """The windows that the encoder hears: float32 [m, 160, 40], m >= 1. sound: float32 [n], -1..1.

    >>> windows(np.zeros(32_000, np.float32)).shape
    (2, 160, 40)
    """
    frames = -(-(len(sound) + 1) // HOP)
    starts = list(range(0, max(1, frames - WINDOW + WINDOW_STEP + 1), WINDOW_STEP))
    if len(starts) > 1 and (len(sound) / HOP - starts[-1]) / WINDOW < COVERAGE:
        starts.pop()
    mels = mel_power(np.pad(sound, (0, max(0, (starts[-1] + WINDOW) * HOP - len(sound)))))
    return np.stack([mels[start : start + WINDOW] for start in starts])


def mel_power(sound: Floats) -> Floats:
    """Power in 40 mel bands, not its logarithm: float32 [1 + n // 160, 40]. sound: float32 [n].

    Frames are centred on every 160th sample, with silence before the first and after the last one. The same numbers
    as librosa 0.11 gives, to 1e-6 of the largest.
    """
    padded = np.pad(sound, FRAME // 2)
    framed = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(framed * hann, axis=1)))
    return (power @ mel_filters().T).astype(np.float32)


@cache
def mel_filters() -> npt.NDArray[np.float64]:
    """float64 [40, 201]: triangles of equal area on the mel scale from 0 to 8,000 Hz.

    Slaney 1998, "Auditory Toolbox", Technical Report 1998-010: linear below 1,000 Hz, logarithmic above.
    """
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), MELS + 2))
    bins = np.arange(FRAME // 2 + 1) * RATE / FRAME
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    areas: npt.NDArray[np.float64] = triangles * (2 / (edges[2:] - edges[:-2]))[:, None]
    return areas


def _mel(hertz: float) -> float:
    return 15 + 27 * float(np.log(hertz / 1000)) / float(np.log(6.4)) if hertz >= 1000 else hertz * 3 / 200


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.power(6.4, (mels - 15) / 27))


def golden_sound() -> Samples:
    """Three seconds of a made vowel that glides: int16 [48000]. The same numbers on every machine."""
    time = np.arange(3 * RATE) / RATE
    phase = 2 * np.pi * (110 * time + 15 * time**2)
    tones = sum(np.sin(phase * n) / n * (1.5 + np.cos(n * 0.9)) for n in range(1, 21))
    return np.asarray(np.rint(3_000 * np.asarray(tones)), np.int16)


def shipped_producer() -> Producer:
    """What `SpeakerEncoder.load` loads, without loading it.

    >>> shipped_producer() == SpeakerEncoder.load().producer
    True
    """
    manifest = _manifest()
    return Producer(name=str(manifest["name"]), version=str(manifest["version"]), digest=str(manifest["files"][MODEL]))


def _manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(_read("manifest.json"))
    return manifest


def _read(name: str) -> bytes:
    try:
        return files("sensorium.perception").joinpath(f"{WEIGHTS}/{name}").read_bytes()
    except OSError as error:
        raise ModelDamaged("the file can not be read", subject=name, remedy="reinstall sensorium") from error


def open_session(model: bytes, threads: int) -> Any:
    """An onnxruntime session that fits `Session`."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
