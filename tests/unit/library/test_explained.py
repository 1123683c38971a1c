"""Explanations and suggestions through a library: with its rules, in every way to ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.core.explanations import Suggestion
from sensorium.library import Library
from sensorium.testing.encoders import DetailedHashEncoder
from sensorium.testing.pictures import write_png


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    files = tmp_path / "files"
    files.mkdir()
    for name, colour in (("red", (200, 20, 20)), ("green", (20, 200, 20))):
        write_png(files / f"{name}.png", colour)
    for name, text in (("fox", "a red fox sleeps"), ("frog", "a green frog jumps")):
        (files / f"{name}.txt").write_text(text)
    with sensorium.open(tmp_path / "library", create=True, encoder=DetailedHashEncoder()) as library:
        library.add(files)
        yield library


def test_every_hit_is_explained_where_it_is_asked_for(library: Library) -> None:
    assert [hit.explanation for hit in library.search("red fox")] == [None] * 4
    told = [hit.explanation for hit in library.search("red fox", explain=True)]
    assert all(one is not None and one.words for one in told)


def test_single_pieces_are_explained(library: Library) -> None:
    wanted = library.search("red fox")[2].piece.id
    told = library.search("red fox", explain=[wanted])
    assert [hit.piece.id for hit in told if hit.explanation] == [wanted]


def test_what_a_rule_hides_is_not_counted(library: Library, tmp_path: Path) -> None:
    def among() -> set[float]:
        hits = library.search("red fox", explain=True)
        return {hit.explanation.numbers["among"] for hit in hits if hit.explanation and hit.piece.text}

    assert among() == {2.0}
    rules = '[[rule]]\nname = "no frogs"\nkind = "hide"\nwhere = "file starts with frog"\n'
    (tmp_path / "library" / "rules.toml").write_text(rules)
    assert among() == {1.0}


def test_a_picture_that_asks_is_told_of_as_one(library: Library, tmp_path: Path) -> None:
    write_png(tmp_path / "any.png", (210, 10, 10))
    best = library.search(image=tmp_path / "any.png", explain=True, k=1)[0].explanation
    assert best is not None
    assert best.words[0] == "It looks like your picture: the closest of 2 pictures."
    assert best.region is None


def test_a_misspelt_question_is_answered_as_it_is_and_helped(library: Library) -> None:
    results = library.search("a red fox slepes")
    assert results.question == "a red fox slepes"
    assert results.suggestions == (Suggestion(words="a red fox sleeps", changed=(("slepes", "sleeps"),)),)
    assert len(results) == 4
    assert results.as_json()["suggestions"] == [{"words": "a red fox sleeps", "changed": [["slepes", "sleeps"]]}]
    assert "Did you mean: a red fox sleeps?" in str(results)


def test_the_language_of_a_question_is_told(library: Library) -> None:
    assert library.search("der rote Fuchs und das Haus").language == "de"
    assert library.search(image=None, text="x").language is None
