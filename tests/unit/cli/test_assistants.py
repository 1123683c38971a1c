"""`mcp`, as a client starts it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

import sensorium
from sensorium.cli.assistants import _on_behalf_of
from sensorium.core.errors import BadInput
from sensorium.core.scopes import Scope
from sensorium.server.access.keys import KeyRing, Role
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.loops import in_own_loop

from .conftest import Run


def test_folders_to_add_from_need_leave_to_write(run: Run, tmp_path: Path) -> None:
    ended = run("mcp", tmp_path / "library", "--add-from", tmp_path)
    assert ended.status == 1
    assert "--allow-write" in ended.err


def test_a_library_that_is_not_there_is_not_made(run: Run, tmp_path: Path) -> None:
    assert run("mcp", tmp_path / "nothing").status == 1
    assert not (tmp_path / "nothing").exists()


def test_without_the_extra_it_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sensorium.server.assistant", None)
    ended = run("mcp", tmp_path)
    assert ended.status == 1
    assert "sensorium[mcp]" in ended.err


def test_a_key_brings_its_scope_and_no_more_than_its_role(tmp_path: Path) -> None:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        ring = KeyRing(library.path)
        reader = ring.add("ann", Role.READER, tenant="acme")
        curator = ring.add("ben", Role.CURATOR)
        seen, allowed = _on_behalf_of(library, reader, True, (tmp_path,))
        assert seen.scope == Scope(tenant="acme", principals=frozenset({"key:ann"}))
        assert (allowed.adds, allowed.erases) == (False, False)
        _, allowed = _on_behalf_of(library, curator, True, (tmp_path,))
        assert (allowed.adds, allowed.erases) == (True, True)
        _, allowed = _on_behalf_of(library, curator, False, ())
        assert (allowed.adds, allowed.erases) == (False, False)
        with pytest.raises(BadInput):
            _on_behalf_of(library, "sk_no.key", False, ())


def test_it_speaks_over_standard_input_and_output_and_says_nothing_else_there(tmp_path: Path) -> None:
    with sensorium.open(tmp_path / "library"):
        pass
    command = [sys.executable, "-m", "sensorium.cli", "mcp", str(tmp_path / "library")]

    async def ask() -> Any:
        parameters = StdioServerParameters(command=command[0], args=command[1:])
        async with Client(stdio_client(parameters)) as client:
            tools = (await client.list_tools()).tools
            latest = (await client.read_resource("sensorium://items")).contents[0]
            return {tool.name for tool in tools}, latest.text

    assert in_own_loop(ask) == ({"search", "show", "ask", "facets"}, "[]")
