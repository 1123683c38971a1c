"""`ask` shows an answer with what it stands on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_a_question_is_answered_with_numbered_sources(run: Run, filled: Path) -> None:
    ended = run("ask", "red fox sleeps")
    assert ended.status == 0
    assert "- a red fox sleeps [1]" in ended.out
    assert "note.txt" in ended.out


def test_what_nothing_answers_is_said_with_the_nearest(run: Run, filled: Path) -> None:
    ended = run("ask", "quantum chromodynamics lattice", "--in", "text")
    assert ended.status == 0
    assert "Nothing here answers this." in ended.out
    assert "The nearest:" in ended.out


def test_json_is_one_document(run: Run, filled: Path) -> None:
    document = json.loads(run("ask", "red fox sleeps", "--json", "--form", "brief").out)
    assert document["schema"] == "sensorium.answer/1"
    assert document["form"] == "brief"
    assert document["left"] == []
