"""A library behind a server for programs that do not wait: `async with sensorium.connect_async(...) as library`.

The calls are those of `client.RemoteLibrary`. Many may be under way at once. Needs the extra `client`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import quote

from sensorium import messages
from sensorium.core.errors import ExtraMissing
from sensorium.messages import Hit, Request, Results, ServerError, Upload

if TYPE_CHECKING:
    import httpx2


def connect_async(address: str, *, key: str | None = None, seconds: float = 60.0) -> AsyncRemoteLibrary:
    """The library that is served at `address`, for asyncio and trio; the arguments of `connect`.

    Raises BadInput for what is no address, ExtraMissing without httpx2.

    >>> connect_async("http://127.0.0.1:8765")
    sensorium.connect_async('http://127.0.0.1:8765')
    """
    return AsyncRemoteLibrary(address, key=key, seconds=seconds)


class AsyncRemoteLibrary:
    """The calls of `RemoteLibrary`, to be awaited. Every call may raise ServerError."""

    def __init__(self, address: str, *, key: str | None, seconds: float) -> None:
        try:
            import httpx2
        except ImportError as error:
            remedy = "install the extra: pip install 'sensorium[client]'"
            raise ExtraMissing(f"{error.name} is not installed", subject="connect_async", remedy=remedy) from None
        self._address, self._base = messages.address_of(address)
        self._http = httpx2
        # Neither a proxy of the environment nor a redirect leads anywhere else than where the caller said.
        self._client = httpx2.AsyncClient(timeout=seconds, trust_env=False, follow_redirects=False)
        self._key = key

    async def search(
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
        request = await _in_thread(partial(messages.search, text, like, spoken, k, fields))
        return cast(Results, await self._json(request))

    async def pages(self, text: str | None = None, *, k: int = 100, **fields: Any) -> AsyncIterator[Hit]:
        """All hits, page by page; the arguments of `search` without files."""
        cursor: str | None = None
        while True:
            answer = await self.search(text, k=k, cursor=cursor, **fields)
            for hit in answer["hits"]:
                yield hit
            cursor = answer["next"]
            if cursor is None:
                return

    async def answer_stream(
        self, question: str, *, form: str = "answer", **fields: Any
    ) -> AsyncIterator[tuple[str, Any]]:
        """Events as they come: ("evidence", [...]), ("sentence", {...}) for each, ("done", {"answer": {...}})."""
        events = messages.Events()
        async with self._answered(messages.ask(question, form, fields)) as answer:
            async for line in answer.aiter_lines():
                event = events.line(line)
                if event is not None:
                    yield event

    async def answer(self, question: str, *, form: str = "answer", **fields: Any) -> dict[str, Any]:
        """The whole answer, as `docs/answers.md` describes it."""
        told = [data async for _, data in self.answer_stream(question, form=form, **fields)]
        answer: dict[str, Any] = told[-1]["answer"]
        return answer

    async def facets(self, **fields: Any) -> dict[str, Any]:
        """What values items have; the arguments of `Library.facets`, `where` in the filter language."""
        return await self._json(messages.facets(fields))

    async def show(self, item: str) -> dict[str, Any]:
        """One item whole, by its id."""
        return await self._json(messages.item(item))

    async def items(self) -> AsyncIterator[dict[str, Any]]:
        """All items, the one that was added last first."""
        cursor: str | None = None
        while True:
            page = await self._json(messages.items(cursor))
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def forget(self, item: str) -> int:
        """Erases an item; returns at how many places it was."""
        forgotten: int = (await self._json(messages.item(item, "DELETE")))["forgotten"]
        return forgotten

    async def collections(self) -> dict[str, int]:
        """The names of all collections of which an item is visible, with how many are, the largest first."""
        return messages.sizes(await self._json(Request(path=messages.COLLECTIONS)))

    async def collect(self, name: str, *items: str) -> int:
        """Puts items into a collection, by their ids; returns how many were not in it before."""
        added: int = (await self._json(messages.collecting(name, add=items)))["added"]
        return added

    async def uncollect(self, name: str, *items: str) -> int:
        """Takes items out of a collection, by their ids; returns how many were in it."""
        removed: int = (await self._json(messages.collecting(name, remove=items)))["removed"]
        return removed

    async def add(self, *paths: str | Path, told: Callable[[str, float], None] | None = None) -> list[dict[str, Any]]:
        """Sends files, and all files below folders, and waits until they are added; the lines of the receipt.

        told: how far a file is, by its name, 0..1. Raises BadInput for a path that is not there.
        """
        lines: list[dict[str, Any]] = []
        for path in paths:
            for file, name in await _in_thread(partial(_listed, Path(path))):
                lines += await self._sent(file, name, told or (lambda name, share: None))
        return lines

    async def info(self) -> dict[str, Any]:
        """The library in numbers."""
        return await self._json(Request(path="/v1/info"))

    async def doctor(self) -> dict[str, Any]:
        """What is well with the library, and what is not."""
        return await self._json(Request(path="/v1/doctor"))

    async def metrics(self) -> str:
        """The server's figures, in the text format of Prometheus."""
        return (await self.read("/metrics")).decode()

    async def read(self, address: str) -> bytes:
        """What lies at one of the addresses in `links`."""
        async with self._answered(Request(path=address)) as answer:
            return await answer.aread()

    async def close(self) -> None:
        """Lets go of the connections. The last call."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"sensorium.connect_async({self._address + self._base!r})"

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _sent(self, file: Path, name: str, told: Callable[[str, float], None]) -> list[dict[str, Any]]:
        import anyio

        size = file.stat().st_size
        upload = cast(Upload, await self._json(messages.upload(name, size)))
        path = f"/v1/uploads/{quote(upload['id'], safe='')}"
        upload = await self._all_blocks(file, path, upload, lambda share: told(name, share))
        while True:
            lines = messages.settled(await self._json(Request(path=f"/v1/jobs/{upload['job']}")), name)
            if lines is not None:
                return lines
            await anyio.sleep(messages.PAUSE_SECONDS)

    async def _all_blocks(self, file: Path, path: str, upload: Upload, told: Callable[[float], None]) -> Upload:
        """Sends what is not there yet. A server that ends and starts again meanwhile is asked how much it has."""
        import anyio

        size, tries, is_known = upload["size"], 0, True
        while upload["received"] < size or upload["job"] is None or not is_known:
            try:
                if is_known and upload["received"] < size:
                    at = upload["received"]
                    request = messages.block(path, await _in_thread(partial(_read_block, file, at)), at, size)
                else:
                    request = Request(path=path)
                upload, is_known = cast(Upload, await self._json(request)), True
            except ServerError as error:
                tries, is_known = tries + 1, False
                if not messages.may_try_again(error, tries):
                    raise
                await anyio.sleep(messages.pause(tries))
            else:
                told(upload["received"] / size)
        return upload

    async def _json(self, request: Request) -> dict[str, Any]:
        async with self._answered(request) as answer:
            said: dict[str, Any] = json.loads(await answer.aread())
            return said

    @asynccontextmanager
    async def _answered(self, request: Request) -> AsyncIterator[httpx2.Response]:
        """The answer, open to be read. Raises ServerError."""
        url = self._address + self._base + request.path
        headers = request.headers(self._key)
        try:
            async with self._client.stream(request.method, url, content=request.body, headers=headers) as answer:
                if answer.status_code >= 400:
                    raise messages.error_of(answer.status_code, messages.problem_in(await answer.aread()))
                yield answer
        except self._http.HTTPError as error:
            raise messages.silent(self._address, error) from error


async def _in_thread(work: Callable[[], Any]) -> Any:
    import anyio.to_thread

    return await anyio.to_thread.run_sync(work)


def _listed(path: Path) -> list[tuple[Path, str]]:
    return list(messages.files_at(path))


def _read_block(file: Path, at: int) -> bytes:
    with file.open("rb") as stream:
        stream.seek(at)
        return stream.read(messages.BLOCK)
