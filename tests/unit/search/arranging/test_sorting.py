"""Sorting: what comes first, what comes last, and what can not be sorted by."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest

from sensorium.core.arrangement import Sort
from sensorium.core.attributes import Kind, Point, Value
from sensorium.core.candidates import Ranked
from sensorium.core.errors import BadQuery
from sensorium.core.scopes import Scope
from sensorium.search.arranging.sorting import NEAREST, in_sorted_order, sortable

Making = Callable[..., Ranked]


def keys(hits: Sequence[Ranked]) -> list[int]:
    return [hit.found.key for hit in hits]


def ordered(hits: Sequence[Ranked], said: str) -> list[int]:
    return keys(in_sorted_order(hits, Sort.parsed(said)))


@pytest.mark.parametrize(("said", "expected"), [("price", [3, 1, 2, 4]), ("price:desc", [2, 1, 3, 4])])
def test_what_has_no_value_comes_last_both_ways(make: Making, said: str, expected: list[int]) -> None:
    hits = [make(1, price=5), make(2, price=9), make(4), make(3, price=1)]
    assert ordered(hits, said) == expected


@pytest.mark.parametrize("said", ["price", "price:desc"])
def test_equals_stay_as_they_stand(make: Making, said: str) -> None:
    assert ordered([make(2, price=5), make(1, price=5), make(3, price=5)], said) == [2, 1, 3]


def test_texts_are_sorted_without_case(make: Making) -> None:
    assert ordered([make(1, brand="beta"), make(2, brand="Alpha"), make(3, brand="GAMMA")], "brand") == [2, 1, 3]


@pytest.mark.parametrize(
    "values",
    [(date(2024, 1, 1), date(2024, 6, 1)), (False, True), (-2, 1.5), (3, date(1970, 1, 1)), (date(2024, 1, 1), "a")],
    ids=["dates", "yes and no", "numbers", "numbers before dates", "dates before texts"],
)
def test_every_kind_has_an_order(make: Making, values: tuple[Value, Value]) -> None:
    assert ordered([make(1, it=values[1]), make(2, it=values[0])], "it") == [2, 1]


def test_what_has_no_order_comes_last(make: Making) -> None:
    assert ordered([make(1, it=Point(1, 1)), make(2, it=("a", "b")), make(3, it=4)], "it") == [3, 1, 2]


def test_only_what_matches_is_sorted(make: Making) -> None:
    hits = [make(1, price=5), make(2, price=3, matches=False), make(3, price=4), make(4, price=1, matches=False)]
    assert ordered(hits, "price") == [3, 1, 2, 4]


def test_where_nothing_matches_the_nearest_are_sorted_and_the_rest_follows(make: Making) -> None:
    hits = [make(n, price=100 - n, matches=False) for n in range(NEAREST + 3)]
    assert ordered(hits, "price") == [*reversed(range(NEAREST)), NEAREST, NEAREST + 1, NEAREST + 2]


def test_by_score_and_by_when_it_was_added(make: Making) -> None:
    hits = [make(1, score=0.3, added_at=5.0), make(2, score=0.9, added_at=1.0)]
    assert (ordered(hits, "score:desc"), ordered(hits, "added_at:desc")) == ([2, 1], [1, 2])


class Known:
    """A store in which items have these attributes."""

    def __init__(self, **kinds: Kind) -> None:
        self._kinds = {name: frozenset({kind}) for name, kind in kinds.items()}

    def attribute_kinds(self, scope: Scope, names: Sequence[str] | None = None) -> Mapping[str, frozenset[Kind]]:
        return self._kinds if names is None else {name: self._kinds[name] for name in names if name in self._kinds}


STORE = Known(price=Kind.NUMBER, tags=Kind.LIST, shop=Kind.POINT)
OWNER = Scope.local_owner()


@pytest.mark.parametrize("said", ["price", "Price:desc", "score", "added_at:desc", "size", "title:asc"])
def test_what_there_is_can_be_sorted_by(said: str) -> None:
    assert sortable(said, OWNER, STORE).descending is said.endswith("desc")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("prize", r"no item has an attribute of this name; did you mean price, size\?"),
        ("zzzzzz", "no item has an attribute of this name; there are added, "),
        ("tags", "have no order"),
        ("shop:desc", "have no order"),
        ("price:up", "is no order"),
        (":asc", "is no order"),
        ("!!", "no item has an attribute"),
    ],
)
def test_what_there_is_not_can_not(said: str, words: str) -> None:
    with pytest.raises(BadQuery, match=words):
        sortable(said, OWNER, STORE)  # type: ignore[arg-type]
