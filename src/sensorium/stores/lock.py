"""The writer's lock: one process changes a library at a time, and the others can say which."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sensorium.core.errors import LibraryBusy, WriteFailed

LOCK_FILE = "lock"
PAUSE_SECONDS = 0.05


class WriterLock:
    """A lock on `folder/lock`, held inside a `with` block; the kernel lets go of it when the process dies.

    The file says who holds it: process id, host, command, since when. wait_seconds: how long to wait for another
    holder. clock, sleep: arguments, so that tests own the time. Entering raises LibraryBusy, which names the holder.

    >>> import tempfile
    >>> with WriterLock(Path(tempfile.mkdtemp()), wait_seconds=0):
    ...     pass
    """

    def __init__(
        self,
        folder: Path,
        *,
        wait_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = folder / LOCK_FILE
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._sleep = sleep
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        if self._descriptor is not None:
            raise RuntimeError("this lock is held already")
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise WriteFailed(
                f"the lock can not be opened ({error.strerror})",
                subject=str(self._path),
                remedy="check the permissions of the library's folder",
            ) from error
        try:
            self._acquire(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, _signature(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            # The file stays: removing it would let two processes lock two files of the same name.
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _acquire(self, descriptor: int) -> None:
        deadline = self._clock() + self._wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self._clock() >= deadline:
                    raise self._busy(descriptor) from None
            self._sleep(PAUSE_SECONDS)

    def _busy(self, descriptor: int) -> LibraryBusy:
        return LibraryBusy(
            f"{_holder(os.pread(descriptor, 4096, 0))} is changing this library",
            subject=str(self._path.parent),
            remedy="wait until it has finished, or stop it: what it has acknowledged is kept",
        )


def _signature() -> bytes:
    about = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    return json.dumps(about).encode()


def _holder(signature: bytes) -> str:
    """Who wrote this signature, in words; a holder that has not written it yet, or is writing, stays unnamed.

    >>> _holder(b'{"pid": 7, "host": "desk", "command": "sensorium add", "since": "2026-01-01T10:00:00+01:00"}')
    'process 7 on desk (sensorium add, since 2026-01-01T10:00:00+01:00)'
    >>> _holder(b"")
    'another process'
    """
    try:
        about = json.loads(signature)
        return f"process {about['pid']} on {about['host']} ({about['command']}, since {about['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
