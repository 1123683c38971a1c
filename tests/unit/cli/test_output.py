"""Rows and characters, as a pipe and a poor terminal get them."""

from __future__ import annotations

import io
import sys

from sensorium.cli.output import never_fail_on_a_character, say
from sensorium.cli.tables import say_rows


def test_rows_line_up_in_a_pipe_wide_characters_too(capsys) -> None:
    say_rows([("犬", "b"), ("long", "c")], heads=("x", "y"))
    assert capsys.readouterr().out == "犬    b\nlong  c\n"


def test_columns_have_their_names_at_a_terminal(terminal) -> None:
    seen = terminal("stdout")
    say_rows([("a", "b")], heads=("file", "why"))
    assert "file" in seen.getvalue()


def test_no_rows_are_no_error(capsys) -> None:
    say_rows([], heads=("x", "y"))
    assert capsys.readouterr().out == ""


def test_a_character_that_the_terminal_lacks_is_spelled_out(monkeypatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    never_fail_on_a_character()
    say("犬")
    sys.stdout.flush()
    assert written.getvalue() == b"\\u72ac\n"
