"""Results as lines: they fit, they line up, they move nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sensorium.core.items import Place
from sensorium.core.results import Hit, SearchResults
from sensorium.present.characters import cells
from sensorium.present.terminal import plain_text

MakeHit = Callable[..., Hit]
MakeResults = Callable[..., SearchResults]

PASSAGE = "the dogs ran through the snow until it was dark " * 20


def test_a_hit_has_rank_score_modality_and_path(make_hit: MakeHit, make_results: MakeResults) -> None:
    lines = plain_text(make_results(make_hit(path="/a.png", score=0.914)), width=80).splitlines()
    assert lines == ["two dogs", "  1  0.91  image  /a.png"]


def test_a_passage_stands_below_with_its_place_beside_the_path(make_hit: MakeHit, make_results: MakeResults) -> None:
    found = make_results(make_hit(path="/a.md", text="short", place=Place(characters=(0, 5))))
    assert plain_text(found, width=80).splitlines()[1:] == [
        "  1  0.50  text   /a.md  characters 0-5",
        "                  short",
    ]


@pytest.mark.parametrize("width", [40, 80, 133])
@pytest.mark.parametrize("text", [PASSAGE, "犬と雪。" * 80, "x" * 500])
def test_lines_fit_the_terminal(width: int, text: str, make_hit: MakeHit, make_results: MakeResults) -> None:
    place = Place(characters=(123_456, 234_567))
    found = make_results(make_hit(path="/深い/" * 40 + "name.txt", text=text, place=place), question=PASSAGE)
    assert max(map(cells, plain_text(found, width=width).splitlines())) <= width


def test_passages_are_broken_between_words(make_hit: MakeHit, make_results: MakeResults) -> None:
    first, second = plain_text(make_results(make_hit(text=PASSAGE)), width=60).splitlines()[2:]
    assert PASSAGE.startswith(f"{first.strip()} {second.strip()[:-1]}")


def test_nothing_in_a_file_moves_the_terminal(make_hit: MakeHit, make_results: MakeResults) -> None:
    evil = "\x1b[2J\r\u202e\nx"
    shown = plain_text(make_results(make_hit(path=evil, text=evil), question=evil), width=80)
    assert not set("\x1b\r\u202e") & set(shown)
    assert len(shown.splitlines()) == 3


def test_an_empty_answer_says_so(make_results: MakeResults) -> None:
    assert plain_text(make_results(), width=80).endswith("\nNothing found.")
