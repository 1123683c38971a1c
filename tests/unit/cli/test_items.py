"""`show` and `forget`."""

from __future__ import annotations

import re


def test_show_tells_where_an_item_is_from_and_what_it_says(run, filled, files) -> None:
    ended = run("show", files / "note.txt")
    assert (ended.status, ended.err) == (0, "")
    assert re.search(rf"^source +{files / 'note.txt'}$", ended.out, re.MULTILINE)
    assert "a red fox sleeps" in ended.out


def test_an_item_is_shown_by_its_id_too(run, filled, files) -> None:
    by_path = run("show", files / "red.png").out
    [item] = re.findall(r"^item +(\w+)$", by_path, re.MULTILINE)
    assert run("show", item).out == by_path


def test_what_is_not_there_can_not_be_shown(run, filled) -> None:
    ended = run("show", "it_0")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("error: it_0: no such item; ")


def test_forget_does_not_ask_where_nobody_can_answer(run, filled, files) -> None:
    assert run("forget", files / "note.txt").out == "1 forgotten\n"
    assert run("show", files / "note.txt").status == 1


def test_forget_leaves_the_file(run, filled, files) -> None:
    run("forget", files / "note.txt")
    assert (files / "note.txt").is_file()


def test_a_person_is_asked_first(run, filled, files, terminal) -> None:
    terminal("stdin", "y\n")
    ended = run("forget", files / "note.txt")
    assert (ended.status, ended.out.strip()) == (0, "1 forgotten")
    assert f"({files / 'note.txt'})?" in ended.err


def test_a_person_who_says_no_loses_nothing(run, filled, files, terminal) -> None:
    terminal("stdin", "n\n")
    assert run("forget", files / "note.txt").status == 1
    assert run("show", files / "note.txt").status == 0


def test_yes_asks_nobody(run, filled, files, terminal) -> None:
    terminal("stdin")
    ended = run("forget", files / "note.txt", "--yes")
    assert (ended.status, ended.out, ended.err) == (0, "1 forgotten\n", "")


def test_what_is_not_there_can_not_be_forgotten(run, filled, terminal) -> None:
    terminal("stdin")
    assert run("forget", "it_0").status == 1
