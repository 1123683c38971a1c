"""What hearing speech may cost, and what of it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """When a stretch of text is dropped as made up.

    log_probability: mean over its tokens, below which it is. no_speech: the model's own probability that nobody speaks,
    above which it is, unless the mean is above `sure`. compression: length of the text over its length by zlib, above
    which it repeats itself. confidence: mean over its words, below which it is.
    """

    log_probability: float = -1.0
    sure: float = -0.5
    no_speech: float = 0.6
    compression: float = 2.4
    confidence: float = 0.3

    def about(self, segment: Any) -> bool:
        """Whether this segment of faster-whisper is dropped."""
        sure = [word.probability for word in segment.words or ()]
        silent = segment.no_speech_prob > self.no_speech and segment.avg_logprob < self.sure
        repeats = segment.compression_ratio > self.compression
        weak = segment.avg_logprob < self.log_probability or (sure and sum(sure) / len(sure) < self.confidence)
        return bool(silent or repeats or weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperOptions:
    """How a model is run.

    language: ISO 639-1; None lets the model tell it, window by window. beam: hypotheses that are followed. compute:
    type of the sums in CTranslate2. threads: 0 takes what CTranslate2 thinks best.
    """

    language: str | None = None
    beam: int = 5
    compute: str = "int8"
    threads: int = 0
    doubts: Doubts = Doubts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What the process that hears may use up.

    seconds: on the clock, for a recording however short. pace: seconds more for each second of sound. memory: bytes of
    address space beside the model. tracks: heard before the process is replaced.
    """

    seconds: float = 120.0
    pace: float = 60.0
    memory: int = 3 * GIB
    tracks: int = 500

    def allows(self, length: float) -> float:
        """Seconds on the clock for so many seconds of sound.

        >>> Patience().allows(10.0)
        720.0
        """
        return self.seconds + self.pace * length

    def memory_with(self, model: Path) -> int:
        """Bytes of address space for a model with weights in this file, which are converted while they are loaded."""
        return self.memory + 4 * model.stat().st_size
