"""Opens the file of a question, and reads it as files that are added are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, Document, ReadRequest
from sensorium.core.errors import BadInput, Refused
from sensorium.core.ports import GuardedReader


@contextmanager
def opened_file(path: Path) -> Iterator[int]:
    """A regular file, open for reading, as a descriptor. What refuses it inside the block is told its name."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadInput(
            f"it can not be opened ({error.strerror})", subject=str(path), remedy="check its name"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadInput("it is not a file", subject=str(path), remedy="ask with one file")
        yield descriptor
    except Refused as refused:
        raise type(refused)(refused.what, subject=str(path), remedy=refused.remedy) from refused
    finally:
        os.close(descriptor)


def read_opened(
    descriptor: int, reader: GuardedReader, recognise: Callable[[bytes], str], request: ReadRequest
) -> Document:
    """An open file, told by its content and read in the guarded process. Raises a `Refused`."""
    return reader.read(descriptor, recognise(os.pread(descriptor, HEAD_BYTES, 0)), request)
