"""Speech, heard by a process of its own: the libraries that do it import a decoder, and the parent never does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Protocol

from sensorium.core.contents import Samples
from sensorium.core.errors import SensoriumError
from sensorium.core.items import Producer
from sensorium.perception import speech_wire
from sensorium.perception.speech_models import Located, extra_missing, locate, reason_missing
from sensorium.perception.speech_options import Patience, WhisperOptions
from sensorium.perception.utterances import Utterance
from sensorium.perception.voice_activity import RATE, find_model
from sensorium.processes.channel import Channel
from sensorium.processes.child import running
from sensorium.processes.failing import Failed, Failing
from sensorium.processes.greeting import Ready, greeted
from sensorium.processes.sandbox import Level
from sensorium.processes.warm import THREADS_LATER, WarmProcess, Work

WORKER = "sensorium.perception.speech_worker"
SUBJECT = "speech"

FAILING = Failing(
    process="process that hears speech",
    work="hearing its speech",
    report="leave the recording out, or report it",
    more_time="take a smaller model, or more threads",
    more_memory="take a smaller model",
)


class Recogniser(Protocol):
    """Samples -> what is said in them."""

    producer: Producer

    def listen(self, samples: Samples, start: float = 0.0) -> tuple[Utterance, ...]:
        """Sentences in order; none where nobody speaks.

        samples: int16 [n], 16,000 a second, one channel. start: seconds of media time of the first one; all times of
        the utterances count from the media's start. Raises BadInput.
        """
        ...

    def close(self) -> None:
        """Lets go of the model."""
        ...


class SpeechRecogniser:
    """Whisper behind the port `Recogniser`, from any thread; waiting releases the interpreter lock.

    strict: it hears only when it is shut in as far as can be. command: what starts the worker, without its last
    argument, the descriptor of its channel.
    """

    def __init__(
        self,
        model: Located,
        options: WhisperOptions | None = None,
        patience: Patience | None = None,
        *,
        strict: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        self.producer = model.producer
        self._patience = patience or Patience()
        first = {
            "folder": str(model.folder),
            "options": dataclasses.asdict(options or WhisperOptions()),
            "patience": dataclasses.asdict(self._patience),
        }
        work = Work(
            name=FAILING.process,
            command=command or running(WORKER),
            first=json.dumps(first).encode(),
            greet=lambda head: greeted(head, SUBJECT, strict=strict),
            most=self._patience.tracks,
            variables=THREADS_LATER,
        )
        self._process = WarmProcess(work)

    @classmethod
    def load(
        cls,
        model: str = "",
        options: WhisperOptions | None = None,
        *,
        strict: bool = False,
        cache: Path | None = None,
    ) -> SpeechRecogniser:
        """A recogniser on a model of this machine, whose process starts now and gets ready meanwhile.

        model, cache: as for `speech_models.locate`. strict: as for the class. Raises ExtraMissing, ModelDamaged,
        WriteFailed.
        """
        find_model()
        if find_spec("ctranslate2") is None:
            raise extra_missing()
        recogniser = cls(locate(model, cache=cache), options, strict=strict)
        recogniser._process.start()
        return recogniser

    @property
    def process(self) -> int | None:
        """The id of the process that hears, where there is one now."""
        return self._process.process

    @property
    def level(self) -> Level:
        """How far the process is shut in on this system. Raises as `listen` does where none can be had."""
        return self._process.greeting().level

    def listen(self, samples: Samples, start: float = 0.0) -> tuple[Utterance, ...]:
        """Fits `Recogniser.listen`.

        Raises TookTooLong, TooLarge or ReaderCrashed when this recording could not be heard, the next may;
        PluginBroken, ModelDamaged or ExtraMissing when none can.
        """
        head, body = speech_wire.pack_samples(samples, start)
        length = len(samples) / RATE

        def exchange(channel: Channel, ready: Ready) -> tuple[Utterance, ...] | Failed:
            channel.send(head, body)
            answer, _ = channel.receive(most_head=speech_wire.MOST_ANSWER_BYTES, most_body=0)
            return speech_wire.unpack_answer(answer, start, length)

        return FAILING.ask(self._process, exchange, self._patience.allows(length))

    def close(self) -> None:
        """Ends the process, even while another thread listens; whoever does from now on gets SensoriumError."""
        self._process.close()

    def __enter__(self) -> SpeechRecogniser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def available(model: str = "") -> str | None:
    """Why speech can not be written down here, in a sentence with what to do; None where it can. Loads nothing."""
    if find_spec("ctranslate2") is None:
        return str(extra_missing())
    try:
        find_model()
    except SensoriumError as error:
        return str(error)
    return reason_missing(model)
