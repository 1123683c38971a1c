"""A library behind a server, with the calls of a local one: `sensorium.connect("http://127.0.0.1:8765")`.

It speaks HTTP by the standard library alone. Answers are the server's JSON as plain dictionaries, typed by `Hit` and
the like; `docs/server.md` describes them.
"""

from __future__ import annotations

import http.client
import json
import mimetypes
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypedDict, cast
from urllib.parse import quote, urlencode, urlsplit

from sensorium.core.errors import BadInput, SensoriumError

BLOCK = 4_000_000
"""Bytes that are sent at once; what broke off goes on after the last whole block."""

TRIES = 4
PAUSE_SECONDS = 0.3


class ServerError(SensoriumError):
    """The server refused, or does not answer. status: of HTTP, 0 without an answer. remote_code: the problem's code."""

    code = "server-error"

    def __init__(self, what: str, *, subject: str = "", remedy: str = "", status: int = 0, remote: str = "") -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.status = status
        self.remote_code = remote


class Hit(TypedDict, total=False):
    """One hit. links: addresses of what there is of it, by `preview`, `clip`, `media`, `item`."""

    item: str
    piece: str
    path: str
    title: str
    modality: str
    kind: str
    aspect: str
    attributes: dict[str, str]
    media_type: str
    place: dict[str, Any]
    score: float
    matches: bool
    text: str | None
    links: dict[str, str]


class Results(TypedDict, total=False):
    """The answer to a search. next: the cursor of the hits that follow, None at the end."""

    question: str
    matching: int
    nothing_matches: bool
    hits: list[Hit]
    query_id: str
    next: str | None


def connect(address: str, *, key: str | None = None, seconds: float = 60.0) -> RemoteLibrary:
    """The library that is served at `address`.

    key: as `sensorium keys add` showed it; without one, the server's own machine alone is answered. seconds: longest
    wait for an answer. Nothing is sent before the first call. Raises BadInput for what is no address.

    >>> connect("http://127.0.0.1:8765")
    sensorium.connect('http://127.0.0.1:8765')
    """
    return RemoteLibrary(address, key=key, seconds=seconds)


