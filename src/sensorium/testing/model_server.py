"""A model behind a server of the chat completions protocol that obeys every order it reads. On loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sensorium.testing.injections import WISHES


@dataclass
class Script:
    """What the server does. failures: statuses that it answers with first. lines: what it says in place of obeying.

    seen: the bodies of all requests; keys: their Authorization headers; paths: what was asked for.
    """

    failures: list[int] = field(default_factory=list)
    lines: Sequence[str] | None = None
    streams: bool = True
    breaks: bool = False
    hold: threading.Event | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def obey(self, body: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The lines that it says and the tools that it calls: those of every wish that stands in what it was sent."""
        read = json.dumps(body, ensure_ascii=False)
        wishes = [wish for wish in WISHES if json.dumps(wish.words)[1:-1] in read]
        return [line for wish in wishes for line in wish.reply], [wish.tool for wish in wishes if wish.tool]


@contextmanager
def model_server(script: Script) -> Iterator[str]:
    """Runs the server; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            script.seen.append(body)
            script.keys.append(self.headers.get("Authorization"))
            script.paths.append(self.path)
            if script.failures:
                self.send_response(script.failures.pop(0))
                self.send_header("Location", "http://collect.invalid/")
                self.send_header("Retry-After", "0")
                self.end_headers()
                return
            self._say(*((script.lines, []) if script.lines is not None else script.obey(body)))

        def _say(self, lines: Sequence[str], tools: Sequence[str]) -> None:
            usage = {"prompt_tokens": 100, "completion_tokens": 10}
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if script.streams else "application/json")
            self.end_headers()
            if not script.streams:
                message = {"role": "assistant", "content": "\n".join(lines)}
                self.wfile.write(json.dumps({"choices": [{"message": message}], "usage": usage}).encode())
                return
            for name in tools:
                self._event({"tool_calls": [{"index": 0, "function": {"name": name, "arguments": "{}"}}]})
            for line in lines:
                for piece in (line[:7], line[7:] + "\n"):
                    self._event({"content": piece})
                if script.hold:
                    script.hold.wait(20)
            if not script.breaks:
                self.wfile.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())

        def _event(self, delta: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode())
            self.wfile.flush()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
