"""Rows and hits at a terminal: they fit it, and nothing that matters is lost where it is narrow."""

from __future__ import annotations

import re

import pytest

from sensorium.cli.tables import say_rows
from sensorium.present.characters import cells

WIDTHS = [40, 60, 80, 132]


def lines(seen) -> list[str]:
    return re.sub(r"\x1b\[\d+m", "", seen.getvalue()).splitlines()


@pytest.fixture(params=WIDTHS)
def width(request, monkeypatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return request.param


def test_rows_fit_the_terminal(width, terminal) -> None:
    seen = terminal("stdout")
    say_rows([("well", "index", "the file is the one that the store remembers; " * 4)])
    assert max(map(cells, lines(seen))) <= width


def test_what_is_wrapped_hangs_below_its_column(terminal, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "34")
    seen = terminal("stdout")
    say_rows([("a", "bb", "one two three four five six seven"), ("aaa", "b", "one")])
    assert lines(seen) == ["a    bb  one two three four five", "         six seven", "aaa  b   one"]


def test_heads_stand_over_their_columns(terminal) -> None:
    seen = terminal("stdout")
    say_rows([("a long cell", "b")], heads=("x", "y"))
    assert lines(seen) == ["x            y", "a long cell  b"]


def test_rows_are_stacked_where_a_table_has_no_room(terminal, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    path = "/home/ann/" + "deep/" * 10 + "photo.png"
    seen = terminal("stdout")
    say_rows([(path, "damaged", "2026-01-01", "get a whole copy of it")], heads=("file", "why", "when", "what to do"))
    assert lines(seen) == [path, "  damaged  2026-01-01", "  get a whole copy of it"]


def test_hits_fit_the_terminal(run, filled, width, terminal) -> None:
    seen = terminal("stdout")
    run("search", "red")
    assert max(map(cells, lines(seen))) <= width
    assert sum(bool(re.match(r"\d  0\.\d\d ", line)) for line in lines(seen)) == 3


def test_a_text_is_told_by_its_title_place_and_words(run, tmp_path, terminal) -> None:
    (tmp_path / "note.md").write_text("# Snow\n\nIt fell\nall night.\n")
    run("add", tmp_path / "note.md")
    seen = terminal("stdout")
    run("search", "snow")
    assert [line.strip() for line in lines(seen)[2:]] == ["Snow · characters 0-26", "It fell all night."]


def test_a_pipe_gets_paths_whole(run, tmp_path) -> None:
    folder = tmp_path / ("long" * 50) / ("longer" * 30)
    folder.mkdir(parents=True)
    (folder / "note.txt").write_text("two dogs")
    run("add", folder)
    assert str(folder / "note.txt") in run("search", "dogs").out
