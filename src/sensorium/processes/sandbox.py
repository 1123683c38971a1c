"""How a process shuts itself in, as far as this system lets it."""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from collections.abc import Iterable
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path

from sensorium.core.errors import BadSetting
from sensorium.processes.limits import set_limits

PR_SET_NO_NEW_PRIVS = 38

SHARED_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
"""Where a library that is loaded late finds the system's libraries; nobody keeps secrets there."""


class Level(IntEnum):
    """How far the process is shut in; each level holds the ones below it.

    LIMITS: memory, time, files (macOS does not reach it: it has no limit of memory).
    LANDLOCK: reads only the interpreter, the packages it loaded and the system's libraries, writes nowhere.
    SECCOMP: makes only the few system calls that its work needs: no socket, no process, no signal.
    """

    NONE = 0
    LIMITS = 1
    LANDLOCK = 2
    SECCOMP = 3


def insist(level: Level, process: str) -> None:
    """For who asked for `strict`: raises BadSetting where `process` is shut in less than can be."""
    if level < max(Level):
        raise BadSetting(
            f"this system shuts the {process} in to the level {level.name.lower()} only",
            subject="sandbox",
            remedy="use a Linux kernel with Landlock and seccomp, or set SENSORIUM_SANDBOX=best",
        )


def close(memory: int, *, threads: bool = False, readable: Iterable[Path] = (), later: Iterable[str] = ()) -> Level:
    """Gives up, for good, what the work does not need; returns the level reached.

    memory: bytes of address space. threads: the work makes threads of this process, from here on; none are there yet.
    readable: folders that it reads besides. later: packages that are imported after this. Called when all others are
    loaded. Where one part is missing the ones after it are put on all the same, but a level counts only with all below
    it.
    """
    parts = [set_limits(memory, threads=threads)]
    if sys.platform == "linux":
        from sensorium.processes import landlock, seccomp

        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        alone = _threads() == 1  # both bind the calling thread, and another one would stay outside
        parts.append(landlock.restrict(_readable().union(readable, _folders(later))) and alone)
        parts.append(seccomp.restrict(threads=threads) and alone)
    reached = 0
    while reached < len(parts) and parts[reached]:
        reached += 1
    return Level(reached)


def _readable() -> set[Path]:
    """The standard library, the system's shared libraries, and every package of which a part is loaded already.

    Packages load parts of themselves late. The folders they were found in stay closed: one may be the user's own.
    """
    library = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    packages = (getattr(module, "__path__", ()) for name, module in list(sys.modules.items()) if "." not in name)
    return library.union(map(Path, SHARED_LIBRARIES), *(map(Path, folders) for folders in packages))


def _folders(packages: Iterable[str]) -> set[Path]:
    found = (find_spec(name) for name in packages)
    return {Path(folder) for spec in found if spec for folder in spec.submodule_search_locations or ()}


def _threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())
