"""Quotas and pins: which place a hit has in the end."""

from collections.abc import Callable, Sequence

import pytest

from sensorium.core.candidates import Ranked
from sensorium.core.predicates import Compare
from sensorium.core.rules import Pin, Quota
from sensorium.search.arranging.placing import BROUGHT, marked, origin_of, put_in_place, within_quotas
from sensorium.search.arranging.shifting import apart

Making = Callable[..., Ranked]
TWO_OF_FOUR = Quota(name="two of a brand", by="brand", most=2, of_first=4)


def keys(hits: Sequence[Ranked]) -> list[int]:
    return [hit.found.key for hit in hits]


def test_what_is_over_a_quota_stands_behind_its_first_places(make: Making) -> None:
    hits = [make(n, brand="A" if n < 5 else "B") for n in range(1, 8)]
    assert keys(within_quotas(hits, [TWO_OF_FOUR])) == [1, 2, 5, 6, 3, 4, 7]


def test_only_what_had_to_wait_is_told_of_the_quota(make: Making) -> None:
    hits = [make(n, brand="A" if n < 4 else "B") for n in range(1, 6)]
    assert [hit.found.key for hit in within_quotas(hits, [TWO_OF_FOUR]) if hit.rules] == [3]


def test_a_quota_takes_nothing_away_where_there_is_nothing_else(make: Making) -> None:
    hits = [make(n, brand="A") for n in range(1, 5)]
    assert keys(within_quotas(hits, [TWO_OF_FOUR])) == [1, 2, 3, 4]


def test_texts_count_as_one_without_case(make: Making) -> None:
    hits = [make(1, brand="Acme"), make(2, brand="ACME"), make(3, brand="acme"), make(4, brand="B"), make(5)]
    assert keys(within_quotas(hits, [TWO_OF_FOUR])) == [1, 2, 4, 5, 3]


def test_what_has_no_value_is_not_limited(make: Making) -> None:
    assert keys(within_quotas([make(n) for n in range(1, 6)], [TWO_OF_FOUR])) == [1, 2, 3, 4, 5]


def test_a_quota_lifts_nothing_that_does_not_match(make: Making) -> None:
    hits = apart([*(make(n, brand="A") for n in range(1, 5)), make(5, brand="B", matches=False)])
    assert keys(within_quotas(hits, [TWO_OF_FOUR])) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("by", "source", "origin"),
    [
        ("folder", "/a/b/c.png", "/a/b"),
        ("catalogue", "catalogue:/shop/goods.csv/17", "/shop/goods.csv"),
        ("catalogue", "/a/b/c.png", None),
        ("brand", "/a/b/c.png", None),
    ],
)
def test_a_quota_counts_by_source(make: Making, by: str, source: str, origin: str | None) -> None:
    assert origin_of(make(1, source=source), Quota(name="q", by=by, most=1, of_first=2)) == origin


def test_a_condition_says_what_a_quota_counts(make: Making) -> None:
    rule = Quota(name="q", by="brand", most=1, of_first=3, where=Compare("price", "<", 10))
    hits = [make(1, brand="A", price=20), make(2, brand="A", price=20), make(3, brand="A", price=5)]
    assert [origin_of(hit, rule) for hit in hits] == [None, None, "a"]


def pinned(hits: Sequence[Ranked], brought: dict[Pin, list[Ranked]], per_item: int = 1) -> list[Ranked]:
    return put_in_place(*marked(hits, brought, per_item))


def pin(place: int, name: str = "pin", most: int = 1) -> Pin:
    return Pin(name=name, where=Compare("price", "<", 10), place=place, most=most)


def test_what_is_pinned_has_its_place(make: Making) -> None:
    hits = [make(n) for n in range(1, 6)]
    ordered = pinned(hits, {pin(2): [make(4, route=BROUGHT)]})
    assert keys(ordered) == [1, 4, 2, 3, 5]
    assert [(rule.before, rule.after) for rule in ordered[1].rules] == [(4, 2)]


def test_what_was_found_keeps_what_it_was_found_by(make: Making) -> None:
    [hit] = pinned([make(4, score=0.4)], {pin(1): [make(4, score=0.3, route=BROUGHT)]})
    assert (hit.score, hit.evidence[0].route) == (0.4, "vectors:test")


def test_what_was_not_found_is_brought(make: Making) -> None:
    ordered = pinned([make(1), make(2)], {pin(1): [make(9, route=BROUGHT)]})
    assert keys(ordered) == [9, 1, 2]
    assert ordered[0].rules[0].before == 0


def test_two_pins_of_one_place_stand_one_after_the_other(make: Making) -> None:
    brought = {pin(1, "a"): [make(8, route=BROUGHT)], pin(1, "b"): [make(9, route=BROUGHT)]}
    ordered = pinned([make(1)], brought)
    assert [(hit.found.key, [rule.name for rule in hit.rules]) for hit in ordered] == [(8, ["a"]), (9, ["b"]), (1, [])]


def test_an_item_is_pinned_once(make: Making) -> None:
    brought = {pin(1, "a"): [make(9, route=BROUGHT)], pin(3, "b"): [make(9, route=BROUGHT)]}
    assert keys(pinned([make(1), make(2), make(3)], brought)) == [9, 1, 2, 3]


def test_a_place_behind_the_end_is_the_end(make: Making) -> None:
    assert keys(pinned([make(1), make(2)], {pin(50): [make(1, route=BROUGHT)]})) == [2, 1]


def test_other_pieces_of_a_pinned_item_stay_where_pieces_may(make: Making) -> None:
    hits = [make(1), make(2, item="x"), make(3, item="x")]
    brought = {pin(1): [make(2, item="x", route=BROUGHT)]}
    assert (keys(pinned(hits, brought, 0)), keys(pinned(hits, brought, 1))) == ([2, 1, 3], [2, 1])
