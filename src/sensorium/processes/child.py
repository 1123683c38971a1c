"""A child process with a channel to it: how it is started, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sensorium.processes.channel import Channel, Closed

Greeting = TypeVar("Greeting")

BOOT = """
import json, sys
from importlib import import_module
sys.path[:] = json.loads(sys.argv[1])
import_module(sys.argv[2]).main(int(sys.argv[3]))
"""

OUT_OF_TIME = frozenset({-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGALRM})
"""Exit statuses of a process that ended itself because its time was up."""


@dataclass(slots=True)
class Child(Generic[Greeting]):
    """A process and its channel. greeting: what it said of itself; None until then. served: questions it was asked."""

    process: subprocess.Popen[bytes]
    channel: Channel
    greeting: Greeting | None = None
    served: int = 0

    def end(self, patience: float = 0.0) -> int:
        """Its exit status, negative for a signal; it is killed unless it dies by itself within `patience` seconds."""
        if patience:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process.kill()
        self.channel.close()
        return self.process.wait()


def running(module: str) -> tuple[str, ...]:
    """The command that runs `module.main(descriptor)`; the descriptor comes after it.

    The process searches packages where this one does, except in relative folders: those are wherever the user stands.
    """
    path = json.dumps([entry for entry in sys.path if Path(entry).is_absolute()])
    return sys.executable, "-I", "-B", "-c", BOOT, path, module


def spawn(command: Sequence[str], first: bytes, variables: Mapping[str, str]) -> Child[Any]:
    """Starts a child in a session of its own, where Ctrl-C does not reach it, with no environment to leak.

    command: without its last argument, the descriptor of the channel. first: the head of the first frame, its options.
    variables: its environment, beside the path of the system's loader where there is one.
    """
    here, there = socket.socketpair()
    with there:
        process = subprocess.Popen(
            [*command, str(there.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**variables, "LC_ALL": "C.UTF-8", **_loader()},
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
    channel = Channel(here)
    with contextlib.suppress(Closed):  # a child that died at once is noticed when it is greeted
        channel.send(first)
    return Child(process, channel)


def cause_of_death(status: int) -> str:
    """An exit status in words.

    >>> cause_of_death(-9), cause_of_death(3)
    ('SIGKILL', 'exit status 3')
    """
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _loader() -> dict[str, str]:
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
