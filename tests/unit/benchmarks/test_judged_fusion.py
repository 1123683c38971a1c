"""Ways to put words and meaning together, and the notes that only their letters tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.judged.codes import ASKED, NOTES, notes
from benchmarks.judged.fusion import FAMILIES, FIXED, Asked, Field, Scores, added, fused_by_rank, mixed

from sensorium.core.terms import is_code
from sensorium.evaluation.measures import NOT_FOUND

ONE = Scores(cosine=np.array([0.9, 0.5, 0.1]), bm25=np.array([0.0, 4.0, 2.0]), share=np.array([0.0, 1.0, 0.5]))


def field(right: set[object], groups: tuple[str, ...] = ("a", "b", "c")) -> Field:
    asked = Asked(id="q", text="?", right=right, cluster="one")
    return Field(name="made up", questions=(asked,), groups=groups, scores=(ONE,))


def test_ranks_are_fused_over_what_is_listed_alone() -> None:
    assert fused_by_rank(60, 1.0)(ONE) == pytest.approx([1 / 61, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62])


def test_a_weight_of_nothing_leaves_the_vectors_alone() -> None:
    assert added(0.0)(ONE).tolist() == ONE.cosine.tolist()
    assert mixed(0.0)(ONE) == pytest.approx([1.0, 0.5, 0.0])
    assert mixed(1.0)(ONE) == pytest.approx([0.0, 1.0, 0.5])


def test_scores_that_are_all_the_same_are_scaled_to_nothing() -> None:
    flat = Scores(cosine=np.ones(2), bm25=np.zeros(2), share=np.zeros(2))
    assert mixed(0.5)(flat).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("right", "groups", "rank"),
    [
        ({"a"}, ("a", "b", "c"), 1),
        ({"c"}, ("a", "b", "c"), 3),
        ({"c"}, ("a", "a", "c"), 2),
        ({"b", "c"}, ("a", "b", "c"), 2),
        ({"x"}, ("a", "b", "c"), NOT_FOUND),
    ],
)
def test_the_rank_is_that_of_the_first_right_group_each_counted_once(
    right: set[object], groups: tuple[str, ...], rank: int
) -> None:
    assert field(right, groups).ranks(FIXED["vectors alone"]).tolist() == [rank]


def test_every_way_orders_every_piece() -> None:
    for way in [*FIXED.values(), *(way for ways in FAMILIES.values() for way in ways.values())]:
        assert np.isfinite(way(ONE)).tolist() == [True] * 3


def test_every_note_has_a_code_of_its_own_and_a_third_is_asked_for() -> None:
    made = list(notes())
    assert len({note.code for note in made}) == len(made) == NOTES
    assert sum(bool(note.question) for note in made) == ASKED
    assert all(is_code(note.code) and note.code in note.text for note in made)
    assert all(note.code in note.question for note in made if note.question)
    assert made == list(notes())
