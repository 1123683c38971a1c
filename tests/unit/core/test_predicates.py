"""Predicates are checked when they are made, equal by what they mean, and the same after a way through JSON."""

import json
import math

import pytest

from sensorium.core.errors import BadQuery
from sensorium.core.predicates import (
    MOST_CONDITIONS,
    MOST_DEPTH,
    MOST_VALUES,
    And,
    Compare,
    Has,
    Moment,
    Near,
    Not,
    OneOf,
    Or,
    Predicate,
    TextMatch,
    as_json,
    changed,
    conditions_of,
    from_json,
)

EVERY_SORT = And(
    (
        Or((Compare("price", "<", 9.5), Compare("sold", "=", True), Compare("added", ">=", Moment("2024-03")))),
        Not(OneOf("colour", ("blue", 3, False, Moment("2024")))),
        TextMatch("title", "contains", "tea"),
        TextMatch("title", "starts", "green"),
        Has("place"),
        Near("place", 48.2, 16.4, 10_000),
    )
)


def test_json_and_back_is_the_same_predicate() -> None:
    assert from_json(json.loads(json.dumps(as_json(EVERY_SORT)))) == EVERY_SORT


def test_yes_and_one_are_different_values() -> None:
    assert Compare("sold", "=", True) != Compare("sold", "=", 1)
    assert OneOf("sold", (True,)) != OneOf("sold", (1,))
    assert len({Compare("sold", "=", True), Compare("sold", "=", 1), Compare("SOLD", "=", True)}) == 2


def test_where_it_stands_in_a_text_makes_no_difference() -> None:
    assert Compare("a", "=", 1, at=7) == Compare("a", "=", 1)
    assert hash(Compare("a", "=", 1, at=7)) == hash(Compare("a", "=", 1))


def test_signs_join_predicates() -> None:
    one, two = Has("a"), Has("b")
    assert (one & two, one | two, ~one) == (And((one, two)), Or((one, two)), Not(one))


@pytest.mark.parametrize(
    ("written", "days"), [("2024", 366), ("2024-02", 29), ("2023-12", 31), ("2024-03-01", 1), ("9998-12-31", 1)]
)
def test_a_date_is_the_stretch_that_is_written(written: str, days: int) -> None:
    assert Moment(written).end - Moment(written).start == days * 86_400


def test_a_time_is_a_minute_or_a_second_in_its_zone() -> None:
    assert Moment("2024-03-01T12:30").end - Moment("2024-03-01T12:30").start == 60
    assert Moment("2024-03-01T12:30:05").end - Moment("2024-03-01T12:30:05").start == 1
    assert Moment("2024-03-01T12:30+02:00").start == Moment("2024-03-01T10:30Z").start


@pytest.mark.parametrize(
    "written", ["", "24", "2024-13", "2024-02-30", "2024-3-1", "2024-03-01T25:00", "today", "9999", "0000", "२०२४"]
)
def test_what_is_no_date_is_an_error(written: str) -> None:
    with pytest.raises(BadQuery, match="no date"):
        Moment(written)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Compare("", "=", 1),
        lambda: Compare("a\0b", "=", 1),
        lambda: Compare("\ud800", "=", 1),
        lambda: Compare("a", "=", "\0"),
        lambda: Compare("a", "=", math.nan),
        lambda: Compare("a", "=", 10**30),
        lambda: Compare("a", "~", 1),
        lambda: Compare("a", "<", True),
        lambda: Compare("a", "=", None),
        lambda: Compare("a", "=", "x" * 1_001),
        lambda: Compare("a" * 101, "=", 1),
        lambda: OneOf("a", ()),
        lambda: OneOf("a", tuple(range(MOST_VALUES + 1))),
        lambda: TextMatch("a", "contains", " "),
        lambda: TextMatch("a", "ends", "x"),
        lambda: TextMatch("a", "contains", 3),
        lambda: Near("a", 91, 0, 1),
        lambda: Near("a", 0, 0, -1),
        lambda: Near("a", 0, 0, math.inf),
        lambda: Near("a", "north", 0, 1),
        lambda: And(()),
        lambda: Not("a"),
        lambda: Or((Has("a"), "b")),
    ],
)
def test_what_can_not_be_meant_can_not_be_made(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadQuery):
        make()


def test_the_error_names_the_attribute_and_the_column() -> None:
    with pytest.raises(BadQuery, match="price: at column 12: yes and no have no order; use = or !="):
        Compare("price", "<", True, at=12)


def test_a_predicate_has_its_limits() -> None:
    many = tuple(Has("a") for _ in range(MOST_CONDITIONS))
    assert Or(many).conditions == MOST_CONDITIONS
    with pytest.raises(BadQuery, match="too large"):
        Or((*many, Has("a")))
    deep: Predicate = Has("a")
    for _ in range(MOST_DEPTH - 1):
        deep = Not(deep)
    with pytest.raises(BadQuery, match="too large"):
        Not(deep)


@pytest.mark.parametrize(
    "written",
    [
        None,
        [],
        "price < 50",
        {},
        {"and": []},
        {"and": [{"name": "a", "op": "has"}], "or": []},
        {"not": {}},
        {"name": "a"},
        {"name": "a", "op": "="},
        {"name": "a", "op": "=", "value": None},
        {"name": "a", "op": "=", "value": {"date": "never"}},
        {"name": "a", "op": "=", "value": {"date": "2024", "more": 1}},
        {"name": "a", "op": "=", "value": 1, "more": 1},
        {"name": "a", "op": "in", "values": []},
        {"name": "a", "op": "in", "values": [[1]]},
        {"name": "a", "op": "sql", "value": "1; DROP TABLE items"},
        {"name": "a", "op": "near", "latitude": True, "longitude": 0, "metres": 1},
        {"name": 3, "op": "has"},
    ],
)
def test_what_is_no_filter_is_an_error(written: object) -> None:
    with pytest.raises(BadQuery):
        from_json(written)


def test_json_that_is_too_deep_is_an_error_and_no_crash() -> None:
    deep: object = {"name": "a", "op": "has"}
    for _ in range(5_000):
        deep = {"not": deep}
    with pytest.raises(BadQuery):
        from_json(deep)


def test_every_condition_can_be_changed() -> None:
    named = changed(EVERY_SORT, lambda condition: Has(condition.name))
    assert [type(condition) for condition in conditions_of(named)] == [Has] * 8
    assert [condition.name for condition in conditions_of(named)] == [c.name for c in conditions_of(EVERY_SORT)]
