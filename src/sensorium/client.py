"""A library behind a server, with the calls of a local one: `sensorium.connect("http://127.0.0.1:8765")`.

It speaks HTTP by the standard library alone. Answers are the server's JSON as plain dictionaries, typed by `Hit` and
the like; `docs/server.md` describes them. `async_client` has the same calls for programs that do not wait.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast
from urllib.parse import quote, urlsplit

from sensorium import messages
from sensorium.messages import Hit as Hit
from sensorium.messages import Request, Results, Upload
from sensorium.messages import ServerError as ServerError


def connect(address: str, *, key: str | None = None, seconds: float = 60.0) -> RemoteLibrary:
    """The library that is served at `address`.

    key: as `sensorium keys add` showed it, or a token of the server's issuer; without one, the server's own machine
    alone is answered. seconds: longest wait for an answer. Nothing is sent before the first call. Raises BadInput for
    what is no address.

    >>> connect("http://127.0.0.1:8765")
    sensorium.connect('http://127.0.0.1:8765')
    """
    return RemoteLibrary(address, key=key, seconds=seconds)


class RemoteLibrary:
    """The calls of `Library` over HTTP. One at a time: threads take one each. Every call may raise ServerError."""

    def __init__(self, address: str, *, key: str | None, seconds: float) -> None:
        self._address, self._base = messages.address_of(address)
        parts = urlsplit(self._address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=seconds)
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
        return cast(Results, self._json(messages.search(text, like, spoken, k, fields)))

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
        events = messages.Events()
        with self._answered(messages.ask(question, form, fields)) as answer:
            for line in answer:
                event = events.line(line.decode().rstrip("\r\n"))
                if event is not None:
                    yield event

    def answer(self, question: str, *, form: str = "answer", **fields: Any) -> dict[str, Any]:
        """The whole answer, as `docs/answers.md` describes it."""
        *_, (_, last) = self.answer_stream(question, form=form, **fields)
        answer: dict[str, Any] = last["answer"]
        return answer

    def facets(self, **fields: Any) -> dict[str, Any]:
        """What values items have; the arguments of `Library.facets`, `where` in the filter language."""
        return self._json(messages.facets(fields))

    def show(self, item: str) -> dict[str, Any]:
        """One item whole, by its id."""
        return self._json(messages.item(item))

    def items(self) -> Iterator[dict[str, Any]]:
        """All items, the one that was added last first."""
        cursor: str | None = None
        while True:
            page = self._json(messages.items(cursor))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def forget(self, item: str) -> int:
        """Erases an item; returns at how many places it was."""
        forgotten: int = self._json(messages.item(item, "DELETE"))["forgotten"]
        return forgotten

    def collections(self) -> dict[str, int]:
        """The names of all collections of which an item is visible, with how many are, the largest first."""
        return messages.sizes(self._json(Request(path=messages.COLLECTIONS)))

    def collect(self, name: str, *items: str) -> int:
        """Puts items into a collection, by their ids; returns how many were not in it before."""
        added: int = self._json(messages.collecting(name, add=items))["added"]
        return added

    def uncollect(self, name: str, *items: str) -> int:
        """Takes items out of a collection, by their ids; returns how many were in it."""
        removed: int = self._json(messages.collecting(name, remove=items))["removed"]
        return removed

    def add(self, *paths: str | Path, told: Callable[[str, float], None] | None = None) -> list[dict[str, Any]]:
        """Sends files, and all files below folders, and waits until they are added; the lines of the receipt.

        told: how far a file is, by its name, 0..1. Raises BadInput for a path that is not there.
        """
        lines: list[dict[str, Any]] = []
        for path in paths:
            for file, name in messages.files_at(Path(path)):
                lines += self._sent(file, name, told or (lambda name, share: None))
        return lines

    def info(self) -> dict[str, Any]:
        """The library in numbers."""
        return self._json(Request(path="/v1/info"))

    def doctor(self) -> dict[str, Any]:
        """What is well with the library, and what is not."""
        return self._json(Request(path="/v1/doctor"))

    def metrics(self) -> str:
        """The server's figures, in the text format of Prometheus."""
        return self.read("/metrics").decode()

    def read(self, address: str) -> bytes:
        """What lies at one of the addresses in `links`."""
        with self._answered(Request(path=address)) as answer:
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
        upload = cast(Upload, self._json(messages.upload(name, size)))
        path = f"/v1/uploads/{quote(upload['id'], safe='')}"
        with file.open("rb") as stream:
            upload = self._all_blocks(stream, path, upload, lambda share: told(name, share))
        while True:
            lines = messages.settled(self._json(Request(path=f"/v1/jobs/{upload['job']}")), name)
            if lines is not None:
                return lines
            time.sleep(messages.PAUSE_SECONDS)

    def _all_blocks(self, stream: IO[bytes], path: str, upload: Upload, told: Callable[[float], None]) -> Upload:
        """Sends what is not there yet. A server that ends and starts again meanwhile is asked how much it has."""
        size, tries, is_known = upload["size"], 0, True
        while upload["received"] < size or upload["job"] is None or not is_known:
            try:
                if is_known and upload["received"] < size:
                    stream.seek(upload["received"])
                    request = messages.block(path, stream.read(messages.BLOCK), upload["received"], size)
                else:
                    request = Request(path=path)
                upload, is_known = cast(Upload, self._json(request)), True
            except ServerError as error:
                tries, is_known = tries + 1, False
                if not messages.may_try_again(error, tries):
                    raise
                time.sleep(messages.pause(tries))
            else:
                told(upload["received"] / size)
        return upload

    def _json(self, request: Request) -> dict[str, Any]:
        with self._answered(request) as answer:
            said: dict[str, Any] = json.loads(answer.read())
            return said

    @contextmanager
    def _answered(self, request: Request) -> Iterator[http.client.HTTPResponse]:
        """The answer, open to be read. Raises ServerError."""
        try:
            answer = self._asked(request)
            if answer.status >= 400:
                raise messages.error_of(answer.status, messages.problem_in(answer.read()))
            yield answer
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise messages.silent(self._address, error) from error
        except BaseException:
            self._connection.close()  # what was not read to its end would stand before the next answer
            raise

    def _asked(self, request: Request) -> http.client.HTTPResponse:
        was_open = self._connection.sock is not None
        sent = request.method, self._base + request.path, request.body, request.headers(self._key)
        try:
            self._connection.request(*sent)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            if not was_open or request.method != "GET":
                raise
            self._connection.request(*sent)  # the server had closed an idle connection
            return self._connection.getresponse()
