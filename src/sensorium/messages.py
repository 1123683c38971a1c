"""What clients and servers say to each other: the records that come back, and requests as they are put together.

`client` sends them by the standard library, `async_client` without blocking. No connection is made here.
"""

from __future__ import annotations

import json
import mimetypes
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote, urlencode, urlsplit

from sensorium.core.errors import BadInput, SensoriumError

BLOCK = 4_000_000
"""Bytes that are sent at once; what broke off goes on after the last whole block."""

TRIES = 7
PAUSE_SECONDS = 0.3
RETRIED = frozenset({0, 409, 429, 503})
"""Statuses after which a block is sent again: no answer, another is on its way, too much at once."""

PAGE_ITEMS = 200
COLLECTIONS = "/v1/collections"


class ServerError(SensoriumError):
    """The server refused, or does not answer. status: of HTTP, 0 without an answer. remote_code: the problem's code."""

    code = "server-error"

    def __init__(self, what: str, *, subject: str = "", remedy: str = "", status: int = 0, remote: str = "") -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.status = status
        self.remote_code = remote


class Links(TypedDict, total=False):
    """Addresses; those of previews, clips and media carry a right that ends."""

    item: str | None
    preview: str | None
    clip: str | None
    media: str | None
    region: str | None


class Hit(TypedDict, total=False):
    """One hit, as `docs/json.md` describes it; path: the name of the file alone."""

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
    evidence: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    folded: list[dict[str, Any]]
    explanation: dict[str, Any] | None
    links: Links


class Results(TypedDict, total=False):
    """The answer to a search. next: the cursor of the hits that follow, None at the end."""

    question: str
    matching: int
    matching_by_modality: dict[str, int]
    nothing_matches: bool
    language: str | None
    suggestions: list[dict[str, Any]]
    hits: list[Hit]
    query_id: str
    next: str | None


class Upload(TypedDict, total=False):
    """How much of a file has come; job: what adds it, once all is there."""

    id: str
    size: int
    received: int
    state: str
    job: str | None


class Job(TypedDict, total=False):
    """Something that goes on: an upload that is being added."""

    id: str
    state: str
    progress: float
    receipt: list[dict[str, Any]]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. path: below the server's address."""

    method: str = "GET"
    path: str
    body: bytes | None = None
    kind: str = "application/json"
    range: str = ""

    def headers(self, key: str | None) -> dict[str, str]:
        """What goes along with it. key: of the caller."""
        sent = {"Accept": "*/*"}
        if self.body is not None:
            sent["Content-Type"] = self.kind
        if self.range:
            sent["Content-Range"] = self.range
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        return sent


