"""Questions of several parts are asked part by part where the first evidence does not cover them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sensorium.answerers.hops import covered, parts, walk
from sensorium.core.results import Hit

from .evidence import hit


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who wrote it?", []),
        ("Where do dogs and cats sleep?", []),
        ("Who paints? Where do cats sleep?", ["Who paints", "Where do cats sleep"]),
        ("Wer malt, und wo schlafen Katzen?", ["Wer malt", "wo schlafen Katzen"]),
        ("red dogs vs. blue cats", ["red dogs", "blue cats"]),
        ("What is the difference between FAISS and pgvector?", ["FAISS", "pgvector"]),
        ("Who built the ship and when did it sink?", ["Who built the ship", "when did it sink (Who built the ship)"]),
    ],
)
def test_a_question_is_split_by_rule(question: str, found: list[str]) -> None:
    assert parts(question) == found


class Search:
    """Finds by the words of a question, two at most; counts what it is asked."""

    def __init__(self, **answers: Hit) -> None:
        self.answers, self.asked = answers, list[str]()

    def __call__(self, question: str) -> Sequence[Hit]:
        self.asked.append(question)
        return [found for word, found in self.answers.items() if word in question][:1]


def test_a_part_that_nothing_covers_is_asked_by_itself() -> None:
    search = Search(painters=hit("painters paint", name="a"), cats=hit("cats sleep on roofs", name="b"))
    walked = walk("Who are painters? Where do cats sleep?", search, 3)
    assert search.asked == ["Who are painters? Where do cats sleep?", "Where do cats sleep"]
    assert [one.piece.text for one in walked.hits] == ["painters paint", "cats sleep on roofs"]
    assert [hop.parent for hop in walked.path] == [None, 0]
    assert walked.path[1].covered == 1.0


def test_a_question_that_is_covered_is_asked_once() -> None:
    search = Search(painters=hit("painters; cats sleep", name="a"))
    walk("Who are painters? Where do cats sleep?", search, 3)
    assert len(search.asked) == 1


@pytest.mark.parametrize("most", [0, 1, 2])
def test_there_are_no_more_hops_than_allowed(most: int) -> None:
    search = Search()
    walk("Who paints red? Who paints blue? Who paints green?", search, most)
    assert len(search.asked) == 1 + most


def test_coverage_is_of_the_best_single_hit() -> None:
    assert covered("red dogs", [hit("red"), hit("dog")]) == 0.5
    assert covered("red dogs", [hit("red dog")]) == 1.0
    assert covered("red dogs", []) == 0.0


def test_parts_that_somebody_else_names_are_asked_in_place_of_those_by_rule() -> None:
    search = Search()
    walk("Who paints? Where do cats sleep?", search, 3, lambda question, covered: [f"{question} {covered}"])
    assert search.asked == ["Who paints? Where do cats sleep?", "Who paints? Where do cats sleep? 0.0"]
