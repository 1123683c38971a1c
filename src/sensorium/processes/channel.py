"""Frames between a parent and a child process: a head of JSON lines and a body of raw bytes.

`!IQ` (length of head, length of body), the head, the body. Lengths are checked before anything is allocated, and
nothing is ever unpickled, so that a hostile peer can at worst send wrong data.
"""

from __future__ import annotations

import socket
import struct
import time

import numpy as np
import numpy.typing as npt

PREFIX = struct.Struct("!IQ")

Body = npt.NDArray[np.uint8]


class Closed(Exception):
    """The other side is gone."""


class Oversized(Exception):
    """The frame claims to be longer than allowed."""


class Malformed(ValueError):
    """The answer is not what the protocol allows: the process that sent it is no longer trusted."""


class Channel:
    """One end of a Unix stream socket that carries frames and, with a frame, one open file.

    >>> here, there = socket.socketpair()
    >>> Channel(here).send(b'{"a": 1}', b"xyz")
    >>> head, body = Channel(there).receive(most_head=100, most_body=100)
    >>> head, bytes(body)
    (b'{"a": 1}', b'xyz')
    >>> here.close(); there.close()
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._deadline: float | None = None

    def expire_in(self, seconds: float) -> None:
        """From here on every call shares this much time, then raises TimeoutError. Before, they wait for ever."""
        self._deadline = time.monotonic() + seconds

    def send(self, head: bytes, body: bytes = b"", *, descriptor: int | None = None) -> None:
        """Writes one frame; the peer gets its own descriptor of the same open file. Raises Closed, TimeoutError."""
        try:
            prefix = PREFIX.pack(len(head), len(body))
            if descriptor is None:
                self.connection.sendall(prefix)
            else:
                socket.send_fds(self.connection, [prefix], [descriptor])
            # An empty part is not sent: the peer may have answered and gone by then, and sending nothing would fail.
            for part in filter(len, (head, body)):
                self._arm()
                self.connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None

    def receive(self, *, most_head: int, most_body: int) -> tuple[bytes, Body]:
        """One frame: its head and body. A descriptor that the peer sends along is dropped by the kernel.

        Raises Closed, Oversized, TimeoutError.
        """
        return self._receive_rest(self._receive_exactly(PREFIX.size).tobytes(), most_head, most_body)

    def receive_file(self, *, most_head: int) -> tuple[bytes, int | None]:
        """The head of a frame without a body, and the descriptor that came with it. Raises as `receive` does."""
        self._arm()
        prefix, descriptors, _, _ = socket.recv_fds(self.connection, PREFIX.size, 1)
        if not prefix:
            raise Closed
        head, _ = self._receive_rest(prefix, most_head, 0)
        return head, descriptors[0] if descriptors else None

    def is_quiet(self) -> bool:
        """True when the peer is there and nothing lies unread: what must hold before a new request."""
        self.connection.settimeout(0)
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self.connection.close()

    def _receive_rest(self, prefix: bytes, most_head: int, most_body: int) -> tuple[bytes, Body]:
        if len(prefix) < PREFIX.size:
            prefix += self._receive_exactly(PREFIX.size - len(prefix)).tobytes()
        head_bytes, body_bytes = PREFIX.unpack(prefix)
        if head_bytes > most_head or body_bytes > most_body:
            raise Oversized
        return self._receive_exactly(head_bytes).tobytes(), self._receive_exactly(body_bytes)

    def _receive_exactly(self, size: int) -> Body:
        buffer = np.empty(size, np.uint8)
        view = buffer.data
        while view:
            self._arm()
            try:
                received = self.connection.recv_into(view)
            except ConnectionResetError:
                raise Closed from None
            if not received:
                raise Closed
            view = view[received:]
        return buffer

    def _arm(self) -> None:
        """Gives the next system call what is left of the time. A sandboxed process, which has none, changes nothing."""
        if self._deadline is None:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
