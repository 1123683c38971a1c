"""The process that reads writing: raw pixels in, lines out, until its parent closes the channel.

It is started by `writing.WritingRecogniser` as `python -m sensorium.perception.writing_worker DESCRIPTOR`.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from sensorium.core.contents import Pixels
from sensorium.core.errors import SensoriumError
from sensorium.perception import writing_weights, writing_wire
from sensorium.perception.writing_lines import Lines
from sensorium.perception.writing_options import WritingOptions

ORPHAN_SECONDS = 5.0
"""How much longer than its limit of time this process lives when its parent is not there any more to end it."""

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "ftplib.", "urllib.")
"""Beginnings of the audit events (PEP 578) that end in an error: no network, no other program."""


class Forbidden(Exception):
    """A library tried what this process does not do."""


def main(descriptor: int) -> None:
    """Serves the channel at `descriptor`; the first message carries the options."""
    connection = Connection(descriptor)
    with contextlib.suppress(EOFError, ConnectionError):  # the parent is gone, and so shall we be
        options = WritingOptions(**json.loads(connection.recv_bytes(writing_wire.MOST_HEAD_BYTES)))
        try:
            shut_in(options)
            read = load(options)
        except SensoriumError as error:
            connection.send_bytes(json.dumps({"broken": error.code, "what": error.public}).encode())
            return
        except Exception as error:  # noqa: BLE001 - the edge of the process: a library may raise anything as it loads
            connection.send_bytes(json.dumps({"broken": "", "what": type(error).__name__}).encode())
            return
        connection.send_bytes(json.dumps({"ready": True}).encode())
        while serve(connection, read, options):
            pass


def load(options: WritingOptions) -> Callable[[Pixels], Lines]:
    """The function that reads. Raises ExtraMissing or ModelDamaged."""
    weights = writing_weights.folder()
    writing_weights.check(weights)
    from sensorium.perception.writing_engine import Engine

    return Engine(weights, options).read


def serve(connection: Connection, read: Callable[[Pixels], Lines], options: WritingOptions) -> bool:
    """Answers one request; False when the process should go, because its memory ran out."""
    size = connection.recv_bytes(writing_wire.MOST_HEAD_BYTES)
    body = connection.recv_bytes(3 * writing_wire.MOST_PIXELS)
    try:
        with mortal(options):
            answer = writing_wire.pack_lines(read(writing_wire.unpack_pixels(size, body)))
    except MemoryError:
        connection.send_bytes(writing_wire.pack_failure("MemoryError"))
        return False
    except Exception as error:  # noqa: BLE001 - the edge of the process: a network may raise anything
        answer = writing_wire.pack_failure(type(error).__name__)
    connection.send_bytes(answer)
    return True


def shut_in(options: WritingOptions) -> None:
    """Limits of memory and of what may be written, and no network or program from here on."""
    limits = {resource.RLIMIT_AS: options.memory, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for kind, value in limits.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS has no RLIMIT_AS
            resource.setrlimit(kind, (value, value))
    sys.addaudithook(_refuse)


@contextlib.contextmanager
def mortal(options: WritingOptions) -> Iterator[None]:
    """Ends this process when one picture takes for ever and its parent died before it could end it.

    A timer with its default, deadly signal: it ends a loop in C too, which no Python handler could.
    """
    signal.setitimer(signal.ITIMER_REAL, options.seconds + ORPHAN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise Forbidden(event)


if __name__ == "__main__":
    main(int(sys.argv[1]))
