"""What a process may use up: memory, time, files. Every POSIX system has these."""

from __future__ import annotations

import contextlib
import resource
import signal
from collections.abc import Iterator

OPEN_FILES = 16
OPEN_FILES_OF_THREADS = 64
ORPHAN_SECONDS = 5.0
"""How much longer than its limit of time a process lives whose parent is not there any more to end it."""


def set_limits(memory: int, *, threads: bool = False) -> bool:
    """Limits this process for good; False when the system did not take all of them (macOS has no RLIMIT_AS).

    memory: bytes of address space. No more processes (root is exempt: there the system call filter stands in), no files
    written, no core dumps. threads: this process may make some; the limit of processes, which counts them, stays.
    """
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NOFILE: OPEN_FILES_OF_THREADS if threads else OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if not threads:
        wanted[resource.RLIMIT_NPROC] = 0
    taken = [_set(kind, value) for kind, value in wanted.items()]
    return all(taken)


@contextlib.contextmanager
def timed(*, wall: float, cpu: float = 0.0) -> Iterator[None]:
    """Ends this process when one question takes too long, or its parent died and left it hanging.

    wall: seconds on the clock after which the parent ends it. cpu: of processor time, of all threads together; 0 for
    any. Timers with their default, deadly signals: they end a loop in C too, which no Python handler could.
    """
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall + ORPHAN_SECONDS)
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
