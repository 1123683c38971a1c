"""How far the reading process can be shut in on this system."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from sensorium.core.settings import Settings
from sensorium.readers.limits import set_limits


class Level(IntEnum):
    """Each level holds the ones below it.

    LIMITS: memory, time, files. LANDLOCK: reads nothing but the interpreter and the packages, writes nothing.
    SECCOMP: makes no system call but the few that decoding needs: no socket, no process, no signal.
    """

    NONE = 0
    LIMITS = 1
    LANDLOCK = 2
    SECCOMP = 3


def close(settings: Settings, readable: Sequence[Path]) -> Level:
    """Gives up, for good, what decoding does not need; returns the level reached."""
    if not set_limits(settings):
        return Level.NONE
    return Level.LIMITS
