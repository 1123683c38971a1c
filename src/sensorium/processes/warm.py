"""One warm child process that is watched and replaced: whatever it does, the next question gets one that works."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sensorium.core.errors import PluginBroken, Refused, SensoriumError
from sensorium.processes.channel import Channel, Closed, Oversized
from sensorium.processes.child import OUT_OF_TIME, Child, Greeting, spawn

Answer = TypeVar("Answer")

START_SECONDS = 120.0
"""How long a child may take to get ready: a second or two usually, but a loaded machine may be slow."""

ATTEMPTS = 2
"""A child may die of what earlier questions left in it, so the one that it dies of is put to a second, fresh one."""

DYING_SECONDS = 1.0
"""How long a child that closed its channel may take to die by itself, which tells why."""

MOST_GREETING_BYTES = 64 * 1024

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""One thread only, because a sandbox binds the thread that closes it."""
THREADS_LATER = ONE_THREAD | {"MALLOC_ARENA_MAX": "2"}
"""The same until the sandbox is closed; what then makes threads is told how many by its options."""


class Died(Exception):
    """The process died of a question. status: as it ended, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[Greeting]):
    """What a process is for.

    name: of the process, as it stands in errors. command: what starts it, see `child.running`. first: the head of its
    first frame. greet: its greeting out of the head of its answer to that; raises a SensoriumError where the process
    says that it can not work, and ValueError for nonsense. most: questions after which it is replaced. variables: its
    environment.
    """

    name: str
    command: Sequence[str]
    first: bytes = field(repr=False)
    greet: Callable[[bytes], Greeting]
    most: int
    variables: Mapping[str, str] = field(default_factory=lambda: ONE_THREAD)


class WarmProcess(Generic[Greeting]):
    """Keeps one process, which starts with the first question, or before by `start`.

    Any thread may ask; questions are put one at a time. Waiting releases the interpreter lock.
    """

    def __init__(self, work: Work[Greeting]) -> None:
        self._work = work
        self._child: Child[Greeting] | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def process(self) -> int | None:
        """The id of the process, where there is one now."""
        child = self._child
        return child.process.pid if child else None

    def start(self) -> None:
        """Starts the process without waiting for it, so that it gets ready while the caller does something else."""
        with self._lock:
            if self._child is None and not self._closed:
                self._child = self._spawn()

    def greeting(self) -> Greeting:
        """What a process that is ready said of itself. Raises as `ask` does where none can be had."""
        with self._lock:
            return self._ready()[1]

    def ask(self, exchange: Callable[[Channel, Greeting], Answer], seconds: float) -> Answer:
        """What `exchange` makes of a talk with a process that is ready; where one dies of it, with a fresh one.

        seconds: on the clock. Whatever but an answer or a `Refused` comes of it: the process goes. Raises what
        `exchange` raises, Died, TimeoutError, Oversized; PluginBroken where no process can be started.
        """
        with self._lock:
            for attempt in range(1, ATTEMPTS + 1):
                child, greeting = self._ready()
                try:
                    with self._talk(child, seconds) as channel:
                        return exchange(channel, greeting)
                except Closed:
                    status = self._retire(DYING_SECONDS)
                    if attempt == ATTEMPTS or status in OUT_OF_TIME:
                        raise Died(status) from None
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Ends the process, even while another thread asks; whoever asks from now on gets SensoriumError."""
        self._closed = True
        child = self._child
        if child is not None:
            child.process.kill()
        with self._lock:
            self._retire()

    @contextlib.contextmanager
    def _talk(self, child: Child[Greeting], seconds: float) -> Iterator[Channel]:
        child.served += 1
        try:
            child.channel.expire_in(seconds)
            yield child.channel
        except (Refused, Closed):
            raise
        except BaseException:
            self._retire()  # interrupted half-way: what the child still sends would answer the wrong question
            raise

    def _ready(self) -> tuple[Child[Greeting], Greeting]:
        """A process that waits for a question: the warm one, or a new one where that is worn, dead or not quiet."""
        child = self._child
        if child and child.greeting is not None and (child.served >= self._work.most or not child.channel.is_quiet()):
            self._retire()
            child = None
        if self._closed:
            raise SensoriumError(f"the {self._work.name} was closed", remedy="open another one")
        if child is None:
            child = self._child = self._spawn()
        if child.greeting is None:
            with self._gone_on_errors():
                child.greeting = self._greet(child)
        return child, child.greeting

    def _greet(self, child: Child[Greeting]) -> Greeting:
        child.channel.expire_in(START_SECONDS)
        try:
            head, _ = child.channel.receive(most_head=MOST_GREETING_BYTES, most_body=0)
            return self._work.greet(head)
        except (Closed, Oversized, TimeoutError, ValueError, KeyError, TypeError):
            what = f"the {self._work.name} does not start"
            remedy = "check that Sensorium and what it needs are installed whole"
            raise PluginBroken(what, subject=self._work.command[-1], remedy=remedy) from None

    @contextlib.contextmanager
    def _gone_on_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._retire()
            raise

    def _spawn(self) -> Child[Greeting]:
        return spawn(self._work.command, self._work.first, self._work.variables)

    def _retire(self, patience: float = 0.0) -> int:
        """Ends the process, if there is one; returns its exit status."""
        child, self._child = self._child, None
        return child.end(patience) if child else 0
