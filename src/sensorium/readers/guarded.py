"""The parent's side of reading: one warm child process that is watched, checked and replaced.

The parent waits no longer than the wall limit, believes no answer it has not checked (`wire`), and survives whatever
a file does to the child: the file is refused, and the next one gets a child that works.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from sensorium.core.contents import Document, Member, ReadRequest
from sensorium.core.errors import (
    BadSetting,
    ClosedArchive,
    PluginBroken,
    ReaderCrashed,
    Refused,
    SensoriumError,
    TookTooLong,
    TooLarge,
    UnknownType,
)
from sensorium.core.settings import Settings
from sensorium.readers import member_wire, wire
from sensorium.readers.channel import Channel, Closed, Oversized
from sensorium.readers.recognise import ARCHIVES, OPEN_ARCHIVE, describe
from sensorium.readers.sandbox import Level

START_SECONDS = 60.0
"""How long a child may take to get ready: a fraction of a second usually, but a loaded machine may be slow."""

ATTEMPTS = 2
"""A child may die of what earlier files left in it, so the file that it dies on gets a second, fresh one."""

DYING_SECONDS = 1.0
"""How long a child that closed its channel may take to die by itself, which tells why."""

BOOT = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sensorium.readers.worker import main
main(int(sys.argv[2]))
"""

OUT_OF_TIME = {-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGALRM}
MORE_TIME = "make it shorter or smaller, or raise SENSORIUM_WORKER_CPU_SECONDS and SENSORIUM_WORKER_WALL_SECONDS"
REPORT = "open it in another program and save it anew; if it is sound, report it"


Answer = TypeVar("Answer")


@dataclass(slots=True)
class Child:
    """A reading process, its channel, and what it said of itself. files: how many it was given."""

    process: subprocess.Popen[bytes]
    channel: Channel
    level: Level = Level.NONE
    media_types: frozenset[str] = frozenset()
    ready: bool = False
    files: int = 0

    def end(self, patience: float = 0.0) -> int:
        """Its exit status, negative for a signal; it is killed unless it dies by itself within `patience` seconds."""
        if patience:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process.kill()
        self.channel.close()
        return self.process.wait()


class SandboxedReader:
    """`core.ports.GuardedReader` and `Unpacker` over one child process, which starts with the first file.

    Any thread may call it; files are read one at a time. Waiting releases the interpreter lock.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Starts the child without waiting for it, so that it gets ready while the caller does something else."""
        with self._lock:
            if self._child is None and not self._closed:
                self._child = _spawn(self._settings)

    @property
    def level(self) -> Level:
        """How far the child is shut in on this system. Raises as `read` does when no child can be had."""
        with self._lock:
            return self._ready_child().level

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        """Reads the open file from its start, without moving the descriptor's own position.

        Raises a `Refused`; PluginBroken when no child can be started; BadSetting when `strict` can not be met.
        """

        def exchange(child: Child) -> Document:
            if media_type not in child.media_types:
                raise _without_reader(media_type)
            with self._talking(child) as channel:
                channel.send(wire.pack_request(media_type, request), descriptor=descriptor)
                most_body = self._settings.worker_answer_bytes
                head, body = channel.receive(most_head=wire.MOST_HEAD_BYTES, most_body=most_body)
                return wire.unpack_answer(head, body, request)

        return self._attempt(exchange)

    def unpack(self, descriptor: int, into: BinaryIO) -> tuple[Member, ...]:
        """Takes the open archive apart; the bytes of its members are written to `into` as they come.

        Raises as `read` does, and OSError where `into` can not be written.
        """

        def exchange(child: Child) -> tuple[Member, ...]:
            into.seek(0)
            into.truncate()
            gathering = member_wire.Gathering(into, self._settings)
            with self._talking(child) as channel:
                channel.send(member_wire.REQUEST, descriptor=descriptor)
                limits = {"most_head": wire.MOST_LINE_BYTES, "most_body": member_wire.MOST_PART_BYTES}
                while gathering.take(*channel.receive(**limits)):
                    pass
            return tuple(gathering.members)

        return self._attempt(exchange)

    def close(self) -> None:
        """Ends the child, even while another thread reads; whoever reads from now on gets SensoriumError."""
        self._closed = True
        child = self._child
        if child is not None:
            child.process.kill()
        with self._lock:
            self._retire()

    def _attempt(self, exchange: Callable[[Child], Answer]) -> Answer:
        """What a child answers; where one dies of the question, what a fresh one does."""
        with self._lock:
            for attempt in range(1, ATTEMPTS + 1):
                child = self._ready_child()
                try:
                    return exchange(child)
                except Closed:
                    refusal = _refusal_of_death(self._retire(DYING_SECONDS))
                    if attempt == ATTEMPTS or not isinstance(refusal, ReaderCrashed):
                        raise refusal from None
        raise AssertionError("the last attempt returns or raises")

    @contextlib.contextmanager
    def _talking(self, child: Child) -> Iterator[Channel]:
        """One question and its checked answer. Whatever but an answer or a refusal of the child comes: it goes."""
        child.files += 1
        try:
            child.channel.expire_in(self._settings.worker_wall_seconds)
            yield child.channel
        except (Refused, Closed):
            raise
        except TimeoutError:
            self._retire()
            raise TookTooLong("the limit of time on the clock was reached", remedy=MORE_TIME) from None
        except Oversized:
            self._retire()
            remedy = "split it, or raise SENSORIUM_WORKER_ANSWER_BYTES"
            raise TooLarge("more comes out of it than is taken at once", remedy=remedy) from None
        except wire.Malformed as error:
            self._retire()
            raise ReaderCrashed(f"the reading process answered nonsense ({error})", remedy=REPORT) from None
        except BaseException:
            self._retire()  # interrupted half-way: what the child still sends would answer the wrong question
            raise

    def _ready_child(self) -> Child:
        """A child that waits for a request: the warm one, or a new one where that is worn, dead or not quiet."""
        child = self._child
        if child and child.ready and (child.files >= self._settings.worker_files or not child.channel.is_quiet()):
            self._retire()
            child = None
        if self._closed:
            raise SensoriumError("the reader was closed", remedy="open the library again")
        if child is None:
            child = self._child = _spawn(self._settings)
        if not child.ready:
            try:
                _greet(child, self._settings)
            except BaseException:
                self._retire()
                raise
        return child

    def _retire(self, patience: float = 0.0) -> int:
        """Ends the child, if there is one; returns its exit status."""
        child, self._child = self._child, None
        return child.end(patience) if child else 0


