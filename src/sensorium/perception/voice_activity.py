"""Where somebody speaks: silero VAD over samples, so that music and noise are not written down as words.

The model is the file that the package faster-whisper carries (silero VAD v6, MIT), run by onnxruntime alone: neither
faster-whisper nor a decoder is imported for it. https://github.com/snakers4/silero-vad
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Samples
from sensorium.core.errors import BadInput, ExtraMissing, ModelDamaged
from sensorium.core.items import Producer

RATE = 16_000
"""Samples a second that every model of speech here takes."""
STEP = 512
"""Samples that the model judges at once: 32 ms."""
BEFORE = 64
"""Samples before each step that it sees too."""
MEMORY = 128
BATCH_STEPS = 2_000

Seconds = tuple[float, float]
"""A half-open interval `[start, end)` of time."""
Probabilities = npt.NDArray[np.float32]

MODEL = "silero_vad_v6.onnx"
MODEL_SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"
INSTALL = "pip install 'sensorium[speech]'"


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, outputs: list[str], feed: dict[str, npt.NDArray[np.float32]]) -> list[npt.NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hysteresis:
    """How probabilities of speech become intervals. Times in seconds.

    begin: speech begins where the probability reaches this. end: it ends where it stays below this for `pause`.
    shortest: speech shorter than that is a click or a cough. pad: added on both sides, so that no consonant is cut.
    """

    begin: float = 0.5
    end: float = 0.35
    pause: float = 0.5
    shortest: float = 0.25
    pad: float = 0.2


class VoiceActivity:
    """Samples -> the intervals in which somebody speaks. One that is loaded may be asked by one thread at a time."""

    def __init__(self, session: Session, rules: Hysteresis | None = None) -> None:
        self._session = session
        self._rules = rules or Hysteresis()

    producer = Producer(name="silero-vad", version="6", digest=MODEL_SHA256)

    @classmethod
    def load(cls, rules: Hysteresis | None = None) -> VoiceActivity:
        """The installed model, once its bytes are known to be the right ones.

        Raises ExtraMissing where faster-whisper is not installed, ModelDamaged where it carries another file.
        """
        path = find_model()
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
            raise ModelDamaged("the model of voice activity is another one", subject=path.name, remedy=INSTALL)
        return cls(_open(data), rules)

    def speech(self, samples: Samples) -> tuple[Seconds, ...]:
        """Intervals of speech in seconds from the first sample, rising, apart from each other.

        samples: int16 [n], 16,000 a second, one channel. Raises BadInput for anything else.
        """
        return intervals(self.probabilities(samples), len(samples) / RATE, self._rules)

    def probabilities(self, samples: Samples) -> Probabilities:
        """float32 [ceil(n / 512)], 0..1: how probable speech is in each 32 ms."""
        require_samples(samples)
        steps = -(-len(samples) // STEP)
        padded = np.zeros(BEFORE + steps * STEP, np.float32)
        padded[BEFORE : BEFORE + len(samples)] = samples
        padded /= 32_768
        seen = np.lib.stride_tricks.sliding_window_view(padded, BEFORE + STEP)[::STEP] if steps else padded[:0]
        h, c = np.zeros((1, 1, MEMORY), np.float32), np.zeros((1, 1, MEMORY), np.float32)
        found: list[Probabilities] = []
        for first in range(0, steps, BATCH_STEPS):
            feed = {"input": np.ascontiguousarray(seen[first : first + BATCH_STEPS]), "h": h, "c": c}
            probabilities, h, c = self._session.run(["speech_probs", "hn", "cn"], feed)
            found.append(probabilities.reshape(-1))
        return np.concatenate(found) if found else np.zeros(0, np.float32)


def intervals(probabilities: Iterable[float], length: float, rules: Hysteresis) -> tuple[Seconds, ...]:
    """Intervals of speech out of one probability for each 32 ms. length: seconds, the last interval ends by then.

    >>> intervals([0.1, 0.9, 0.9, 0.4, 0.1, 0.1], 0.192, Hysteresis(pause=0.05, shortest=0.03, pad=0.0))
    ((0.032, 0.128),)
    """
    spoken = [(a * STEP / RATE, b * STEP / RATE) for a, b in _runs(probabilities, rules)]
    kept = [(start, min(end, length)) for start, end in spoken if end - start >= rules.shortest]
    return padded(kept, rules.pad, length)


def padded(spoken: Sequence[Seconds], pad: float, length: float) -> tuple[Seconds, ...]:
    """Each interval longer by `pad` on both sides, within 0 and `length`; those that touch then are one.

    >>> padded([(1.0, 2.0), (2.25, 3.0), (5.0, 6.0)], 0.25, 6.1)
    ((0.75, 3.25), (4.75, 6.1))
    """
    joined: list[Seconds] = []
    for start, end in spoken:
        start, end = max(0.0, start - pad), min(length, end + pad)
        if joined and start <= joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, end))
    return tuple(joined)


def _runs(probabilities: Iterable[float], rules: Hysteresis) -> list[tuple[int, int]]:
    """Steps `[first, last)` of each stretch that begins above `begin` and ends by staying below `end`."""
    patience = max(1, round(rules.pause * RATE / STEP))
    found: list[tuple[int, int]] = []
    first: int | None = None
    quiet = steps = 0
    for steps, probability in enumerate(itertools.chain(probabilities, itertools.repeat(0.0, patience))):
        if first is None:
            first = steps if probability >= rules.begin else None
            quiet = 0
            continue
        quiet = quiet + 1 if probability < rules.end else 0
        if quiet == patience:
            found.append((first, steps + 1 - patience))
            first = None
    return found


def require_samples(samples: npt.NDArray[np.generic]) -> None:
    """Raises BadInput unless `samples` are int16 [n]."""
    if samples.ndim != 1 or samples.dtype != np.int16:
        raise BadInput(
            f"the sound is {samples.dtype} {list(samples.shape)}, not int16 [n]",
            remedy="give one channel at 16,000 samples a second",
        )


def find_model() -> Path:
    """Where the model of voice activity lies. Raises ExtraMissing."""
    spec = find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "assets" / MODEL
        if path.is_file():
            return path
    raise ExtraMissing("speech needs an extra that is not installed", subject="faster-whisper", remedy=INSTALL)


def _open(model: bytes) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # Each step waits for the one before it: a second thread only takes the core from somebody else.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
