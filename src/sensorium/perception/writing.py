"""Writing in pictures, read by a process of its own: the libraries that do it decode, and the parent never does."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from sensorium.core.contents import Pixels
from sensorium.core.errors import (
    ExtraMissing,
    ModelDamaged,
    PluginBroken,
    ReaderCrashed,
    Refused,
    SensoriumError,
    TookTooLong,
    TooLarge,
)
from sensorium.perception import writing_weights, writing_wire
from sensorium.perception.writing_lines import Block, Box, Line, Lines, as_text, reading_order
from sensorium.perception.writing_options import WritingOptions
from sensorium.perception.writing_weights import PRODUCER

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

COMMAND = (sys.executable, "-P", "-s", "-m", "sensorium.perception.writing_worker")
START_SECONDS = 120.0
"""How long the process may take to get ready: two seconds usually, but a loaded machine may be slow."""

REPORT = "leave the picture out, or report it"
MORE_TIME = "make the picture smaller, or allow more seconds"
MORE_MEMORY = "make the picture smaller, or allow more memory"


def available() -> str | None:
    """None when writing can be read here; else what is missing, in words. Imports nothing.

    >>> available() is None or available().startswith("the package")
    True
    """
    return writing_weights.missing()


@dataclass(slots=True)
class Worker:
    """A process and its channel. pictures: how many it was given. expired: its time was up, and it was killed."""

    process: subprocess.Popen[bytes]
    connection: Connection
    ready: bool = False
    pictures: int = 0
    expired: bool = False

    def end(self) -> None:
        self.process.kill()
        self.connection.close()
        self.process.wait()

    def expire(self) -> None:
        self.expired = True
        self.process.kill()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Kills the process when the time is up. That ends every wait for it, and so no wait here needs a limit."""
        timer = threading.Timer(seconds, self.expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class WritingRecogniser:
    """Reads the writing in pictures, one picture at a time, from any thread; waiting releases the interpreter lock.

    command: what starts the worker, without its last argument, the descriptor of its channel.
    """

    def __init__(self, options: WritingOptions, *, command: Sequence[str] = COMMAND) -> None:
        self._options = options
        self._command = tuple(command)
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def load(cls, options: WritingOptions | None = None) -> WritingRecogniser:
        """A recogniser whose process starts now and gets ready meanwhile. Raises ExtraMissing.

        >>> with WritingRecogniser.load() as recogniser:                   # doctest: +SKIP
        ...     print(as_text(reading_order(recogniser.read(pixels))))
        NO EXIT
        """
        reason = available()
        if reason is not None:
            raise ExtraMissing(reason, subject="writing in pictures", remedy=writing_weights.REMEDY)
        recogniser = cls(options or WritingOptions())
        recogniser.start()
        return recogniser

    @property
    def process(self) -> int | None:
        """The id of the process that reads, where there is one now."""
        worker = self._worker
        return worker.process.pid if worker else None

    def start(self) -> None:
        """Starts the process without waiting for it."""
        with self._lock:
            if self._worker is None and not self._closed:
                self._worker = _spawn(self._command, self._options)

    def read(self, pixels: Pixels) -> Lines:
        """The lines of writing in a picture; `reading_order` puts them in order.

        pixels: uint8 [height, width, 3], sRGB, upright; ValueError for anything else. Raises TookTooLong, TooLarge or
        ReaderCrashed when this one picture could not be read, the next may; PluginBroken, ModelDamaged or ExtraMissing
        when none can.
        """
        size = writing_wire.pack_size(pixels)
        with self._lock:
            was_warm = self._worker is not None and self._worker.pictures > 0
            try:
                return self._exchange(size, pixels)
            except ReaderCrashed:
                if not was_warm:
                    raise
            return self._exchange(size, pixels)  # it may have died of what earlier pictures left in it

    def _exchange(self, size: bytes, pixels: Pixels) -> Lines:
        """One picture and its checked answer. Whatever but an answer comes: the process goes."""
        worker = self._ready_worker()
        worker.pictures += 1
        try:
            with worker.within(self._options.seconds):
                worker.connection.send_bytes(size)
                worker.connection.send_bytes(pixels.tobytes())
                answer = writing_wire.unpack_answer(worker.connection.recv_bytes(writing_wire.MOST_ANSWER_BYTES))
        except (EOFError, OSError, writing_wire.Malformed) as error:
            self._retire()
            raise _refusal(error, worker) from None
        except BaseException:
            self._retire()  # interrupted half-way: what still comes would answer the wrong question
            raise
        if isinstance(answer, writing_wire.Failed):
            raise _failure(answer.cause)
        return answer

    def close(self) -> None:
        """Ends the process, even while another thread reads; whoever reads from now on gets SensoriumError."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.process.kill()
        with self._lock:
            self._retire()

    def __enter__(self) -> WritingRecogniser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready_worker(self) -> Worker:
        """A worker that waits for a picture: the warm one, or a new one where that is worn, dead or not quiet."""
        worker = self._worker
        if worker and worker.ready and (worker.pictures >= self._options.pictures or not _is_quiet(worker)):
            self._retire()
            worker = None
        if self._closed:
            raise SensoriumError("the recogniser was closed", remedy="load another one")
        if worker is None:
            worker = self._worker = _spawn(self._command, self._options)
        if not worker.ready:
            try:
                _greet(worker)
            except BaseException:
                self._retire()
                raise
        return worker

    def _retire(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


def _spawn(command: Sequence[str], options: WritingOptions) -> Worker:
    """Starts a worker in a session of its own, where Ctrl-C does not reach it, with an environment made for it.

    It searches packages where the parent does, except in relative folders: those are wherever the user stands.
    """
    here, there = Pipe()
    with there:
        process = subprocess.Popen(
            [*command, str(there.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_environment(),
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
    with contextlib.suppress(OSError):  # a worker that died at once is noticed when it is greeted
        here.send_bytes(json.dumps(dataclasses.asdict(options)).encode())
    return Worker(process, here)


def _environment() -> dict[str, str]:
    """No secrets, no proxies; the networks' threads are set by the options, those of all others are few."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if Path(entry).is_absolute())
    few = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", **few, **kept}


def _greet(worker: Worker) -> None:
    """Waits until the worker is ready. Raises PluginBroken, ModelDamaged or ExtraMissing."""
    try:
        with worker.within(START_SECONDS):
            greeting = json.loads(worker.connection.recv_bytes(writing_wire.MOST_HEAD_BYTES))
    except (EOFError, OSError, ValueError):
        greeting = None
    match greeting:
        case {"ready": True}:
            worker.ready = True
        case {"broken": str(code), "what": str(what)} if code in BROKEN:
            raise BROKEN[code](what, subject="writing in pictures")
        case _:
            what = "the process that reads writing does not start"
            remedy = f"check that `{' '.join(['python', *COMMAND[3:]])}` finds its modules"
            raise PluginBroken(what, subject="writing in pictures", remedy=remedy)


BROKEN: dict[str, type[SensoriumError]] = {kind.code: kind for kind in (ExtraMissing, ModelDamaged)}


def _is_quiet(worker: Worker) -> bool:
    """True when the worker is there and nothing lies unread: what must hold before a new picture."""
    try:
        return not worker.connection.poll(0) and not worker.expired
    except OSError:
        return False


def _refusal(error: Exception, worker: Worker) -> Refused:
    """What became of a picture whose worker is gone."""
    if worker.expired:
        return TookTooLong("reading its writing reached the limit of time", remedy=MORE_TIME)
    if isinstance(error, writing_wire.Malformed):
        return ReaderCrashed(f"the process that reads writing answered nonsense ({error})", remedy=REPORT)
    return ReaderCrashed(f"the process that reads writing died on it ({type(error).__name__})", remedy=REPORT)


def _failure(cause: str) -> Refused:
    """What became of a picture that the worker gave up."""
    if cause in ("MemoryError", "bad_alloc"):
        return TooLarge("reading its writing needs more memory than it may use", remedy=MORE_MEMORY)
    return ReaderCrashed(f"the recogniser failed on it ({cause})", remedy=REPORT)
