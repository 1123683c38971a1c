"""What is written in the filter language, and where it stops making sense."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sensorium.core.errors import BadQuery
from sensorium.core.predicates import (
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
    conditions_of,
)
from sensorium.search.filtering.language import MOST_CHARACTERS, parse

SOLD = Compare("sold", "=", True)

WRITTEN: dict[str, Predicate] = {
    "price < 50": Compare("price", "<", 50),
    "price<=9.99": Compare("price", "<=", 9.99),
    "price == -5": Compare("price", "=", -5),
    "price <> 1e3": Compare("price", "!=", 1000.0),
    "PRICE > +.5": Compare("price", ">", 0.5),
    "colour = navy": Compare("colour", "=", "navy"),
    "colour = 'navy blue'": Compare("colour", "=", "navy blue"),
    r'title = "a \"red\" \\ tea"': Compare("title", "=", 'a "red" \\ tea'),
    "size = 4XL": Compare("size", "=", "4XL"),
    "sku = AB-12-x": Compare("sku", "=", "AB-12-x"),
    "größe = Ärmel": Compare("größe", "=", "Ärmel"),
    "sold = true": SOLD,
    "sold = FALSE": Compare("sold", "=", False),
    "sold = 'true'": Compare("sold", "=", "true"),
    "sold = truely": Compare("sold", "=", "truely"),
    "sold": SOLD,
    "not sold": Not(SOLD),
    "not not sold": Not(Not(SOLD)),
    "colour in (blue, 'navy', 3)": OneOf("colour", ("blue", "navy", 3)),
    "colour not in (blue)": Not(OneOf("colour", ("blue",))),
    "price in 10..50": And((Compare("price", ">=", 10), Compare("price", "<=", 50))),
    "price between 1.5 and 2 and sold": And((And((Compare("price", ">=", 1.5), Compare("price", "<=", 2))), SOLD)),
    "added >= 2024-03-01": Compare("added", ">=", Moment("2024-03-01")),
    "added = 2024-03": Compare("added", "=", Moment("2024-03")),
    "added < 2024-03-01T12:30:00+02:00": Compare("added", "<", Moment("2024-03-01T12:30:00+02:00")),
    "title contains tea": TextMatch("title", "contains", "tea"),
    "title starts  with 'green tea'": TextMatch("title", "starts", "green tea"),
    "has(place)": Has("place"),
    "exists (place)": Has("place"),
    "place exists": Has("place"),
    "near(place, 48.2, 16.4, 10 km)": Near("place", 48.2, 16.4, 10_000),
    "near(place, -48.2, -16.4, 500m)": Near("place", -48.2, -16.4, 500),
    "near(place, 0, 0, 1 mi)": Near("place", 0, 0, 1_609.344),
    "`Price (EUR)` < 3": Compare("price_eur", "<", 3),
    "price.eur < 3": Compare("price.eur", "<", 3),
    "`and` = 1": Compare("and", "=", 1),
    "near = 1 or has = 2": Or((Compare("near", "=", 1), Compare("has", "=", 2))),
    "a or b and not c": Or((Compare("a", "=", True), And((Compare("b", "=", True), Not(Compare("c", "=", True)))))),
    "(a or b) and c": And((Or((Compare("a", "=", True), Compare("b", "=", True))), Compare("c", "=", True))),
    "a\n  AND\tb": And((Compare("a", "=", True), Compare("b", "=", True))),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_is_what_is_meant(text: str) -> None:
    assert parse(text) == WRITTEN[text]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("   ", 1),
        ("price <", 8),
        ("price < and sold", 9),
        ("price < 50)", 11),
        ("(a or b", 8),
        ("colour = navy blue", 15),
        ("colour in ()", 12),
        ("colour in (a,)", 14),
        ("a = 1 b = 2", 7),
        ('a = "x', 5),
        ("a = #", 5),
        ("a = 2024-13-01", 5),
        ("near(place, 48.2, 16.4, 10)", 27),
        ("near(place, 48.2, 16.4, 10 feet)", 28),
        ("near(place, 95, 0, 1 km)", 6),
        ("a = 1; DROP TABLE items", 6),
        ("title contains 3", 16),
        ("not", 4),
        ("1 = 1", 1),
        ("price < true", 1),
    ],
)
def test_an_error_names_the_column_where_it_stops_making_sense(text: str, column: int) -> None:
    with pytest.raises(BadQuery, match=f"at column {column}: "):
        parse(text)


def test_an_error_says_what_could_stand_there() -> None:
    with pytest.raises(BadQuery, match="a value or a number is expected; put texts of several words in quotes"):
        parse("price <")


def test_each_condition_knows_where_it_stands() -> None:
    assert [condition.at for condition in conditions_of(parse("price < 5 and (not sold or has(place))"))] == [1, 20, 32]


@pytest.mark.parametrize("text", ["a and " * 2_000 + "a", "not " * 2_000 + "a", "(" * 40 + "a or b and " * 400 + "a"])
def test_what_goes_on_for_ever_is_an_error(text: str) -> None:
    with pytest.raises(BadQuery):
        parse(text)


def test_brackets_may_nest_deeply() -> None:
    assert parse("(" * 5_000 + "a" + ")" * 5_000) == Compare("a", "=", True)


def test_a_filter_has_a_longest_length() -> None:
    with pytest.raises(BadQuery, match="16,385 characters"):
        parse("a" * (MOST_CHARACTERS + 1))


FRAGMENTS = (
    "price",
    "<",
    "50",
    "and",
    "or",
    "not",
    "(",
    ")",
    "in",
    ",",
    "'x'",
    '"',
    "near",
    "2024-01",
    "..",
    "`",
    "\0",
)


def test_anything_is_a_predicate_or_a_bad_query_with_a_column() -> None:
    chance = random.Random(3)
    errors = []
    for _ in range(2_000):
        text = chance.choice(["", " "]).join(chance.choices(FRAGMENTS, k=chance.randint(1, 9)))
        with suppress_into(errors):
            assert isinstance(parse(text), Predicate)
    assert errors
    assert not [error for error in errors if "at column " not in error.what]


@contextmanager
def suppress_into(errors: list[BadQuery]) -> Iterator[None]:
    """Gathers the errors in place of raising them."""
    try:
        yield
    except BadQuery as error:
        errors.append(error)
