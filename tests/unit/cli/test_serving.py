"""`serve`, `stats` and `keys`, as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorium.client import RemoteLibrary

from .conftest import Run

FIGURES = """
sensorium_request_seconds_bucket{le="0.05",method="POST",route="/v1/search",status="200"} 19.0
sensorium_request_seconds_bucket{le="0.1",method="POST",route="/v1/search",status="200"} 20.0
sensorium_request_seconds_bucket{le="+Inf",method="POST",route="/v1/search",status="200"} 20.0
sensorium_request_seconds_count{method="POST",route="/v1/search",status="200"} 20.0
sensorium_request_seconds_sum{method="POST",route="/v1/search",status="200"} 0.5
"""


def test_a_key_is_shown_when_it_is_made_and_never_again(run: Run) -> None:
    made = run("keys", "add", "ann", "--role", "curator")
    assert (made.status, made.out.startswith("sk_")) == (0, True)
    listed = run("keys", "list").out
    assert "ann" in listed
    assert "curator" in listed
    assert made.out.strip().partition(".")[2] not in listed


def test_a_key_is_taken_back(run: Run) -> None:
    run("keys", "add", "ann")
    assert run("keys", "remove", "ann").out == "removed ann\n"
    assert run("keys", "list").out == ""
    assert run("keys", "remove", "ann").status == 1


def test_a_role_that_there_is_not_is_refused(run: Run) -> None:
    ended = run("keys", "add", "ann", "--role", "king")
    assert ended.status == 1
    assert "reader, contributor, curator, admin" in ended.err


def test_others_than_this_machine_are_not_served_without_a_key(run: Run, tmp_path: Path) -> None:
    ended = run("serve", tmp_path / "library", "--host", "0.0.0.0")
    assert ended.status == 1
    assert "sensorium keys add" in ended.err


def test_the_figures_of_a_server_are_shown_as_rows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteLibrary, "metrics", lambda self: FIGURES)
    (row,) = run("stats").out.splitlines()
    assert row.split() == ["POST", "/v1/search", "20", "25.0", "ms", "50.0", "ms"]


def test_a_server_that_is_not_there_is_told_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr("http.client.HTTPConnection.connect", refuse)
    ended = run("stats", "http://127.0.0.1:1")
    assert ended.status == 1
    assert "sensorium serve" in ended.err
