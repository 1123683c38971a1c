"""The process that reads Parquet: one file in, lines of JSON out. It shuts itself in before it opens anything."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import socket
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from sensorium.core.errors import ExtraMissing, Refused
from sensorium.core.settings import Settings
from sensorium.processes import sandbox
from sensorium.processes.channel import Channel, Closed
from sensorium.processes.failing import pack_failure
from sensorium.processes.greeting import apology, greeting
from sensorium.processes.limits import timed
from sensorium.readers.worker import open_stream

RUNTIME = "pyarrow"
"""Imported when the process is shut in: it starts a thread as it is."""

ROWS_AT_ONCE = 1_000
MOST_THRIFT_STRING = 16 * 1024 * 1024
MOST_THRIFT_ENTRIES = 1_000_000
MOST_COLUMNS = 500
MOST_DEPTH = 16
"""Lists and records within each other; deeper ones are left out."""


def main(descriptor: int) -> None:
    """Serves the channel at `descriptor`; the first frame carries the settings."""
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        head, _ = channel.receive(most_head=1 << 20, most_body=0)
        settings = Settings(**json.loads(head))
        try:
            level = shut_in(settings)
        except Exception as error:  # noqa: BLE001 - the edge of the process: a library may raise anything as it loads
            channel.send(apology(error))
            return
        channel.send(greeting(level))
        serve(channel, settings)
    except Closed:  # the parent is gone, and so shall we be
        pass


def shut_in(settings: Settings) -> sandbox.Level:
    """Gives up what the work does not need, then imports what reads, which starts a thread. Raises ExtraMissing."""
    import numpy  # noqa: F401 - what pyarrow imports besides itself

    level = sandbox.close(settings.worker_memory, threads=True, later=[RUNTIME])
    try:
        import pyarrow
    except ImportError as error:
        raise ExtraMissing(f"pyarrow does not load ({error})", remedy="pip install 'sensorium[parquet]'") from error
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # the others take more address space than they use
    pyarrow.set_cpu_count(1)
    return level


def serve(channel: Channel, settings: Settings) -> None:
    """Answers one request, with as many frames as it takes."""
    _, descriptor = channel.receive_file(most_head=1_024)
    if descriptor is None:
        raise Closed
    from pyarrow import ArrowException

    try:
        with timed(wall=settings.worker_wall_seconds, cpu=settings.worker_cpu_seconds):
            for lines in _lines(open_stream(descriptor, settings)):
                channel.send(b'{"rows": true}', lines.encode("utf-8", "replace"))
        channel.send(b'{"end": true}')
    except Refused as refusal:
        channel.send(json.dumps({"refused": refusal.what}).encode())
    except MemoryError:
        channel.send(pack_failure("MemoryError"))
    except (ArrowException, OSError, ValueError):
        channel.send(json.dumps({"refused": "it is no sound Parquet file"}).encode())
    except Exception as error:  # noqa: BLE001 - the edge of the process: a library may raise anything
        channel.send(pack_failure(type(error).__name__))


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The rows, some at a time, each as a line of JSON."""
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(
        stream,
        pre_buffer=False,
        thrift_string_size_limit=MOST_THRIFT_STRING,
        thrift_container_size_limit=MOST_THRIFT_ENTRIES,
    )
    schema = file.schema_arrow
    if len(schema) > MOST_COLUMNS:
        raise ValueError(f"{len(schema)} columns")
    names = [field.name for field in schema if not _is_bytes(field.type)]
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=names, use_threads=False):
        rows = _coarse(batch).to_pylist()
        yield "".join(json.dumps(plain(row), ensure_ascii=False) + "\n" for row in rows)


def _is_bytes(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _coarse(batch: Any) -> Any:
    """The batch with its times in microseconds, the finest that Python has, and in UTC, for which no file is read."""
    import pyarrow
    from pyarrow import types

    for n, field in enumerate(batch.schema):
        if types.is_timestamp(field.type):
            coarse = pyarrow.timestamp("us", tz=field.type.tz and "+00:00")
            batch = batch.set_column(n, field.name, batch.column(n).cast(coarse, safe=False))
    return batch


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it: times as ISO 8601 writes them, decimals as numbers, what JSON has no sign for as null.

    >>> plain({"price": decimal.Decimal("9.50"), "day": datetime.date(2026, 5, 1), "gone": float("nan")})
    {'price': 9.5, 'day': '2026-05-01', 'gone': None}
    """
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float | decimal.Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime.date | datetime.time):  # a datetime is a date
        return value.isoformat()
    if depth < MOST_DEPTH and isinstance(value, Mapping):
        return {str(name): plain(part, depth + 1) for name, part in value.items()}
    if depth < MOST_DEPTH and isinstance(value, list | tuple):
        return [plain(part, depth + 1) for part in value]
    return None


if __name__ == "__main__":
    import sys

    main(int(sys.argv[-1]))
