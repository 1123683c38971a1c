"""Speech -> text: what is said, when, in which language, and how sure the model is of it.

Whisper, run by faster-whisper on CTranslate2. It was trained to write something for every sound that it is given, so it
is given nothing but what `voice_activity` takes for speech, and what it writes is dropped where its own figures say
that it is made up (`Doubts`). Decoding draws no random numbers: same samples, same model, same text.

Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sensorium.core.contents import Samples
from sensorium.core.errors import ExtraMissing, ModelDamaged, SensoriumError
from sensorium.core.items import Producer
from sensorium.perception.speech_models import INSTALL, locate, reason_missing
from sensorium.perception.utterances import Utterance, Word, sentences
from sensorium.perception.voice_activity import RATE, Seconds, VoiceActivity, find_model, require_samples

MOST_TOKENS = 224
"""Tokens written for one window: 8 a second, which fast speech does not reach. What repeats itself goes on to the end
of it and is dropped then."""
WINDOW = 28.0
"""Seconds of speech that are given to the model at once. It hears 30 s, whether they are full or not."""


class Recogniser(Protocol):
    """Samples -> what is said in them."""

    producer: Producer

    def listen(self, samples: Samples, start: float = 0.0) -> tuple[Utterance, ...]:
        """Sentences in order; none where nobody speaks.

        samples: int16 [n], 16,000 a second, one channel. start: seconds of media time of the first one; all times of
        the utterances count from the media's start. Raises BadInput.
        """
        ...


class SpeechFinder(Protocol):
    """Samples -> intervals of speech in seconds from the first sample."""

    producer: Producer

    def speech(self, samples: Samples) -> tuple[Seconds, ...]: ...


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
    """How a model is found and run.

    cache, download: as for `speech_models.locate`. language: ISO 639-1; None lets the model tell it, window by window.
    beam: hypotheses that are followed. compute: type of the sums in CTranslate2. threads: 0 takes what CTranslate2
    thinks best.
    """

    cache: Path | None = None
    download: bool = False
    language: str | None = None
    beam: int = 5
    compute: str = "int8"
    threads: int = 0
    doubts: Doubts = Doubts()


class WhisperRecogniser:
    """Whisper behind the port `Recogniser`. One thread at a time.

    model: a `faster_whisper.WhisperModel`, or what has its `transcribe`. activity: tells where somebody speaks.
    """

    def __init__(
        self, model: Any, activity: SpeechFinder, producer: Producer, options: WhisperOptions | None = None
    ) -> None:
        self._model = model
        self._activity = activity
        self._options = options or WhisperOptions()
        self.producer = producer

    @classmethod
    def load(cls, model: str = "", options: WhisperOptions | None = None) -> WhisperRecogniser:
        """A recogniser on a model of this machine.

        model: "" for the best that an installed package holds; else a name, a folder or a hub id, see
        `speech_models.locate`. Raises ExtraMissing, ModelDamaged, WriteFailed, BadInput.
        """
        options = options or WhisperOptions()
        activity = VoiceActivity.load()
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise _extra_missing() from error
        found = locate(model, cache=options.cache, download=options.download)
        try:
            whisper = WhisperModel(
                str(found.folder),
                device="cpu",
                compute_type=options.compute,
                cpu_threads=options.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelDamaged(
                f"the model can not be loaded ({error})", subject=found.folder.name, remedy="fetch it anew"
            ) from error
        return cls(whisper, activity, found.producer, options)

    def listen(self, samples: Samples, start: float = 0.0) -> tuple[Utterance, ...]:
        """Fits `Recogniser.listen`."""
        require_samples(samples)
        spoken = self._activity.speech(samples)
        return tuple(
            utterance for window in windows(spoken, WINDOW) for utterance in self._write_down(samples, window, start)
        )

    def _write_down(self, samples: Samples, window: Sequence[Seconds], start: float) -> tuple[Utterance, ...]:
        heard = np.concatenate([samples[round(a * RATE) : round(b * RATE)] for a, b in window])
        options = self._options
        segments, about = self._model.transcribe(
            heard.astype(np.float32) / 32_768,
            language=options.language,
            beam_size=options.beam,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            max_new_tokens=MOST_TOKENS,
            log_prob_threshold=None,
            no_speech_threshold=None,
        )
        words = _words(segment for segment in segments if not options.doubts.about(segment))
        return sentences([on_media_clock(word, window, start) for word in words], about.language)


def available(model: str = "") -> str | None:
    """Why speech can not be written down here, in a sentence with what to do; None where it can. Loads nothing."""
    if find_spec("ctranslate2") is None:
        return str(_extra_missing())
    try:
        find_model()
    except SensoriumError as error:
        return str(error)
    return reason_missing(model)


def windows(spoken: Sequence[Seconds], longest: float) -> list[list[Seconds]]:
    """Intervals of speech, some together of at most `longest` seconds: a full window costs what an empty one does.

    An interval that alone is longer is cut into equal parts.

    >>> windows([(0.0, 4.0), (10.0, 14.0), (20.0, 22.0)], 9.0)
    [[(0.0, 4.0), (10.0, 14.0)], [(20.0, 22.0)]]
    """
    found: list[list[Seconds]] = []
    room = 0.0
    for start, end in spoken:
        parts = max(1, int(np.ceil((end - start) / longest)))
        edges = np.linspace(start, end, parts + 1).tolist()
        for part in itertools.pairwise(edges):
            if part[1] - part[0] > room:
                found.append([])
                room = longest
            found[-1].append(part)
            room -= part[1] - part[0]
    return found


def on_media_clock(word: Word, window: Sequence[Seconds], start: float) -> Word:
    """A word whose times count from the start of joined intervals -> the same word on the clock of the media.

    It lies in the interval that holds its middle, and does not reach beyond it.

    >>> on_media_clock(Word(text="a", start=3.9, end=4.5, confidence=1.0), [(0.0, 4.0), (10.0, 14.0)], 100.0)
    Word(text='a', start=110.0, end=110.5, confidence=1.0)
    """
    middle = (word.start + word.end) / 2
    before = 0.0
    for position, (first, last) in enumerate(window):
        if middle < before + last - first or position == len(window) - 1:
            break
        before += last - first
    moved = [min(max(time - before + first, first), last) + start for time in (word.start, word.end)]
    return replace(word, start=round(moved[0], 3), end=round(moved[1], 3))


def _words(segments: Iterable[Any]) -> list[Word]:
    return [
        Word(text=word.word, start=float(word.start), end=float(word.end), confidence=float(word.probability))
        for segment in segments
        for word in segment.words or ()
    ]


def _extra_missing() -> ExtraMissing:
    return ExtraMissing("speech needs an extra that is not installed", subject="faster-whisper", remedy=INSTALL)