def _spawn(settings: Settings) -> Child:
    """Starts a child in a session of its own, where Ctrl-C does not reach it, with no environment to leak.

    It searches packages where the parent does, except in relative folders: those are wherever the user stands.
    """
    here, there = socket.socketpair()
    path = json.dumps([entry for entry in sys.path if Path(entry).is_absolute()])
    with there:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", BOOT, path, str(there.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_environment(),
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
    channel = Channel(here)
    with contextlib.suppress(Closed):  # a child that died at once is noticed when it is greeted
        channel.send(json.dumps(dataclasses.asdict(settings)).encode())
    return Child(process, channel)


def _environment() -> dict[str, str]:
    """One thread only, because a sandbox binds the thread that closes it; the loader's path, where one is needed."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8", **kept}


def _greet(child: Child, settings: Settings) -> None:
    """Waits until the child is ready. Raises PluginBroken or BadSetting."""
    child.channel.expire_in(START_SECONDS)
    try:
        head, _ = child.channel.receive(most_head=wire.MOST_LINE_BYTES, most_body=0)
        greeting = json.loads(head)
    except (Closed, Oversized, TimeoutError, ValueError):
        remedy = "check that `python -I -c 'import sensorium.readers.worker'` works"
        raise PluginBroken("the reading process does not start", subject=sys.executable, remedy=remedy) from None
    if "broken" in greeting:
        raise PluginBroken(greeting["broken"], subject=greeting["subject"], remedy=greeting["remedy"])
    child.level = Level[greeting["level"]]
    child.media_types = frozenset(greeting["media_types"])
    child.ready = True
    if settings.sandbox == "strict" and child.level < max(Level):
        raise BadSetting(
            f"this system shuts the reading process in to the level {child.level.name.lower()} only",
            subject="sandbox",
            remedy="use a Linux kernel with Landlock and seccomp, or set SENSORIUM_SANDBOX=best",
        )


def _without_reader(media_type: str) -> Refused:
    if media_type in ARCHIVES:
        return ClosedArchive(describe(media_type), remedy=OPEN_ARCHIVE)
    return UnknownType(f"{describe(media_type)}: no reader for it yet", remedy="add it in another format")


def _refusal_of_death(status: int) -> Refused:
    """What a child's exit status says of the file it read last."""
    if status in OUT_OF_TIME:
        return TookTooLong("the limit of CPU time was reached", remedy=MORE_TIME)
    cause = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    return ReaderCrashed(f"the reading process died on it ({cause})", remedy=REPORT)
