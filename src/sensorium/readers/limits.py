"""What the reading process may use up: memory, time, files. Every POSIX system has these."""

from __future__ import annotations

import contextlib
import resource
import signal
from collections.abc import Iterator

from sensorium.core.settings import Settings

OPEN_FILES = 16
ORPHAN_SECONDS = 5.0
"""How much longer than the wall limit a child lives whose parent is not there any more to end it."""


def set_limits(settings: Settings) -> bool:
    """Limits this process for good; False when the system did not take all of them (macOS has no RLIMIT_AS).

    No more processes (root is exempt: there the system call filter stands in), no files written, no core dumps.
    """
    wanted = {
        resource.RLIMIT_AS: settings.worker_memory,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    taken = [_set(kind, value) for kind, value in wanted.items()]
    return all(taken)


@contextlib.contextmanager
def timed(settings: Settings) -> Iterator[None]:
    """Ends this process when one file takes too much CPU time, or its parent died and left it hanging.

    Timers with their default, deadly signals: they end a decoder's C loop too, which no Python handler could.
    """
    signal.setitimer(signal.ITIMER_PROF, settings.worker_cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, settings.worker_wall_seconds + ORPHAN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _set(kind: int, value: int) -> bool:
    """Soft and hard, never above a hard limit that somebody set before."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):
        return False
    return True