class RemoteLibrary:
    """The calls of `Library` over HTTP. One at a time: threads take one each. Every call may raise ServerError."""

    def __init__(self, address: str, *, key: str | None, seconds: float) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise BadInput("this is no address of a server", subject=address, remedy="write http://127.0.0.1:8765")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._base = parts.path.rstrip("/")
        self._connection = kind(parts.hostname, parts.port, timeout=seconds)
        self._key = key

    def search(
        self,
        text: str | None = None,
        *,
        like: Sequence[str | Path] = (),
        spoken: str | Path | None = None,
        k: int = 10,
        **fields: Any,
    ) -> Results:
        """What fits best. like, spoken: files of this machine, which are sent. fields: as of `Library.search`, besides
        like_pieces, unlike_pieces, cursor and explain."""
        body = {"text": text, "k": k, **{name: _plain(value) for name, value in fields.items() if value is not None}}
        files = [("like", Path(path)) for path in like] + ([("spoken", Path(spoken))] if spoken is not None else [])
        if files:
            kind, data = _form(json.dumps(body), files)
            return cast(Results, self._json("POST", "/v1/search", data, {"Content-Type": kind}))
        return cast(Results, self._json("POST", "/v1/search", json.dumps(body).encode()))

    def pages(self, text: str | None = None, *, k: int = 100, **fields: Any) -> Iterator[Hit]:
        """All hits, page by page; the arguments of `search` without files."""
        cursor: str | None = None
        while True:
            answer = self.search(text, k=k, cursor=cursor, **fields)
            yield from answer["hits"]
            cursor = answer["next"]
            if cursor is None:
                return

    def answer_stream(self, question: str, *, form: str = "answer", **fields: Any) -> Iterator[tuple[str, Any]]:
        """Events as they come: ("evidence", [...]), ("sentence", {...}) for each, ("done", {"answer": {...}})."""
        body = {"question": question, "form": form, **{name: _plain(value) for name, value in fields.items()}}
        with self._answered("POST", "/v1/ask", json.dumps(body).encode(), {}) as answer:
            event = ""
            for line in answer:
                words = line.decode().rstrip("\r\n")
                if words.startswith("event: "):
                    event = words.removeprefix("event: ")
                elif words.startswith("data: "):
                    data = json.loads(words.removeprefix("data: "))
                    if event == "error":
                        raise _error(data.get("status", 0), data)
                    yield event, data

    def answer(self, question: str, *, form: str = "answer", **fields: Any) -> dict[str, Any]:
        """The whole answer, as `docs/answers.md` describes it."""
        *_, (_, last) = self.answer_stream(question, form=form, **fields)
        answer: dict[str, Any] = last["answer"]
        return answer

    def facets(self, **fields: Any) -> dict[str, Any]:
        """What values items have; the arguments of `Library.facets`, `where` in the filter language."""
        asked = urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)
        return self._json("GET", f"/v1/facets?{asked}")

    def show(self, item: str) -> dict[str, Any]:
        """One item whole, by its id."""
        return self._json("GET", f"/v1/items/{quote(item, safe='')}")

    def items(self) -> Iterator[dict[str, Any]]:
        """All items, the one that was added last first."""
        cursor = ""
        while True:
            page = self._json("GET", f"/v1/items?limit=200{cursor}")
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = f"&cursor={quote(page['next'])}"

    def forget(self, item: str) -> int:
        """Erases an item; returns at how many places it was."""
        forgotten: int = self._json("DELETE", f"/v1/items/{quote(item, safe='')}")["forgotten"]
        return forgotten

    def add(self, *paths: str | Path, told: Callable[[str, float], None] | None = None) -> list[dict[str, Any]]:
        """Sends files, and all files below folders, and waits until they are added; the lines of the receipt.

        told: how far a file is, by its name, 0..1. Raises BadInput for a path that is not there.
        """
        lines: list[dict[str, Any]] = []
        for path in paths:
            for file, name in _files(Path(path)):
                lines += self._sent(file, name, told or (lambda name, share: None))
        return lines

    def info(self) -> dict[str, Any]:
        """The library in numbers."""
        return self._json("GET", "/v1/info")

    def doctor(self) -> dict[str, Any]:
        """What is well with the library, and what is not."""
        return self._json("GET", "/v1/doctor")

    def metrics(self) -> str:
        """The server's figures, in the text format of Prometheus."""
        with self._answered("GET", "/metrics", None, {}) as answer:
            return answer.read().decode()

    def read(self, address: str) -> bytes:
        """What lies at one of the addresses in `links`."""
        with self._answered("GET", address, None, {}) as answer:
            return answer.read()

    def close(self) -> None:
        """Lets go of the connection. May be repeated; the next call makes a new one."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"sensorium.connect({self._address + self._base!r})"

    # -- inside ------------------------------------------------------------------------------------------------------

    def _sent(self, file: Path, name: str, told: Callable[[str, float], None]) -> list[dict[str, Any]]:
        size = file.stat().st_size
        upload = self._json("POST", "/v1/uploads", json.dumps({"name": name, "size": size}).encode())
        path, tries = f"/v1/uploads/{upload['id']}", 0
        with file.open("rb") as stream:
            while upload["received"] < size:
                try:
                    upload = self._block(stream, path, upload["received"], size)
                except ServerError as error:
                    tries += 1
                    if tries == TRIES or error.status not in (0, 409, 429, 503):
                        raise
                    time.sleep(PAUSE_SECONDS * 2**tries)
                    upload = self._json("GET", path)
                told(name, upload["received"] / size)
        while True:
            job = self._json("GET", f"/v1/jobs/{upload['job']}")
            if job["state"] == "failed":
                raise ServerError(job["error"], subject=name)
            if job["state"] == "done":
                lines: list[dict[str, Any]] = job["receipt"]
                return lines
            time.sleep(PAUSE_SECONDS)

    def _block(self, stream: IO[bytes], path: str, at: int, size: int) -> dict[str, Any]:
        stream.seek(at)
        block = stream.read(BLOCK)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {at}-{at + len(block) - 1}/{size}",
        }
        return self._json("PUT", path, block, headers)

    def _json(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        with self._answered(method, path, body, headers or {}) as answer:
            said: dict[str, Any] = json.loads(answer.read())
            return said

    @contextmanager
    def _answered(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer, open to be read. Raises ServerError."""
        sent = {"Accept": "*/*", **({"Content-Type": "application/json"} if body is not None else {}), **headers}
        if self._key is not None:
            sent["Authorization"] = f"Bearer {self._key}"
        try:
            answer = self._asked(method, self._base + path, body, sent)
            if answer.status >= 400:
                raise _error(answer.status, _problem(answer.read()))
            yield answer
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            remedy = "check that `sensorium serve` runs there"
            raise ServerError(f"the server does not answer ({error})", subject=self._address, remedy=remedy) from error
        except BaseException:
            self._connection.close()  # what was not read to its end would stand before the next answer
            raise

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        was_open = self._connection.sock is not None
        try:
            self._connection.request(method, path, body, dict(headers))
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            if not was_open or method != "GET":
                raise
            self._connection.request(method, path, body, dict(headers))  # the server had closed an idle connection
            return self._connection.getresponse()


def _problem(body: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _error(status: int, problem: Mapping[str, Any]) -> ServerError:
    what = str(problem.get("detail") or f"the server answered {status}")
    remedy, code = str(problem.get("remedy", "")), str(problem.get("code", ""))
    return ServerError(what, remedy=remedy, status=status, remote=code)


def _plain(value: Any) -> Any:
    """Arguments as JSON: sets and tuples as lists, a predicate as what it says."""
    from sensorium.core.predicates import Predicate, as_json

    if isinstance(value, Predicate):
        return as_json(value)
    return [str(one) for one in value] if isinstance(value, tuple | list | set | frozenset) else value


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """The files at or below `path`, each with the name that it is sent under."""
    if path.is_file():
        yield path, path.name
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                yield file, (Path(path.name) / file.relative_to(path)).as_posix()
    else:
        raise BadInput("there is no such file", subject=str(path), remedy="check its name")


def _form(query: str, files: Sequence[tuple[str, Path]]) -> tuple[str, bytes]:
    """A body of the type multipart/form-data (RFC 7578), and its Content-Type."""
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="query"\r\n\r\n{query}\r\n'.encode()]
    for name, path in files:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        said = quote(path.name, safe=" ()[]{},;=+!#$&'@~^-_.")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{said}"\r\nContent-Type: {kind}'
        )
        parts.append(f"{head}\r\n\r\n".encode() + path.read_bytes() + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
