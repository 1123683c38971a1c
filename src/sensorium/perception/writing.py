"""Writing in pictures, read by a process of its own: the libraries that do it decode, and the parent never does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from types import TracebackType

from sensorium.core.contents import Pixels
from sensorium.core.errors import ExtraMissing, ReaderCrashed, Refused, TookTooLong, TooLarge
from sensorium.perception import writing_weights, writing_wire
from sensorium.perception.greeting import Ready, greeted
from sensorium.perception.writing_lines import Block, Box, Line, Lines, as_text, reading_order
from sensorium.perception.writing_options import WritingOptions
from sensorium.perception.writing_weights import PRODUCER
from sensorium.processes.channel import Channel, Malformed, Oversized
from sensorium.processes.child import OUT_OF_TIME, cause_of_death, running
from sensorium.processes.sandbox import Level
from sensorium.processes.warm import THREADS_LATER, Died, WarmProcess, Work

__all__ = [
    "PRODUCER",
    "Block",
    "Box",
    "Line",
    "Lines",
    "WritingOptions",
    "WritingRecogniser",
    "as_text",
    "available",
    "reading_order",
]

WORKER = "sensorium.perception.writing_worker"
SUBJECT = "writing in pictures"

REPORT = "leave the picture out, or report it"
MORE_TIME = "make the picture smaller, or allow more seconds"
MORE_MEMORY = "make the picture smaller, or allow more memory"


def available() -> str | None:
    """None when writing can be read here; else what is missing, in words. Imports nothing.

    >>> available() is None or available().startswith("the package")
    True
    """
    return writing_weights.missing()


class WritingRecogniser:
    """Reads the writing in pictures, one picture at a time, from any thread; waiting releases the interpreter lock.

    command: what starts the worker, without its last argument, the descriptor of its channel.
    """

    def __init__(self, options: WritingOptions, *, command: Sequence[str] | None = None) -> None:
        self._options = options
        work = Work(
            name="process that reads writing",
            command=command or running(WORKER),
            first=json.dumps(dataclasses.asdict(options)).encode(),
            greet=lambda head: greeted(head, SUBJECT),
            most=options.pictures,
            variables=THREADS_LATER,
        )
        self._process = WarmProcess(work)

    @classmethod
    def load(cls, options: WritingOptions | None = None) -> WritingRecogniser:
        """A recogniser whose process starts now and gets ready meanwhile. Raises ExtraMissing.

        >>> with WritingRecogniser.load() as recogniser:                   # doctest: +SKIP
        ...     print(as_text(reading_order(recogniser.read(pixels))))
        NO EXIT
        """
        reason = available()
        if reason is not None:
            raise ExtraMissing(reason, subject=SUBJECT, remedy=writing_weights.REMEDY)
        recogniser = cls(options or WritingOptions())
        recogniser.start()
        return recogniser

    @property
    def process(self) -> int | None:
        """The id of the process that reads, where there is one now."""
        return self._process.process

    @property
    def level(self) -> Level:
        """How far the process is shut in on this system. Raises as `read` does where none can be had."""
        return self._process.greeting().level

    def start(self) -> None:
        """Starts the process without waiting for it."""
        self._process.start()

    def read(self, pixels: Pixels) -> Lines:
        """The lines of writing in a picture; `reading_order` puts them in order.

        pixels: uint8 [height, width, 3], sRGB, upright; ValueError for anything else. Raises TookTooLong, TooLarge or
        ReaderCrashed when this one picture could not be read, the next may; PluginBroken, ModelDamaged or ExtraMissing
        when none can.
        """
        size, body = writing_wire.pack_size(pixels), pixels.tobytes()

        def exchange(channel: Channel, ready: Ready) -> Lines | writing_wire.Failed:
            channel.send(size, body)
            head, _ = channel.receive(most_head=writing_wire.MOST_ANSWER_BYTES, most_body=0)
            return writing_wire.unpack_answer(head)

        try:
            answer = self._process.ask(exchange, self._options.seconds)
        except TimeoutError:
            raise _too_long() from None
        except (Malformed, Oversized) as error:
            cause = f"the process that reads writing answered nonsense ({error})"
            raise ReaderCrashed(cause, remedy=REPORT) from None
        except Died as death:
            raise _refusal_of_death(death.status) from None
        if isinstance(answer, writing_wire.Failed):
            raise _failure(answer.cause)
        return answer

    def close(self) -> None:
        """Ends the process, even while another thread reads; whoever reads from now on gets SensoriumError."""
        self._process.close()

    def __enter__(self) -> WritingRecogniser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _too_long() -> TookTooLong:
    return TookTooLong("reading its writing reached the limit of time", remedy=MORE_TIME)


def _refusal_of_death(status: int) -> Refused:
    """What became of a picture whose worker is gone."""
    if status in OUT_OF_TIME:
        return _too_long()
    return ReaderCrashed(f"the process that reads writing died on it ({cause_of_death(status)})", remedy=REPORT)


def _failure(cause: str) -> Refused:
    """What became of a picture that the worker gave up."""
    if cause in ("MemoryError", "bad_alloc"):
        return TooLarge("reading its writing needs more memory than it may use", remedy=MORE_MEMORY)
    return ReaderCrashed(f"the recogniser failed on it ({cause})", remedy=REPORT)
