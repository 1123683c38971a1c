"""Writing in pictures, read by a process of its own: the libraries that do it decode, and the parent never does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from types import TracebackType

from sensorium.core.contents import Pixels
from sensorium.core.errors import ExtraMissing
from sensorium.perception import writing_weights, writing_wire
from sensorium.perception.writing_lines import Block, Box, Line, Lines, as_text, reading_order
from sensorium.perception.writing_options import WritingOptions
from sensorium.perception.writing_weights import PRODUCER
from sensorium.processes.channel import Channel
from sensorium.processes.child import running
from sensorium.processes.failing import Failed, Failing
from sensorium.processes.greeting import Ready, greeted
from sensorium.processes.sandbox import Level
from sensorium.processes.warm import THREADS_LATER, WarmProcess, Work

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

FAILING = Failing(
    process="process that reads writing",
    work="reading its writing",
    report="leave the picture out, or report it",
    more_time="make the picture smaller, or allow more seconds",
    more_memory="make the picture smaller, or allow more memory",
)


def available() -> str | None:
    """None when writing can be read here; else what is missing, in words. Imports nothing.

    >>> available() is None or available().startswith("the package")
    True
    """
    return writing_weights.missing()


class WritingRecogniser:
    """Reads the writing in pictures, one picture at a time, from any thread; waiting releases the interpreter lock.

    strict: it reads only when it is shut in as far as can be. command: what starts the worker, without its last
    argument, the descriptor of its channel.
    """

    def __init__(self, options: WritingOptions, *, strict: bool = False, command: Sequence[str] | None = None) -> None:
        self._options = options
        work = Work(
            name=FAILING.process,
            command=command or running(WORKER),
            first=json.dumps(dataclasses.asdict(options)).encode(),
            greet=lambda head: greeted(head, SUBJECT, strict=strict),
            most=options.pictures,
            variables=THREADS_LATER,
        )
        self._process = WarmProcess(work)

    @classmethod
    def load(cls, options: WritingOptions | None = None, *, strict: bool = False) -> WritingRecogniser:
        """A recogniser whose process starts now and gets ready meanwhile. Raises ExtraMissing.

        >>> with WritingRecogniser.load() as recogniser:                   # doctest: +SKIP
        ...     print(as_text(reading_order(recogniser.read(pixels))))
        NO EXIT
        """
        reason = available()
        if reason is not None:
            raise ExtraMissing(reason, subject=SUBJECT, remedy=writing_weights.REMEDY)
        recogniser = cls(options or WritingOptions(), strict=strict)
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

        def exchange(channel: Channel, ready: Ready) -> Lines | Failed:
            channel.send(size, body)
            head, _ = channel.receive(most_head=writing_wire.MOST_ANSWER_BYTES, most_body=0)
            return writing_wire.unpack_answer(head)

        return FAILING.ask(self._process, exchange, self._options.seconds)

    def close(self) -> None:
        """Ends the process, even while another thread reads; whoever reads from now on gets SensoriumError."""
        self._process.close()

    def __enter__(self) -> WritingRecogniser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
