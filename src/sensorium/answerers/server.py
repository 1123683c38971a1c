"""One request to the one server that the owner named, and the lines that stream back.

The standard library's client is enough: one POST, lines read as they come. It follows no redirect, takes no proxy out
of the environment and resolves nothing but the host that was named, so no answer can send a request elsewhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sensorium.core.errors import AnswerFailed, BadSetting

AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed (RFC 9110, 15.5 and 15.6; RFC 6585, 4)."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0
"""Seconds before a request is sent again; doubled each time."""

MOST_BYTES = 8_000_000
LONGEST_LINE = 1_000_000
"""Of an answer: more is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is. host: as it was named. base: the path that the protocol's paths are joined to."""

    scheme: str
    host: str
    port: int
    base: str

    @property
    def name(self) -> str:
        """Host and port, as a receipt shows them."""
        return f"{self.host}:{self.port}"

    @property
    def is_here(self) -> bool:
        """Whether it is this machine."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    @classmethod
    def read(cls, url: str) -> Address:
        """Raises BadSetting for anything but an http or https address without a user or a query.

        >>> Address.read("http://127.0.0.1:8080/v1").name
        '127.0.0.1:8080'
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise _bad(url) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise _bad(url)
        return cls(scheme=parts.scheme, host=parts.hostname, port=port, base=parts.path.rstrip("/"))


@dataclass(slots=True, kw_only=True)
class Server:
    """Asks a server of the chat completions protocol.

    key: a bearer token, "" for none. seconds: for one answer, all attempts together. pause: waits, so that tests own
    the time.
    """

    address: Address
    key: str = field(default="", repr=False)
    seconds: float = 120.0
    retries: int = 2
    pause: Callable[[float], None] = time.sleep

    def stream(self, body: dict[str, Any], stop: threading.Event, sent: Callable[[], None]) -> Iterator[dict[str, Any]]:
        """The events of one answer, as they come; ends early once `stop` is set.

        sent: called before each request, once the server is there. A request that failed before its answer began is
        sent again. Raises AnswerFailed.
        """
        deadline = time.monotonic() + self.seconds
        payload = json.dumps(body).encode()
        for attempt in range(self.retries + 1):
            if stop.is_set():
                return
            connection = self._connection(max(0.1, deadline - time.monotonic()))
            with _Closing(connection, stop, deadline) as watched:
                try:
                    watched.connect()
                    sent()
                    answer = self._ask(connection, payload)
                except (OSError, http.client.HTTPException) as reason:
                    wait = _wait(attempt, None)
                    failure = f"it did not answer: {type(reason).__name__}"
                else:
                    if answer.status == http.HTTPStatus.OK:
                        yield from self._events(answer, watched)
                        return
                    wait = _wait(attempt, answer.headers.get("Retry-After"))
                    failure = f"it answered with status {answer.status}"
                    if answer.status not in AGAIN:
                        raise self._failed(failure)
            if stop.is_set():
                return
            if attempt == self.retries or time.monotonic() + wait > deadline:
                raise self._failed(failure)
            self.pause(wait)

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        if self.address.scheme == "https":
            return http.client.HTTPSConnection(
                self.address.host, self.address.port, timeout=seconds, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self.address.host, self.address.port, timeout=seconds)

    def _ask(self, connection: http.client.HTTPConnection, payload: bytes) -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        connection.request("POST", f"{self.address.base}/chat/completions", payload, headers)
        return connection.getresponse()

    def _events(self, answer: http.client.HTTPResponse, watched: _Closing) -> Iterator[dict[str, Any]]:
        """Server-sent events, or the one document of a server that does not stream."""
        try:
            if "text/event-stream" not in answer.headers.get("Content-Type", ""):
                yield _document(answer.read(MOST_BYTES))
                return
            yield from _lines(answer)
        except (OSError, ValueError, http.client.HTTPException, AttributeError) as reason:
            if watched.stopped:
                return
            late = time.monotonic() >= watched.deadline
            what = "it took longer than `answer_seconds`" if late else "its answer broke off or is no such answer"
            raise self._failed(what) from reason

    def _failed(self, what: str) -> AnswerFailed:
        return AnswerFailed(
            what,
            subject=self.address.name,
            remedy="see that the server of SENSORIUM_ANSWER_URL runs, or set SENSORIUM_ANSWERER=extractive",
        )


class _Closing:
    """Closes a connection when the caller stops or the time is up, also while another thread waits for its bytes."""

    def __init__(self, connection: http.client.HTTPConnection, stop: threading.Event, deadline: float) -> None:
        self._connection, self._stop, self._done = connection, stop, threading.Event()
        self._socket: socket.socket | None = None
        self.deadline = deadline
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def connect(self) -> None:
        """Connects, and keeps the socket: the connection forgets it once the head of an answer has come."""
        self._connection.connect()
        self._socket = self._connection.sock

    def __enter__(self) -> _Closing:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()
        self._connection.close()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            if self._stop.is_set() or time.monotonic() >= self.deadline:
                if self._socket is None:
                    continue
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)  # a waiting read returns
                return


def _lines(answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    taken = 0
    while line := answer.readline(LONGEST_LINE):
        taken += len(line)
        if taken > MOST_BYTES:
            raise ValueError("too long")
        field, _, value = line.decode("utf-8", "replace").partition(":")
        if field == "data":
            if value.strip() == "[DONE]":
                return
            yield _document(value.encode())
    raise http.client.IncompleteRead(b"")


def _document(text: bytes) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("no object")
    return document


def _wait(attempt: int, asked: str | None) -> float:
    """Seconds: what the server asks for (RFC 9110, 10.2.3, as a number), else twice as long as before."""
    wait = FIRST_PAUSE * 2.0**attempt
    with suppress(ValueError):
        wait = max(0.0, float(asked)) if asked else wait
    return min(LONGEST_PAUSE, wait)


def _bad(url: str) -> BadSetting:
    return BadSetting("this is no address of a server", subject=url, remedy="give one such as http://127.0.0.1:8080/v1")
