"""What a process says when it is ready, or that it never will be."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sensorium.core.errors import ExtraMissing, ModelDamaged, SensoriumError
from sensorium.processes.sandbox import Level, insist


@dataclass(frozen=True, slots=True)
class Ready:
    """A process that waits. level: how far it is shut in."""

    level: Level


BROKEN: dict[str, type[SensoriumError]] = {kind.code: kind for kind in (ExtraMissing, ModelDamaged)}
"""What a process may say that it fails of; of anything else it just does not start."""


def greeting(level: Level) -> bytes:
    """What a process that is ready says.

    >>> greeted(greeting(Level.SECCOMP), "speech").level.name
    'SECCOMP'
    """
    return json.dumps({"level": level.name}).encode()


def apology(error: Exception) -> bytes:
    """What a process says that can not work."""
    if isinstance(error, SensoriumError):
        return json.dumps({"broken": error.code, "what": error.what, "remedy": error.remedy}).encode()
    return json.dumps({"broken": type(error).__name__, "what": "", "remedy": ""}).encode()


def greeted(head: bytes, subject: str, *, strict: bool = False) -> Ready:
    """The inverse of both. strict: the process has to be shut in as far as can be.

    Raises ExtraMissing or ModelDamaged where the process says so, BadSetting where `strict` is not met, ValueError for
    the rest.
    """
    match json.loads(head):
        case {"level": str(level)} if level in Level.__members__:
            if strict:
                insist(Level[level], f"process of {subject}")
            return Ready(Level[level])
        case {"broken": str(code), "what": str(what), "remedy": str(remedy)} if code in BROKEN:
            raise BROKEN[code](what, subject=subject, remedy=remedy)
    raise ValueError("no greeting")
