"""Names, origins, sizes and rates, before any route."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from sensorium.library import Library
from sensorium.server.access.gate import is_ours
from sensorium.server.access.keys import KeyRing
from sensorium.server.options import ServeOptions

from ..conftest import Desk, client_of

ROUTES = [
    ("POST", "/v1/search"),
    ("GET", "/v1/items"),
    ("DELETE", "/v1/items/it_0"),
    ("GET", "/v1/items/it_0/media"),
    ("GET", "/v1/pieces/it_0.0/preview"),
    ("GET", "/v1/info"),
    ("GET", "/v1/doctor"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/page/js/main.js"),
    ("GET", "/nowhere"),
]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "localhost.evil.example", "a@localhost", ""])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), *ROUTES])
def test_a_server_that_is_called_by_another_name_answers_nothing(desk: Desk, method: str, path: str, host: str) -> None:
    assert desk.client.request(method, path, headers={"Host": host}).json()["code"] == "wrong-host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"])
def test_the_names_of_this_machine_are_the_servers_own(desk: Desk, host: str) -> None:
    assert desk.client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8766"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_a_page_of_another_origin_gets_nothing(desk: Desk, method: str, path: str, headers: dict[str, str]) -> None:
    answer = desk.client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "other-origin")


def test_a_link_from_elsewhere_may_open_the_page(desk: Desk) -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert desk.client.get("/", headers=visit).status_code == 200


def test_the_servers_own_page_may_ask(desk: Desk) -> None:
    own = {"Origin": "http://localhost:8765", "Sec-Fetch-Site": "same-origin"}
    assert desk.client.post("/v1/search", json={"text": "red"}, headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1/info", "/nowhere", "/page/js/main.js"])
def test_every_answer_says_what_a_browser_may_do_with_it(desk: Desk, path: str) -> None:
    headers = desk.client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "access-control-allow-origin" not in headers


def test_every_answer_has_an_id_and_a_well_formed_one_is_kept(desk: Desk) -> None:
    assert desk.client.get("/v1/info", headers={"X-Request-ID": "ab-12"}).headers["X-Request-ID"] == "ab-12"
    assert desk.client.get("/v1/info", headers={"X-Request-ID": "a b\t{}"}).headers["X-Request-ID"] != "a b\t{}"


def test_a_body_that_says_it_is_too_long_is_not_read(desk: Desk) -> None:
    answer = desk.client.post("/v1/search", content=b"x" * (2 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-long")


def test_a_body_that_does_not_say_its_length_is_cut_off(desk: Desk) -> None:
    answer = desk.client.post("/v1/search", content=(b"x" * 1024 for _ in range(3 * 1024)))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-long")


class TestRates:
    @pytest.fixture
    def options(self) -> ServeOptions:
        return ServeOptions(a_minute=6)

    def test_who_asks_too_often_is_told_when_to_come_back(self, desk: Desk) -> None:
        assert desk.client.get("/v1/info").status_code == 200
        answer = desk.client.get("/v1/info")
        assert (answer.status_code, answer.json()["code"]) == (429, "too-often")
        assert int(answer.headers["Retry-After"]) >= 1

    def test_watchers_are_not_counted(self, desk: Desk) -> None:
        assert [desk.client.get("/healthz").status_code for _ in range(5)] == [200] * 5

    def test_keys_that_are_made_up_share_the_rate_of_their_address(self, desk: Desk) -> None:
        made_up = [{"Authorization": f"Bearer sk_{number}.x"} for number in range(3)]
        assert desk.client.get("/v1/info", headers=made_up[0]).status_code == 401
        assert desk.client.get("/v1/info", headers=made_up[1]).status_code == 429


class TestCrowd:
    @pytest.fixture
    def options(self) -> ServeOptions:
        return ServeOptions(waiting=0)

    def test_where_too_many_wait_the_next_is_told_to_come_back(self, desk: Desk) -> None:
        answer = desk.client.get("/v1/info")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert desk.client.get("/healthz").status_code == 200


def test_two_hosts_in_one_request_are_none() -> None:
    assert not is_ours(["localhost", "localhost"], frozenset({"localhost"}))


def test_a_mistake_of_the_server_tells_nothing_of_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Library) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(Library, "info", broken)
    answer = desk.client.get("/v1/info")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_further_names_are_the_servers_too(desk: Desk) -> None:
    named = ServeOptions(names=("Media.example",))
    with client_of(desk.library, named, KeyRing(desk.library.path)) as client:
        assert isinstance(client, TestClient)
        assert client.get("/healthz", headers={"Host": "media.example"}).status_code == 200
