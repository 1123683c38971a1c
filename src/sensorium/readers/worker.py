"""The reading process: opens what nobody vouches for, within limits, and answers in plain data.

It starts with its parent's search path and an empty environment, loads the readers, closes the sandbox behind
itself and then reads one file after the other until its parent closes the channel.
"""

from __future__ import annotations

import io
import json
import os
import socket
import stat
from contextlib import AbstractContextManager
from typing import BinaryIO

from sensorium.core.errors import NotAFile, PluginBroken, ReaderCrashed, Refused, TooLarge
from sensorium.core.settings import Settings
from sensorium.processes import sandbox
from sensorium.processes.channel import Channel, Closed
from sensorium.processes.limits import timed
from sensorium.readers import registry, wire
from sensorium.readers.archives import wire as member_wire
from sensorium.readers.archives.opening import members

MORE_MEMORY = "make it smaller, or raise SENSORIUM_WORKER_MEMORY"
REPORT = "open it in another program and save it anew; if it is sound, report it"


def main(descriptor: int) -> None:
    """Serves the channel at `descriptor`; the first frame carries the settings."""
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        head, _ = channel.receive(most_head=wire.MOST_LINE_BYTES, most_body=0)
        settings = Settings(**json.loads(head))
        readers = registry.load_readers()
        level = sandbox.close(settings.worker_memory)
        channel.send(json.dumps({"level": level.name, "media_types": sorted(readers)}).encode())
        while serve(channel, readers, settings):
            pass
    except PluginBroken as error:
        channel.send(json.dumps({"broken": error.what, "subject": error.subject, "remedy": error.remedy}).encode())
    except Closed:
        pass


def serve(channel: Channel, readers: registry.Readers, settings: Settings) -> bool:
    """Answers one request; False when the process should go, because its memory ran out."""
    head, descriptor = channel.receive_file(most_head=wire.MOST_LINE_BYTES)
    if descriptor is None:
        raise Closed
    try:
        with _timed(settings), open_stream(descriptor, settings) as stream:
            if head == member_wire.REQUEST:
                answer = _send_members(channel, stream, settings)
            else:
                media_type, request = wire.unpack_request(head)
                answer = wire.pack_document(readers[media_type].read(stream, media_type, request, settings))
    except Refused as refusal:
        answer = wire.pack_refusal(refusal), b""
    except MemoryError:
        channel.send(wire.pack_refusal(TooLarge("it needs more memory than a reader may use", remedy=MORE_MEMORY)))
        return False
    except Exception as error:  # noqa: BLE001 - the edge of the process: a reader may raise anything
        failure = ReaderCrashed(f"its reader failed on it ({type(error).__name__})", remedy=REPORT)
        answer = wire.pack_refusal(failure), b""
    channel.send(*answer)
    return True


def _timed(settings: Settings) -> AbstractContextManager[None]:
    return timed(wall=settings.worker_wall_seconds, cpu=settings.worker_cpu_seconds)


def _send_members(channel: Channel, stream: BinaryIO, settings: Settings) -> tuple[bytes, bytes]:
    """Sends what is in an archive as it unfolds; returns the frame that ends it."""
    for part in members(stream, settings):
        channel.send(*member_wire.pack_part(part))
    return member_wire.END, b""


def open_stream(descriptor: int, settings: Settings) -> BinaryIO:
    """A buffered stream over a regular file of permitted size. Raises NotAFile or TooLarge."""
    stream = DescriptorStream(descriptor)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile("a device, pipe or folder", remedy="add regular files")
        if status.st_size > settings.file_bytes:
            raise TooLarge(f"it has more than {settings.file_bytes} bytes", remedy="raise SENSORIUM_FILE_BYTES")
    except BaseException:
        stream.close()
        raise
    return io.BufferedReader(stream)


class DescriptorStream(io.RawIOBase):
    """Reads a descriptor at its own position.

    The descriptor shares its offset with the parent's, which may be hashing the same file; `pread` touches neither.
    It gives no `fileno`, so that decoders in C take the bytes and not the file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = os.preadv(self._descriptor, [buffer], self._position)
        self._position += size
        return size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: os.fstat(self._descriptor).st_size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
