"""A server that listens: the socket is opened first, so that its address is known and refusals come at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sensorium.core.errors import BadSetting
from sensorium.library import Library
from sensorium.server.app import create_app
from sensorium.server.options import ServeOptions
from sensorium.server.telemetry.logs import Journal
from sensorium.server.telemetry.tracing import Tracing

BACKLOG = 512


class Serving:
    """One library, served until `stop` is called or the process is told to end.

    Raises BadSetting where it may not listen there, and ExtraMissing, see `create_app`.
    """

    def __init__(self, library: Library, options: ServeOptions, *, log: bool = False, warm: bool = True) -> None:
        self._options = options
        app = create_app(
            library,
            options,
            journal=Journal.to_stderr() if log else None,
            tracing=Tracing.to(options.traces) if options.traces else None,
            warm=warm,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="on",
                server_header=False,
                date_header=True,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=options.drain_seconds,
                limit_concurrency=None,
                proxy_headers=False,
            )
        )
        self._socket: socket.socket | None = None

    @contextmanager
    def listening(self) -> Iterator[str]:
        """The address, once connections are taken. Raises BadSetting where the port is not to be had."""
        host = self._options.host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, self._options.port), family=family, backlog=BACKLOG)
        except OSError as error:
            remedy = "name another one by --port, or 0 for any"
            raise BadSetting(f"it can not be listened at ({error.strerror})", subject=host, remedy=remedy) from None
        # An answer goes out as a head and a body: with Nagle's algorithm the body waits 40 ms for the other side to
        # acknowledge the head. asyncio turns it off only for sockets of a named protocol; connections inherit it.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._socket:
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{self._socket.getsockname()[1]}/"

    def run(self) -> None:
        """Serves until it is stopped; whoever is being answered then gets the whole answer."""
        assert self._socket is not None
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `run`, from another thread."""
        self._server.should_exit = True
