"""A server of the model hub's protocol over folders of files, on loopback, with a second host for large files.

It answers what clients of the hub ask: the list of a model's files, and files by ranges, large ones by a redirect. What
goes wrong on the way is scripted.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 1_000
"""Bytes from which a file is kept as a large one: by its sha256, behind a redirect."""


@dataclass
class HubScript:
    """What the server has and does. models: files by the model's id.

    breaks: bytes after which the line breaks, by path, each once. lies: what is sent in place of a file, by path.
    ranges: whether it honours them. status: that every request gets, 0 for what is right. token: that it wants.
    listing: in place of the list of files. asked: paths with their ranges; keys: Authorization headers by host.
    """

    models: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    lies: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    status: int = 0
    token: str = ""
    listing: Any = None
    location: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)

    def commit(self, model: str) -> str:
        """Changes with every byte of the model."""
        parts = [f"{path} {hashlib.sha256(data).hexdigest()}" for path, data in sorted(self.models[model].items())]
        return hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()

    def describe(self, model: str) -> dict[str, Any]:
        """The answer to a request for a model's list of files."""
        siblings = []
        for path, data in sorted(self.models[model].items()):
            git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            entry: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": git}
            if len(data) >= LARGE:
                sha256 = hashlib.sha256(data).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
            siblings.append(entry)
        return {"id": model, "sha": self.commit(model), "siblings": siblings}


@contextmanager
def hub_server(script: HubScript) -> Iterator[str]:
    """Runs both hosts; gives the address of the first."""
    with _host(script, "files", "") as files, _host(script, "hub", files) as hub:
        yield hub


@contextmanager
def _host(script: HubScript, name: str, elsewhere: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            script.asked.append((path, self.headers.get("Range", "")))
            script.keys.append((name, self.headers.get("Authorization", "")))
            if script.status or (name == "hub" and script.token and script.token not in script.keys[-1][1]):
                return self._send(script.status or 401, b"")
            parts = path.strip("/").split("/")
            if parts[:2] == ["api", "models"]:
                return self._listing("/".join(parts[2:4]))
            model, file = "/".join(parts[:2]), "/".join(parts[4:])
            data = script.models.get(model, {}).get(file)
            if data is None or parts[3] != script.commit(model):
                return self._send(404, b"")
            if name == "hub" and len(data) >= LARGE:
                return self._send(302, b"", {"Location": script.location or elsewhere + self.path})
            return self._file(file, script.lies.get(file, data))

        def _listing(self, model: str) -> None:
            if model not in script.models:
                return self._send(404, b"")
            answer = script.listing if script.listing is not None else script.describe(model)
            return self._send(200, json.dumps(answer).encode())

        def _file(self, path: str, data: bytes) -> None:
            asked = self.headers.get("Range", "")
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and script.ranges else 0
            headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
            self._send(206 if start else 200, data[start:], headers, script.breaks.pop(path, None))

        def _send(
            self, status: int, body: bytes, headers: Mapping[str, str] | None = None, most: int | None = None
        ) -> None:
            self.send_response(status)
            for header, value in (headers or {}).items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:most])
            if most is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
