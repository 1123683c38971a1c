"""A server that is loading: what it answers meanwhile, and when it says that it is ready."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from sensorium.core.errors import ModelDamaged
from sensorium.library import Library
from sensorium.server.access.keys import KeyRing
from sensorium.server.app import create_app
from sensorium.server.options import ServeOptions
from sensorium.server.telemetry.logs import Journal

from .conftest import HOST, QUICK

STEPS = ["model", "golden", "index", "reader", "search", "names", "answerer"]


class Slow:
    """Holds a library's warming up after a step of it, until it is let go."""

    def __init__(self, library: Library, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.reached = threading.Event()
        warm = Library.warm

        def held(library: Library, told: Callable[[str, float], None]) -> None:
            def telling(step: str, seconds: float) -> None:
                told(step, seconds)
                if step == after:
                    self.reached.set()
                    assert self.go.wait(30)

            warm(library, telling)

        monkeypatch.setattr(Library, "warm", held)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def make(shared: tuple[Library, Path], tmp_path: Path, stream: io.StringIO) -> Callable[..., TestClient]:
    def make(**options: float) -> TestClient:
        keys = KeyRing(tmp_path, hasher=QUICK)
        app = create_app(shared[0], ServeOptions(**options), keys=keys, journal=Journal(stream), warm=True)  # type: ignore[arg-type]
        return TestClient(app, base_url=HOST, raise_server_exceptions=False)

    return make


@pytest.fixture
def held(shared: tuple[Library, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Slow]]:
    slow: list[Slow] = []

    def held(after: str) -> Slow:
        slow.append(Slow(shared[0], after, monkeypatch))
        return slow[-1]

    yield held
    for one in slow:
        one.go.set()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_it_is_ready_once_every_step_is_done_and_logged(make: Callable[..., TestClient], stream: io.StringIO) -> None:
    with make() as client:
        client.post("/v1/ask", json={"question": "what sleeps"})  # waits for all of it
        assert client.get("/readyz").status_code == 200
    warmed = [line for line in lines(stream) if line["event"] == "warmed"]
    assert [line["step"] for line in warmed] == STEPS
    assert all(float(str(line["seconds"])) >= 0 for line in warmed)


def test_while_it_loads_it_lives_and_is_not_ready(make: Callable[..., TestClient], held: Callable[[str], Slow]) -> None:
    slow = held("model")
    with make() as client:
        assert slow.reached.wait(30)
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "warming", "2")
        slow.go.set()


def test_a_question_that_comes_early_waits_and_is_answered(
    make: Callable[..., TestClient], held: Callable[[str], Slow]
) -> None:
    slow = held("model")
    with make() as client, ThreadPoolExecutor(1) as pool:
        assert slow.reached.wait(30)
        early = pool.submit(client.post, "/v1/search", json={"text": "red"})
        slow.go.set()
        assert early.result().json()["hits"]


def test_a_search_does_not_wait_for_what_answers_alone_need(
    make: Callable[..., TestClient], held: Callable[[str], Slow]
) -> None:
    slow = held("search")
    with make() as client:
        assert slow.reached.wait(30)
        assert client.post("/v1/search", json={"text": "red"}).status_code == 200
        assert client.get("/readyz").status_code == 503
        slow.go.set()


def test_a_question_that_waits_too_long_is_told_to_come_back(
    make: Callable[..., TestClient], held: Callable[[str], Slow]
) -> None:
    slow = held("model")
    with make(seconds=0.2) as client:
        assert slow.reached.wait(30)
        answer = client.post("/v1/search", json={"text": "red"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        slow.go.set()


def test_a_server_that_can_not_get_ready_says_why_by_a_code(
    make: Callable[..., TestClient], stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(library: Library, told: object) -> None:
        raise ModelDamaged("a tower is damaged", subject="/secret/place")

    monkeypatch.setattr(Library, "warm", broken)
    with make() as client:
        assert client.post("/v1/search", json={"text": "red"}).status_code == 200  # each caller meets it anew
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "model-damaged" in answer.json()["detail"]
    assert "/secret/place" not in answer.text + stream.getvalue()
