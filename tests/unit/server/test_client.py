"""The client against a server that listens, on loopback alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.client import RemoteLibrary, ServerError
from sensorium.core.errors import BadInput
from sensorium.library import Library
from sensorium.server.access.keys import KeyRing, Role
from sensorium.testing.pictures import write_png

from .conftest import QUICK

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def remote(served: tuple[Library, str]) -> Iterator[RemoteLibrary]:
    with sensorium.connect(served[1]) as remote:
        yield remote


def test_what_is_found_there_is_what_is_found_here(served: tuple[Library, str], remote: RemoteLibrary) -> None:
    here = [hit.piece.id for hit in served[0].search("red")]
    assert [hit["piece"] for hit in remote.search("red")["hits"]] == here
    assert [hit["piece"] for hit in remote.pages("red", k=1)] == here


def test_a_file_of_this_machine_is_looked_for(remote: RemoteLibrary, tmp_path: Path) -> None:
    write_png(tmp_path / "mine.png", (190, 10, 10))
    assert remote.search(like=[tmp_path / "mine.png"], k=1)["hits"][0]["path"] == "red.png"


def test_items_are_collected_and_let_go(remote: RemoteLibrary) -> None:
    items = [one["id"] for one in remote.items()]
    assert remote.collect("Trip", *items) == len(items)
    assert remote.collections() == {"Trip": len(items)}
    assert remote.uncollect("trip", *items) == len(items)
    assert remote.collections() == {}


def test_files_are_sent_added_shown_and_erased(remote: RemoteLibrary, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    write_png(tmp_path / "new" / "green.png", (20, 200, 20))
    told: list[float] = []
    (line,) = remote.add(tmp_path / "new", told=lambda name, share: told.append(share))
    assert (line["outcome"], told) == ("added", [1.0])
    assert remote.show(line["item"])["path"] == "green.png"
    assert line["item"] in [item["id"] for item in remote.items()]
    assert remote.forget(line["item"]) == 1
    with pytest.raises(ServerError) as raised:
        remote.show(line["item"])
    assert (raised.value.status, raised.value.remote_code) == (404, "item-not-found")


def test_an_answer_comes_as_events_and_whole(remote: RemoteLibrary) -> None:
    assert [event for event, _ in remote.answer_stream("what does the red fox do")][-1] == "done"
    assert remote.answer("what does the red fox do")["question"] == "what does the red fox do"
    assert remote.info()["items"]["text"] == 1  # the connection serves on


def test_pictures_numbers_and_figures_come_over(remote: RemoteLibrary) -> None:
    hit = next(hit for hit in remote.search("red")["hits"] if hit["path"] == "red.png")
    assert remote.read(hit["links"]["preview"])[:2] == b"\xff\xd8"
    assert remote.facets(fields=["width"])["items"] == 2
    assert remote.doctor()["healthy"]
    assert "sensorium_request_seconds" in remote.metrics()


def test_a_key_is_shown_where_one_is_needed(served: tuple[Library, str]) -> None:
    keys = KeyRing(served[0].path, hasher=QUICK)
    key = keys.add("ann", Role.READER)
    try:
        with sensorium.connect(served[1], key=key) as remote, sensorium.connect(served[1]) as stranger:
            assert remote.info()["role"] == "reader"
            with pytest.raises(ServerError) as raised:
                stranger.info()
            assert raised.value.status == 401
    finally:
        keys.remove("ann")


def test_a_server_that_is_not_there_is_told_of() -> None:
    with sensorium.connect("http://127.0.0.1:9") as remote, pytest.raises(ServerError) as raised:
        remote.info()
    assert raised.value.status == 0


@pytest.mark.parametrize(
    "address", ["", "localhost:8765", "file:///etc/passwd", "http://", "http://a@b/", "http://a/?b"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        sensorium.connect(address)
