"""Landlock (Linux 5.13 and later): from here on this process reads some folders only and writes nowhere.

Structures and numbers from `linux/landlock.h`; the system calls have the same numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1

READ_FILE, READ_DIR = 1 << 2, 1 << 3

RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights over files each version of the interface knows; version 5 and later know 16."""

BIND_AND_CONNECT_TCP = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

libc = ctypes.CDLL(None, use_errno=True)


class Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`: everything named here is forbidden unless a rule allows it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's interface, 0 when it has none."""
    return int(max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)))


def restrict(readable: Iterable[Path]) -> bool:
    """Allows this thread to read below `readable` and nothing else; False when the kernel can not.

    Descriptors that are open already keep working. The caller has set no-new-privileges.
    """
    level = version()
    if not level:
        return False
    rights = Ruleset((1 << RIGHTS_BY_VERSION.get(level, 16)) - 1, BIND_AND_CONNECT_TCP, ABSTRACT_SOCKETS_AND_SIGNALS)
    known = 8 if level < 4 else 16 if level < 6 else 24
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(rights), ctypes.c_size_t(known), 0)
    if ruleset < 0:
        return False
    try:
        allowed = all(_allow(ruleset, folder) for folder in readable if folder.exists())
        return allowed and libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, folder: Path) -> bool:
    descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = PathBeneath(READ_FILE | READ_DIR, descriptor)
        return bool(libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0) == 0)
    finally:
        os.close(descriptor)
