"""What is written down of requests, and what is not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from sensorium.library import Library
from sensorium.server.access.keys import KeyRing, Role
from sensorium.server.app import create_app
from sensorium.server.telemetry.logs import Journal

from ..conftest import HOST, QUICK

CANARY = "xyzzyplugh"


def test_no_question_key_or_item_stands_in_log_or_figures(shared: tuple[Library, Path], tmp_path: Path) -> None:
    stream, keys = io.StringIO(), KeyRing(tmp_path, hasher=QUICK)
    app = create_app(shared[0], keys=keys, journal=Journal(stream))
    key = keys.add("ann", Role.ADMIN)
    with TestClient(app, base_url=HOST, headers={"Authorization": f"Bearer {key}"}) as client:
        found = client.post("/v1/search", json={"text": CANARY})
        item = found.json()["hits"][0]["item"]
        client.get(f"/v1/items/{item}")
        client.get(f"/v1/facets?where={CANARY}%20%3D%203")
        client.get(f"/v1/{CANARY}")
        client.request(CANARY, "/v1/info")
        figures = client.get("/metrics").text
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {"/v1/search", "/v1/items/{item}"} <= {line["route"] for line in lines}
    assert found.headers["X-Request-ID"] in {line["request"] for line in lines}
    for secret in (CANARY, item, key.partition(".")[2]):
        assert secret not in figures
        assert secret not in stream.getvalue()


def test_a_mistake_is_written_down_without_what_it_says(
    shared: tuple[Library, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Library) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Library, "info", broken)
    stream = io.StringIO()
    app = create_app(shared[0], keys=KeyRing(tmp_path), journal=Journal(stream))
    with TestClient(app, base_url=HOST, raise_server_exceptions=False) as client:
        assert client.get("/v1/info").status_code == 500
    assert "RuntimeError" in stream.getvalue()
    assert CANARY not in stream.getvalue()
