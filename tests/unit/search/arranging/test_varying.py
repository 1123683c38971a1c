"""Diversity: nothing at 0, all differences at 1."""

from collections.abc import Callable

import numpy as np

from sensorium.core.candidates import Ranked
from sensorium.search.arranging.shifting import apart
from sensorium.search.arranging.varying import varied

Making = Callable[..., Ranked]
EAST, NORTH = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)


def test_without_diversity_the_list_is_as_it_was(make: Making) -> None:
    hits = [make(1, score=0.2), make(2, score=0.9)]
    assert varied(hits, {1: EAST, 2: EAST}, 0.0) == hits


def test_a_hit_like_the_one_above_it_gives_way_to_another(make: Making) -> None:
    hits = [make(1, score=0.9), make(2, score=0.8), make(3, score=0.7)]
    ordered = varied(hits, {1: EAST, 2: EAST, 3: NORTH}, 0.5)
    assert [hit.found.key for hit in ordered] == [1, 3, 2]


def test_a_little_diversity_leaves_what_is_much_better(make: Making) -> None:
    hits = [make(1, score=0.9), make(2, score=0.8), make(3, score=0.1)]
    ordered = varied(hits, {1: EAST, 2: EAST, 3: NORTH}, 0.1)
    assert [hit.found.key for hit in ordered] == [1, 2, 3]


def test_it_weighs_as_much_where_all_are_improbable(make: Making) -> None:
    probable = [make(1, score=0.9), make(2, score=0.8), make(3, score=0.1)]
    improbable = [make(1, score=0.009), make(2, score=0.008), make(3, score=0.001)]
    orders = [
        [hit.found.key for hit in varied(hits, {1: EAST, 2: EAST, 3: NORTH}, 0.2)] for hits in (probable, improbable)
    ]
    assert orders == [[1, 2, 3], [1, 2, 3]]


def test_what_has_no_vector_is_like_nothing(make: Making) -> None:
    hits = [make(1, score=0.9), make(2, score=0.8), make(3, score=0.7)]
    assert [hit.found.key for hit in varied(hits, {1: EAST, 2: EAST}, 0.5)] == [1, 3, 2]
    assert [hit.found.key for hit in varied(hits, {}, 0.5)] == [1, 2, 3]


def test_what_does_not_match_stays_behind_what_does(make: Making) -> None:
    hits = apart([make(1, score=0.9), make(2, score=0.8), make(3, score=0.7, matches=False)])
    assert [hit.found.key for hit in varied(hits, {1: EAST, 2: EAST, 3: NORTH}, 1.0)] == [1, 2, 3]
