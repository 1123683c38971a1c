"""Rules that shift odds, and the one that puts first: what they move, how far, and what they leave alone."""

import math
from collections.abc import Callable, Sequence
from datetime import date

import pytest

from sensorium.core.candidates import Ranked
from sensorium.core.predicates import Compare
from sensorium.core.rules import Boost, Bury, Decay, First, Rule
from sensorium.search.arranging.shifting import DAY, apart, put_first, shifted

CHEAP = Compare("price", "<", 10)
Making = Callable[..., Ranked]


def keys(hits: Sequence[Ranked]) -> list[int]:
    return [hit.found.key for hit in hits]


def boosted(factor: float) -> Rule:
    return Boost(name="cheap up", where=CHEAP, factor=factor)


def test_a_boost_lifts_what_its_condition_holds_of(make: Making) -> None:
    hits = [make(1, score=0.5, price=20), make(2, score=0.4, price=5)]
    assert keys(shifted(hits, [boosted(3)], 0.0)) == [2, 1]


def test_a_boost_that_is_too_weak_moves_nothing(make: Making) -> None:
    hits = [make(1, score=0.9, price=20), make(2, score=0.4, price=5)]
    assert shifted(hits, [boosted(3)], 0.0)[1].rules == ()


def test_a_factor_multiplies_the_odds(make: Making) -> None:
    [hit] = shifted([make(1, score=0.5, price=5)], [boosted(3)], 0.0)
    assert math.exp(hit.strength) == pytest.approx(3.0)


def test_the_score_and_whether_it_matches_stay(make: Making) -> None:
    [hit] = shifted([make(1, score=0.25, matches=False, price=5)], [boosted(100)], 0.0)
    assert (hit.score, hit.matches) == (0.25, False)


def test_a_rule_names_itself_on_what_it_moved_and_on_nothing_else(make: Making) -> None:
    first, second = shifted([make(1, score=0.5), make(2, score=0.4, price=5)], [boosted(3)], 0.0)
    assert ([(rule.name, rule.kind, rule.before, rule.after) for rule in first.rules], second.rules) == (
        [("cheap up", "boost", 2, 1)],
        (),
    )


def test_places_count_from_where_the_window_starts(make: Making) -> None:
    first, _ = shifted([make(1, score=0.5), make(2, score=0.4, price=5)], [boosted(3)], 0.0, start=200)
    assert (first.rules[0].before, first.rules[0].after) == (202, 201)


def test_what_is_buried_goes_down(make: Making) -> None:
    hits = [make(1, score=0.5, price=5), make(2, score=0.4)]
    assert keys(shifted(hits, [Bury(name="cheap down", where=CHEAP, factor=3)], 0.0)) == [2, 1]


def test_boost_and_bury_of_one_factor_undo_each_other(make: Making) -> None:
    hits = [make(1, score=0.5), make(2, score=0.4, price=5)]
    assert keys(shifted(hits, [boosted(5), Bury(name="down", where=CHEAP, factor=5)], 0.0)) == [1, 2]


def test_all_rules_together_move_odds_by_no_more_than_the_strongest_may(make: Making) -> None:
    [hit] = shifted([make(1, score=0.5, price=5)], [boosted(100), boosted(100)], 0.0)
    assert math.exp(hit.strength) == pytest.approx(100.0)


def test_odds_halve_with_each_half_life(make: Making) -> None:
    rule = Decay(name="new up", date="released", half_life=30)
    [hit] = shifted([make(1, score=0.5, released=date(1970, 1, 1))], [rule], now=60.0 * DAY)
    assert math.exp(hit.strength) == pytest.approx(0.25)


def test_age_can_count_from_when_an_item_was_added(make: Making) -> None:
    rule = Decay(name="new up", date="added_at", half_life=1)
    hits = [make(1, score=0.5, added_at=0.0), make(2, score=0.45, added_at=9.0 * DAY)]
    assert keys(shifted(hits, [rule], now=10.0 * DAY)) == [2, 1]


def test_what_has_no_date_or_one_to_come_is_not_set_back(make: Making) -> None:
    rule = Decay(name="new up", date="released", half_life=1)
    hits = [make(1, score=0.5), make(2, score=0.4, released=date(2100, 1, 1)), make(3, score=0.3, released="soon")]
    assert [hit.strength for hit in shifted(hits, [rule], now=0.0)] == [hit.strength for hit in hits]


def test_within_a_day_nothing_ages(make: Making) -> None:
    rule = Decay(name="new up", date="released", half_life=1)
    hits = [make(1, released=date(1970, 1, 1))]
    assert shifted(hits, [rule], now=5.1 * DAY) == shifted(hits, [rule], now=5.9 * DAY)


def test_no_boost_carries_what_does_not_match_over_what_does(make: Making) -> None:
    hits = apart([make(1, score=0.5), make(2, score=0.4, matches=False, price=5)])
    assert keys(shifted(hits, [boosted(100)], 0.0)) == [1, 2]


def test_first_puts_what_holds_before_what_does_not(make: Making) -> None:
    hits = [make(1, score=0.9), make(2, score=0.8, price=5), make(3, score=0.7), make(4, score=0.6, price=1)]
    ordered = put_first(hits, [First(name="cheap first", where=CHEAP)])
    assert keys(ordered) == [2, 4, 1, 3]
    assert [bool(hit.rules) for hit in ordered] == [False, False, True, True]


def test_first_stays_among_what_matches(make: Making) -> None:
    hits = apart([make(1, score=0.9), make(2, score=0.8, matches=False, price=5)])
    assert keys(put_first(hits, [First(name="cheap first", where=CHEAP)])) == [1, 2]


def test_the_earlier_of_two_firsts_counts_more(make: Making) -> None:
    hits = [make(1, price=5), make(2, stock=1), make(3, price=5, stock=1)]
    rules = [First(name="stock", where=Compare("stock", ">", 0)), First(name="cheap", where=CHEAP)]
    assert keys(put_first(hits, rules)) == [3, 2, 1]