def address_of(address: str) -> tuple[str, str]:
    """Scheme and host, and the path before all others. Raises BadInput for what is no address.

    >>> address_of("http://127.0.0.1:8765/")
    ('http://127.0.0.1:8765', '')
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise BadInput("this is no address of a server", subject=address, remedy="write http://127.0.0.1:8765")
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def search(
    text: str | None, like: Sequence[str | Path], spoken: str | Path | None, k: int, fields: Mapping[str, Any]
) -> Request:
    """A question, with the files that go along."""
    body = json.dumps({"text": text, "k": k, **_plain_fields(fields)})
    files = [("like", Path(path)) for path in like] + ([("spoken", Path(spoken))] if spoken is not None else [])
    if not files:
        return Request(method="POST", path="/v1/search", body=body.encode())
    kind, data = _form(body, files)
    return Request(method="POST", path="/v1/search", body=data, kind=kind)


def ask(question: str, form: str, fields: Mapping[str, Any]) -> Request:
    """A question that wants sentences."""
    body = {"question": question, "form": form, **_plain_fields(fields)}
    return Request(method="POST", path="/v1/ask", body=json.dumps(body).encode())


def facets(fields: Mapping[str, Any]) -> Request:
    """What values there are."""
    asked = {name: value for name, value in fields.items() if value is not None}
    return Request(path=f"/v1/facets?{urlencode(asked, doseq=True)}")


def item(id: str, method: str = "GET") -> Request:
    """One item."""
    return Request(method=method, path=f"/v1/items/{quote(id, safe='')}")


def items(cursor: str | None) -> Request:
    """A page of items."""
    after = f"&cursor={quote(cursor, safe='')}" if cursor is not None else ""
    return Request(path=f"/v1/items?limit={PAGE_ITEMS}{after}")


def collecting(name: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Request:
    """A change to a collection."""
    said = {"name": name, "add": list(add), "remove": list(remove)}
    return Request(method="POST", path=COLLECTIONS, body=json.dumps(said).encode())


def sizes(said: Mapping[str, Any]) -> dict[str, int]:
    """What the server tells of collections, by their names."""
    return {one["name"]: one["items"] for one in said["collections"]}


def upload(name: str, size: int) -> Request:
    """The begin of a file."""
    return Request(method="POST", path="/v1/uploads", body=json.dumps({"name": name, "size": size}).encode())


def block(path: str, data: bytes, at: int, size: int) -> Request:
    """A stretch of a file that begins at byte `at`."""
    return Request(
        method="PUT",
        path=path,
        body=data,
        kind="application/octet-stream",
        range=f"bytes {at}-{at + len(data) - 1}/{size}",
    )


class Events:
    """Server-sent events out of lines (HTML standard, 9.2), as far as `/v1/ask` uses them.

    >>> events = Events()
    >>> events.line("event: done"), events.line('data: {"a": 1}')
    (None, ('done', {'a': 1}))
    """

    def __init__(self) -> None:
        self._event = ""

    def line(self, line: str) -> tuple[str, Any] | None:
        """The event that this line completes. Raises ServerError for one that tells of a problem."""
        if line.startswith("event: "):
            self._event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
            if self._event == "error":
                raise error_of(data.get("status", 0), data)
            return self._event, data
        return None


def problem_in(body: bytes) -> dict[str, Any]:
    """The problem of an answer; {} where it holds none."""
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def error_of(status: int, problem: Mapping[str, Any]) -> ServerError:
    """What the server refused with."""
    what = str(problem.get("detail") or f"the server answered {status}")
    remedy, code = str(problem.get("remedy", "")), str(problem.get("code", ""))
    return ServerError(what, remedy=remedy, status=status, remote=code)


def silent(address: str, error: Exception) -> ServerError:
    """That the server does not answer."""
    remedy = "check that `sensorium serve` runs there"
    return ServerError(f"the server does not answer ({error})", subject=address, remedy=remedy)


def settled(job: Mapping[str, Any], name: str) -> list[dict[str, Any]] | None:
    """The receipt of a job that is done; None while it goes on. Raises ServerError for one that failed."""
    if job["state"] == "failed":
        raise ServerError(job["error"], subject=name)
    if job["state"] != "done":
        return None
    lines: list[dict[str, Any]] = job["receipt"]
    return lines


def may_try_again(error: ServerError, tries: int) -> bool:
    """Whether what failed so many times is worth another try."""
    return tries < TRIES and error.status in RETRIED


def pause(tries: int) -> float:
    """Seconds before the next try."""
    return float(PAUSE_SECONDS * 2**tries)


def files_at(path: Path) -> Iterator[tuple[Path, str]]:
    """The files at or below `path`, each with the name that it is sent under. Raises BadInput."""
    if path.is_file():
        yield path, path.name
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                yield file, (Path(path.name) / file.relative_to(path)).as_posix()
    else:
        raise BadInput("there is no such file", subject=str(path), remedy="check its name")


def _plain_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:
    """Arguments as JSON: sets and tuples as lists, a predicate as what it says."""
    from sensorium.core.predicates import Predicate, as_json

    if isinstance(value, Predicate):
        return as_json(value)
    return [str(one) for one in value] if isinstance(value, tuple | list | set | frozenset) else value


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
