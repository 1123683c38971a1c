"""Seccomp (Linux): from here on this process makes no system call but those that its work and answering need.

A list of what is allowed, so that calls of later kernels are forbidden too. What is not on it fails with ENOSYS, as
if the kernel were too old: libraries then fall back to older calls, where killing would end a sound file.
Numbers from `asm/unistd_64.h` and `asm-generic/unistd.h`; the filter is classic BPF over `struct seccomp_data`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable

ALLOWED = {
    # name: x86_64, aarch64 (None where there is no such call)
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "lseek": (8, 62), "readv": (19, 65), "writev": (20, 66),
    "pread64": (17, 67), "preadv": (295, 69), "open": (2, None), "openat": (257, 56), "getdents64": (217, 61),
    "stat": (4, None), "lstat": (6, None), "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291),
    "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None),
    "readlinkat": (267, 78), "getcwd": (79, 17),
    # the channel, which is open already
    "recvfrom": (45, 207), "recvmsg": (47, 212), "sendto": (44, 206), "sendmsg": (46, 211),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216), "madvise": (28, 233),
    "brk": (12, 214), "futex": (202, 98),
    # its own signals and timers
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "setitimer": (38, 103), "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
    # time, chance and what the machine is like
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153), "getrusage": (98, 165),
    "getrandom": (318, 278), "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168),
    "getpid": (39, 172), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "uname": (63, 160), "sysinfo": (99, 179),
}  # fmt: skip

FOR_THREADS = {
    "set_robust_list": (273, 99), "rseq": (334, 293), "sched_setaffinity": (203, 122), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "poll": (7, None), "ppoll": (271, 73), "prctl": (157, 167),
}  # fmt: skip
"""What a process that makes threads needs besides; `prctl` names them."""

CLONE = (56, 220)
CLONE_THREAD = 0x10000
"""A flag of `clone`: it makes a thread of the same process. Without it the call would make another process."""

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""`AUDIT_ARCH_...` of the machine, and its column in `ALLOWED`."""

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
RET_ALLOW, RET_ERRNO, RET_KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, JUMP_IF_EQUAL, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER_OFFSET, ARCHITECTURE_OFFSET, FIRST_ARGUMENT_OFFSET = 0, 4, 16


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict(*, threads: bool = False) -> bool:
    """Puts the filter on this thread for good; False where the kernel or the machine has none.

    threads: it may make threads, which have the filter too. The caller has set no-new-privileges.
    """
    if platform.machine() not in ARCHITECTURES:
        return False
    architecture, column = ARCHITECTURES[platform.machine()]
    rows = ALLOWED | (FOR_THREADS if threads else {})
    code = bpf(architecture, [row[column] for row in rows.values()], clone=CLONE[column] if threads else None)
    program = Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def bpf(architecture: int, numbers: Iterable[int | None], *, clone: int | None = None) -> bytes:
    """The filter: another architecture's calls kill, the numbers pass, all others fail with ENOSYS.

    clone: the number of the call that passes where it makes a thread, and else fails. Calls of the x32 interface carry
    bit 30 in their number, so that they equal none of those that pass.

    >>> len(bpf(0xC000003E, [0, 1])) // 8
    9
    """
    code = [
        _instruction(LOAD, ARCHITECTURE_OFFSET),
        _instruction(JUMP_IF_EQUAL, architecture, if_true=1),
        _instruction(RETURN, RET_KILL),
        _instruction(LOAD, NUMBER_OFFSET),
    ]
    for number in numbers:
        if number is not None:
            code += [_instruction(JUMP_IF_EQUAL, number, if_false=1), _instruction(RETURN, RET_ALLOW)]
    if clone is not None:
        code += [
            _instruction(JUMP_IF_EQUAL, clone, if_false=3),
            _instruction(LOAD, FIRST_ARGUMENT_OFFSET),  # the lower half, on machines of this byte order
            _instruction(JUMP_IF_SET, CLONE_THREAD, if_false=1),
            _instruction(RETURN, RET_ALLOW),
        ]
    return b"".join([*code, _instruction(RETURN, RET_ERRNO | errno.ENOSYS)])


def _instruction(operation: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    """`struct sock_filter`; the two jumps say how many instructions are passed over."""
    return struct.pack("HBBI", operation, if_true, if_false, value)
