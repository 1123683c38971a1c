"""The parent's side of Parquet: a table's file -> lines of JSON, by a process that is shut in.

Parquet is parsed by C++ (pyarrow, the extra `parquet`), so it is opened where a reader of media would be; what comes
out is text, and is held to the limits of text.
"""

from __future__ import annotations

import dataclasses
import json
from contextlib import closing
from importlib.util import find_spec

from sensorium.core.errors import DamagedFile, ExtraMissing, TooLarge
from sensorium.core.settings import Settings
from sensorium.processes.channel import Channel, Malformed
from sensorium.processes.child import running
from sensorium.processes.failing import Failed, Failing, unpack_failure
from sensorium.processes.greeting import Ready, greeted
from sensorium.processes.warm import WarmProcess, Work

WORKER = "sensorium.readers.parquet_worker"
SUBJECT = "Parquet"
MOST_HEAD = 1_024
MOST_BODY = 256 * 1024 * 1024
DAMAGED = "damaged"
"""What the worker says of a file that is no sound table."""

REPORT = "write it anew, or as CSV or JSON lines"
FAILING = Failing(
    process="process that reads Parquet",
    work="reading it",
    report=REPORT,
    more_time="split it, or raise SENSORIUM_WORKER_CPU_SECONDS and SENSORIUM_WORKER_WALL_SECONDS",
    more_memory="split it, or raise SENSORIUM_WORKER_MEMORY",
)


def records(descriptor: int, settings: Settings) -> str:
    """The rows of an open Parquet file, one JSON object a line; the descriptor's own position does not move.

    Columns of bytes are left out. Raises ExtraMissing where pyarrow is not installed, and a `Refused`.
    """
    if find_spec("pyarrow") is None:
        raise ExtraMissing(
            "Parquet is read by pyarrow, which is not installed",
            subject=SUBJECT,
            remedy="pip install 'sensorium[parquet]', or save the table as CSV or JSON lines",
        )
    work = Work(
        name=FAILING.process,
        command=running(WORKER),
        first=json.dumps(dataclasses.asdict(settings)).encode(),
        greet=lambda head: greeted(head, SUBJECT, strict=settings.sandbox == "strict"),
        most=1,
    )
    with closing(WarmProcess(work)) as process:
        return FAILING.ask(process, lambda channel, ready: _read(channel, ready, descriptor, settings), _wall(settings))


def _wall(settings: Settings) -> float:
    return settings.worker_wall_seconds


def _read(channel: Channel, ready: Ready, descriptor: int, settings: Settings) -> str | Failed:
    """What the worker sends until it says that this was all."""
    channel.send(b"{}", descriptor=descriptor)
    parts: list[str] = []
    size = 0
    while True:
        head, body = channel.receive(most_head=MOST_HEAD, most_body=MOST_BODY)
        match json.loads(head):
            case {"rows": True}:
                size += len(body)
                if size > settings.text_bytes:
                    what = f"its rows have more than {settings.text_bytes:,} bytes as text"
                    raise TooLarge(what, remedy="raise SENSORIUM_TEXT_BYTES, or split it")
                parts.append(_text(body.tobytes()))
            case {"end": True}:
                return "".join(parts)
            case {"refused": str(what)} if len(what) < MOST_HEAD:
                raise DamagedFile(what, remedy=REPORT)
            case answer:
                failed = unpack_failure(answer)
                if failed is None:
                    raise Malformed("an answer of no known kind")
                return failed


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("rows that are no UTF-8") from None
