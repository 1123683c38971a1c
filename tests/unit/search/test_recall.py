"""A route is read as deep as it takes, and no deeper."""

from dataclasses import replace
from typing import Any

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.candidates import Candidate, Neighbours
from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.search.fuse import Scored
from sensorium.search.plan import Route
from sensorium.search.recall import NOTHING, Recall, recall_until

SPACE = Space(name="test", version="1", width=2, digest="00" * 32)
ROUTE = Route(
    name="vectors:test",
    space=SPACE,
    modality=Modality.TEXT,
    filter=EVERYTHING,
    vector=np.array([[1.0, 0.0]], dtype=np.float32),
    scale=1.0,
    offset=0.0,
    curves=((1.0, Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0)),),
)


class CountingIndex:
    """Holds keys 0, 1, 2 ... with falling scores, and remembers how deep it was read."""

    space = SPACE
    generation = 1

    def __init__(self, count: int) -> None:
        self.count = count
        self.depths: list[int] = []
        self.selected: list[bool] = []

    def __len__(self) -> int:
        return self.count

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        self.depths.append(k)
        self.selected.append(allowed is not None)
        keys = np.full((1, k), -1, dtype=np.int64)
        there = np.arange(self.count) if allowed is None else allowed[allowed < self.count]
        keys[0, : len(there[:k])] = there[:k]
        return Neighbours(keys=keys, scores=np.where(keys < 0, -np.inf, 1.0 - keys / 1000).astype(np.float32))


def opened(index: Any, allowed: int) -> Recall:
    return Recall(route=ROUTE, index=index, allowed=np.arange(allowed))


def test_a_fetch_returns_only_what_is_new() -> None:
    recall = opened(CountingIndex(10), 10)
    first, second = recall.fetch(3), recall.fetch(5)
    assert ([c.key for c in first], [c.key for c in second]) == ([0, 1, 2], [3, 4])


def test_ranks_count_on_across_fetches() -> None:
    recall = opened(CountingIndex(10), 10)
    recall.fetch(3)
    assert [candidate.rank for candidate in recall.fetch(5)] == [4, 5]


def test_a_route_without_visible_pieces_is_dry_and_asks_nothing() -> None:
    index = CountingIndex(10)
    recall = opened(index, 0)
    assert (recall.fetch(5), recall.dry, index.depths) == ([], True, [])


def test_an_index_that_holds_less_than_is_allowed_ends_the_route() -> None:
    recall = opened(CountingIndex(2), 9)
    recall.fetch(5)
    assert recall.dry


def test_no_selector_is_pushed_in_when_everything_is_allowed() -> None:
    index = CountingIndex(4)
    opened(index, 4).fetch(2)
    opened(index, 3).fetch(2)
    assert index.selected == [False, True]


def test_reading_stops_when_nothing_below_can_reach_the_bar() -> None:
    index = CountingIndex(1000)
    recall_until([opened(index, 1000)], 10, lambda found: ROUTE.score(0.995))
    assert index.depths == [10]


def test_reading_goes_on_while_hits_are_missing() -> None:
    index = CountingIndex(1000)
    taken: list[Candidate] = []

    def settle(found: list[Scored]) -> float:
        taken.extend(scored.candidate for scored in found)
        return ROUTE.score(taken[-1].raw) if len(taken) >= 70 else NOTHING

    recall_until([opened(index, 1000)], 10, settle)
    assert (index.depths, len(taken)) == ([10, 20, 40, 80], 80)


def test_reading_ends_when_every_route_is_dry() -> None:
    index = CountingIndex(30)
    recall_until([opened(index, 30)], 10, lambda found: NOTHING)
    assert index.depths == [10, 20, 30]


def test_below_what_was_looked_at_closer_nothing_more_can_be_had_than_its_last_score() -> None:
    recall = opened(CountingIndex(10), 10)
    [*_, last] = recall.fetch(3)
    recall.lowest = Scored(candidate=last, score=0.25, matches=True)
    assert recall.floor == 0.25
    assert recall.scored(recall.fetch(4)[0]).score == 0.25


def test_a_fetch_that_goes_no_deeper_reads_nothing_and_keeps_the_floor() -> None:
    recall = opened(CountingIndex(10), 10)
    recall.fetch(4)
    floor = recall.floor
    assert (recall.fetch(2), recall.floor, recall.dry) == ([], floor, False)


def test_scores_are_for_as_many_pieces_as_may_be_seen() -> None:
    curve = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, gallery=10, cut=0.5)
    route = replace(ROUTE, curves=((1.0, curve),))
    few, many = (Recall(route=route, index=CountingIndex(1000), allowed=np.arange(n)) for n in (10, 1000))
    [candidate] = few.fetch(1)
    assert few.scored(candidate).score == curve.score(candidate.raw, 10)
    assert many.scored(candidate).score == curve.score(candidate.raw, 1000)
    assert (few.scored(candidate).matches, many.scored(candidate).matches) == (True, False)


class ShufflingIndex(CountingIndex):
    """Everything is equally near, and stands in another order for every depth that is asked for."""

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        keys = np.roll(np.arange(self.count), k)[None, :k]
        return Neighbours(keys=keys, scores=np.ones(keys.shape, dtype=np.float32))


def test_equals_that_change_their_order_with_the_depth_come_once_each() -> None:
    recall = opened(ShufflingIndex(10), 10)
    found = [candidate.key for depth in (3, 5, 10) for candidate in recall.fetch(depth)]
    assert sorted(found) == list(range(10))
