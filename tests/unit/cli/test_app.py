"""What all commands share: the library's name, errors, pipes, and what a hostile name may not do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import sensorium
from sensorium.cli import main
from sensorium.cli.exits import FAILED, INTERRUPTED, NOBODY_READS
from sensorium.core.errors import LibraryBusy

HOSTILE = "[bold]b\x1b[31m\u202egpj.txt"


def test_the_version_is_said(run) -> None:
    assert run("--version").out == f"sensorium {sensorium.__version__}\n"


def test_what_all_commands_need_loads_no_model_and_no_numbers() -> None:
    heavy = ("numpy", "onnxruntime", "faiss", "tokenizers", "lark", "pydantic")
    code = f"import sys, sensorium.cli.app; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_library_may_be_named_before_and_after_the_command(run, filled, place, monkeypatch) -> None:
    monkeypatch.delenv("SENSORIUM_LIBRARY")
    named = ("--library", filled)
    ended = run(*named, "info") if place == "before" else run("info", *named)
    assert str(filled) in ended.out


def test_the_library_named_after_the_command_wins(run, filled, tmp_path) -> None:
    assert run("--library", tmp_path / "none", "info", "--library", filled).status == 0


def test_a_command_that_is_not_there_is_a_wrong_command_line(run) -> None:
    ended = run("find")
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.parametrize(("error", "status"), [(LibraryBusy("it is busy"), FAILED), (KeyboardInterrupt(), INTERRUPTED)])
def test_an_error_becomes_a_status(error, status) -> None:
    def fail(path: object, *, create: bool) -> object:
        raise error

    assert main(["info"], opener=fail) == status


def test_an_error_that_nobody_foresaw_is_not_hidden() -> None:
    def fail(path: object, *, create: bool) -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        main(["info"], opener=fail)


def test_a_wrong_setting_is_one_line(run, filled, monkeypatch) -> None:
    monkeypatch.setenv("SENSORIUM_BATCH_FILES", "many")
    ended = run("info")
    assert (ended.status, ended.out) == (FAILED, "")
    assert ended.err == "error: SENSORIUM_BATCH_FILES: 'many' is no int; give a number\n"


@pytest.mark.parametrize("colour", [True, False])
def test_an_error_is_red_where_colours_are_wanted(run, terminal, monkeypatch, colour) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    seen = terminal("stderr")
    run("info")
    assert seen.getvalue().startswith("\x1b[31merror: " if colour else "error: ")


def test_a_reader_that_went_away_is_no_crash(filled, run, monkeypatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        ended = run("search", "red")
    assert (ended.status, ended.err) == (NOBODY_READS, "")


@pytest.fixture
def hostile(run, tmp_path):
    """A note and a refused file whose names write to a terminal, turn the line around and hold markup."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / HOSTILE).write_text("[red]a[/red] fox\u202e")
    (folder / f"x{HOSTILE}").touch()
    return folder


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("command", ["add", "search", "show", "refused", "forget"])
def test_a_name_moves_no_terminal_and_is_no_markup(run, hostile, terminal, watched, command, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    if command != "add":
        run("add", hostile)
    path = hostile / HOSTILE
    words = {"add": [hostile], "search": ["fox"], "refused": []}.get(command, [path])
    if command == "forget":
        terminal("stdin", "y\n")
    seen = terminal("stdout") if watched and command != "add" else None
    ended = run(command, *words)
    told = ended.out + ended.err + (seen.getvalue() if seen else "")
    assert "[bold]b␛[31m⟨U+202E⟩gpj.txt" in told
    assert not [evil for evil in ("\x1b[31m", "\u202e", "\x1b]") if evil in told]


def test_a_name_that_is_not_utf8_is_shown_and_is_json(run, tmp_path) -> None:
    folder = tmp_path / "bytes"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("coffee")
    run("add", folder)
    assert "caf⟨E9⟩.txt" in run("search", "coffee").out
    assert "caf\\udce9.txt" in run("search", "coffee", "--json").out
