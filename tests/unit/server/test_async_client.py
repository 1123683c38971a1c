"""The client that does not wait, against a server that listens on loopback alone; and what it shares with the other."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_type_hints

import anyio
import pytest

import sensorium
from sensorium import messages
from sensorium.async_client import AsyncRemoteLibrary
from sensorium.client import RemoteLibrary, ServerError
from sensorium.core.errors import BadInput
from sensorium.library import Library
from sensorium.server.routes import answers
from sensorium.testing.loops import in_own_loop
from sensorium.testing.pictures import write_png

loopback = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

Use = Callable[[AsyncRemoteLibrary], Awaitable[Any]]


def using(address: str, use: Use) -> Any:
    async def run() -> Any:
        async with sensorium.connect_async(address) as remote:
            return await use(remote)

    return in_own_loop(run)


class TestCalls:
    pytestmark = loopback

    def test_what_is_found_there_is_what_is_found_here(self, served: tuple[Library, str]) -> None:
        async def use(remote: AsyncRemoteLibrary) -> Any:
            found = await remote.search("red")
            return [hit["piece"] for hit in found["hits"]], [hit["piece"] async for hit in remote.pages("red", k=1)]

        here = [hit.piece.id for hit in served[0].search("red")]
        assert using(served[1], use) == (here, here)

    def test_many_calls_are_under_way_at_once(self, served: tuple[Library, str]) -> None:
        async def use(remote: AsyncRemoteLibrary) -> Any:
            found: dict[str, int] = {}

            async def ask(word: str) -> None:
                found[word] = len((await remote.search(word))["hits"])

            async with anyio.create_task_group() as group:
                for number in range(8):
                    group.start_soon(ask, f"red {number}")
            return found

        assert set(using(served[1], use).values()) == {2}

    def test_a_file_of_this_machine_is_looked_for(self, served: tuple[Library, str], tmp_path: Path) -> None:
        write_png(tmp_path / "mine.png", (190, 10, 10))

        async def use(remote: AsyncRemoteLibrary) -> Any:
            return (await remote.search(like=[tmp_path / "mine.png"], k=1))["hits"][0]["path"]

        assert using(served[1], use) == "red.png"

    def test_items_are_collected_and_let_go(self, served: tuple[Library, str]) -> None:
        async def use(remote: AsyncRemoteLibrary) -> None:
            item = (await remote.search("red"))["hits"][0]["item"]
            assert await remote.collect("Walk", item) == 1
            assert (await remote.collections())["Walk"] == 1
            assert await remote.uncollect("Walk", item) == 1

        using(served[1], use)

    def test_files_are_sent_added_shown_and_erased(self, served: tuple[Library, str], tmp_path: Path) -> None:
        write_png(tmp_path / "green.png", (20, 200, 20))
        told: list[float] = []

        async def use(remote: AsyncRemoteLibrary) -> None:
            (line,) = await remote.add(tmp_path / "green.png", told=lambda name, share: told.append(share))
            assert (line["outcome"], told) == ("added", [1.0])
            assert (await remote.show(line["item"]))["path"] == "green.png"
            assert line["item"] in [item["id"] async for item in remote.items()]
            assert await remote.forget(line["item"]) == 1
            with pytest.raises(ServerError) as raised:
                await remote.show(line["item"])
            assert (raised.value.status, raised.value.remote_code) == (404, "item-not-found")

        using(served[1], use)

    def test_an_answer_comes_as_events_and_whole(self, served: tuple[Library, str]) -> None:
        async def use(remote: AsyncRemoteLibrary) -> None:
            events = [event async for event, _ in remote.answer_stream("what does the red fox do")]
            assert events[-1] == "done"
            assert (await remote.answer("what does the red fox do"))["question"] == "what does the red fox do"

        using(served[1], use)

    def test_pictures_numbers_and_figures_come_over(self, served: tuple[Library, str]) -> None:
        async def use(remote: AsyncRemoteLibrary) -> None:
            hits = (await remote.search("red"))["hits"]
            links = next(hit["links"] for hit in hits if hit["path"] == "red.png")
            assert (await remote.read(str(links["preview"])))[:2] == b"\xff\xd8"
            assert (await remote.facets(fields=["width"]))["items"] == 2
            assert (await remote.doctor())["healthy"]
            assert (await remote.info())["items"]["text"] == 1
            assert "sensorium_request_seconds" in await remote.metrics()

        using(served[1], use)

    def test_a_server_that_is_not_there_is_told_of(self) -> None:
        async def use(remote: AsyncRemoteLibrary) -> int:
            with pytest.raises(ServerError) as raised:
                await remote.info()
            return raised.value.status

        assert using("http://127.0.0.1:9", use) == 0


@pytest.mark.parametrize("address", ["", "localhost:8765", "file:///etc/passwd", "http://a@b/", "http://a/?b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        sensorium.connect_async(address)


def calls(kind: type) -> dict[str, list[str]]:
    """The public calls of a class, with the names of their arguments."""
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: list(inspect.signature(call).parameters) for name, call in found if not name.startswith("_")}


def test_both_clients_have_the_same_calls() -> None:
    assert calls(AsyncRemoteLibrary) == calls(RemoteLibrary)


@pytest.mark.parametrize(
    ("record", "model"),
    [
        (messages.Hit, answers.Hit),
        (messages.Links, answers.Links),
        (messages.Results, answers.Search),
        (messages.Upload, answers.Upload),
        (messages.Job, answers.Job),
    ],
    ids=["hit", "links", "results", "upload", "job"],
)
def test_clients_know_the_fields_that_the_server_describes(record: type, model: Any) -> None:
    assert set(get_type_hints(record)) == set(model.model_fields) - {"schema_"}
