"""Speech -> text: what is said, when, in which language, and how sure the model is of it. For the worker process only:
faster-whisper imports a decoder, though it is given nothing but numbers here.

Whisper, run by faster-whisper on CTranslate2. It was trained to write something for every sound that it is given, so it
is given nothing but what `voice_activity` takes for speech, and what it writes is dropped where its own figures say
that it is made up (`Doubts`). Decoding draws no random numbers: same samples, same model, same text.

Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from sensorium.core.contents import Samples
from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Producer
from sensorium.perception.speech_models import Located, extra_missing
from sensorium.perception.speech_options import WhisperOptions
from sensorium.perception.utterances import Utterance, Word, sentences
from sensorium.perception.voice_activity import RATE, Seconds, VoiceActivity, require_samples

MOST_TOKENS = 224
"""Tokens written for one window: 8 a second, which fast speech does not reach. What repeats itself goes on to the end
of it and is dropped then."""
WINDOW = 28.0
"""Seconds of speech that are given to the model at once. It hears 30 s, whether they are full or not."""


class SpeechFinder(Protocol):
    """Samples -> intervals of speech in seconds from the first sample."""

    producer: Producer

    def speech(self, samples: Samples) -> tuple[Seconds, ...]: ...


class WhisperRecogniser:
    """Whisper as a `speech.Recogniser`, in this very process. One thread at a time.

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
    def load(cls, model: Located, options: WhisperOptions | None = None) -> WhisperRecogniser:
        """A recogniser on a model of this machine. Raises ExtraMissing, ModelDamaged."""
        options = options or WhisperOptions()
        activity = VoiceActivity.load()
        try:
            from faster_whisper import WhisperModel

            whisper = WhisperModel(
                str(model.folder),
                device="cpu",
                compute_type=options.compute,
                cpu_threads=options.threads,
                local_files_only=True,
            )
        except ImportError as error:
            raise extra_missing() from error
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelDamaged(
                f"the model can not be loaded ({error})", subject=model.folder.name, remedy="fetch it anew"
            ) from error
        return cls(whisper, activity, model.producer, options)

    def listen(self, samples: Samples, start: float = 0.0) -> tuple[Utterance, ...]:
        """Fits `speech.Recogniser.listen`."""
        require_samples(samples)
        spoken = self._activity.speech(samples)
        return tuple(
            utterance for window in windows(spoken, WINDOW) for utterance in self._write_down(samples, window, start)
        )

    def close(self) -> None:
        """Fits `speech.Recogniser.close`; the model goes with this object."""

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
