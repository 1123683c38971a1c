"""What every request passes before a route sees it: names, origins, sizes, rates; and what every answer carries.

A server on loopback is reached by every page that the user's browser shows. So the Host must be a name of ours (DNS
rebinding), and a request that a page of another origin makes is refused (CSRF), whatever its method, unless it is a
plain visit of the page itself.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensorium.server import page
from sensorium.server.access.keys import key_id
from sensorium.server.access.rates import Rates
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem, answer
from sensorium.server.telemetry.logs import Journal
from sensorium.server.telemetry.metrics import Metrics, known_method
from sensorium.server.telemetry.tracing import Tracing

HEADERS = {**page.HEADERS, "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin"}
"""What every answer carries, of whatever kind: none of them is ever shown as a page that may do more."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
UNCOUNTED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by watchers, also while the server is too busy for others."""


class BodyTooLong(Exception):
    """More came than was said or may come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told of each request."""

    metrics: Metrics
    journal: Journal
    tracing: Tracing = field(default_factory=Tracing)


class Gate:
    """The outermost layer. told: of every request. known: whether there is a key of this id. clock: seconds, for the
    rates and the log."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        options: ServeOptions,
        told: Told,
        known: Callable[[str], bool] = lambda key: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._options = options
        self._metrics = told.metrics
        self._journal = told.journal
        self._tracing = told.tracing
        self._known = known
        self._clock = clock
        self._rates = Rates(options.a_minute, clock)
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        passing = _Passing(scope, receive, send, request_id, self._limit(scope, headers))
        begun = self._clock()
        with self._tracing.request(headers, request_id) as span:
            try:
                await self._pass(scope, headers, passing)
            finally:
                seconds = self._clock() - begun
                span.method, span.status = known_method(scope["method"]), passing.status
                span.route = getattr(scope.get("route"), "path", "") or "other"
                self._metrics.answered(span.route, span.method, span.status, seconds)
                self._journal.answered(request_id, span.method, span.route, span.status, seconds)

    async def _pass(self, scope: Scope, headers: Headers, passing: _Passing) -> None:
        problem = self._refusal(scope, headers)
        if problem is not None:
            await passing.tell(problem)
            return
        counted = scope["path"] not in UNCOUNTED
        self._in_work += counted
        self._metrics.in_work.set(self._in_work)
        try:
            await self._app(scope, passing.receive, passing.send)
        except BodyTooLong:
            await passing.tell(_too_long(passing.limit))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the caller gets no more than its code
            self._journal.broken(passing.request_id, error)
            await passing.tell(Problem(500, "error", "the server made a mistake", "look into its log"))
        finally:
            self._in_work -= counted
            self._metrics.in_work.set(self._in_work)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        """Why the request goes no further, None where it does."""
        return self._stranger(scope, headers) or self._too_much(scope, headers)

    def _stranger(self, scope: Scope, headers: Headers) -> Problem | None:
        if not is_ours(headers.getlist("host"), self._options.hosts):
            remedy = "call it by the name that it was started with, or start it with --name NAME"
            return Problem(421, "wrong-host", "the server does not go by this name", remedy)
        if not is_same_origin(scope, headers):
            return Problem(403, "other-origin", "a page of another origin asks", "open the server's own page")
        return None

    def _too_much(self, scope: Scope, headers: Headers) -> Problem | None:
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return Problem(400, "bad-request", "the length is no number")
        if int(length) > self._limit(scope, headers):
            return _too_long(self._limit(scope, headers))
        if scope["path"] in UNCOUNTED:
            return None
        if self._in_work >= self._options.waiting:
            return Problem(429, "busy", "too many requests wait", "try again in a moment", {"Retry-After": "1"})
        wait = self._rates.wait(self._who(scope, headers))
        if wait > 0:
            after = {"Retry-After": str(max(1, round(wait)))}
            return Problem(429, "too-often", "too many requests a minute", "try again in a moment", after)
        return None

    def _who(self, scope: Scope, headers: Headers) -> str:
        """Whose rate counts: that of a key that there is, else of an address."""
        named = key_id(headers.get("authorization", ""))
        if named and self._known(named):
            return named
        client = scope.get("client")
        return client[0] if client else ""

    def _limit(self, scope: Scope, headers: Headers) -> int:
        """The longest body: files may be longer than JSON."""
        takes_files = headers.get("content-type", "").startswith("multipart/form-data")
        if scope["path"].startswith("/v1/uploads/") or takes_files:
            return self._options.file_bytes
        return self._options.body_bytes


class _Passing:
    """One request under way: counts its body, adds the headers that every answer has."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._taken = 0
        self.request_id = request_id
        self.limit = limit
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._taken > self.limit:
                raise BodyTooLong
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            headers["X-Request-ID"] = self.request_id
        await self._send(message)

    async def tell(self, problem: Problem) -> None:
        """Answers with a problem, unless an answer has begun."""
        if not self.status:
            await answer(problem, self.request_id)(self._scope, self._receive, self.send)


def _too_long(limit: int) -> Problem:
    return Problem(413, "body-too-long", f"more than {limit:,} bytes came", "send less at once")


def is_ours(hosts: list[str], names: frozenset[str]) -> bool:
    """Whether a request calls the server by one of its names, with any port.

    >>> is_ours(["localhost:8765"], frozenset({"localhost"})), is_ours(["evil.example"], frozenset({"localhost"}))
    (True, False)
    """
    if len(hosts) != 1:
        return False
    try:
        parts = urlsplit(f"//{hosts[0]}")
        _ = parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return False
    return (parts.hostname or "") in names


def is_same_origin(scope: Scope, headers: Headers) -> bool:
    """Whether no page of another origin makes this request. Programs that are no browsers send neither header."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return False
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin"):
        return True
    visits = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in ("GET", "HEAD")
    return visits and scope["path"] == "/"
