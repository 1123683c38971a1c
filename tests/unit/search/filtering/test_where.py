"""A filter is fitted to what the caller can see, and an error tells of nothing else."""

from collections.abc import Mapping, Sequence

import pytest

from sensorium.core.attributes import Amendment, Kind
from sensorium.core.errors import BadQuery
from sensorium.core.predicates import Compare, Moment, OneOf, as_json
from sensorium.core.scopes import Scope
from sensorium.search.filtering.where import predicate_of, resolved

OWNER = Scope.local_owner()


class Attributes:
    """Kinds by name, the same for everybody."""

    kinds: Mapping[str, frozenset[Kind]] = {
        "price": frozenset({Kind.NUMBER}),
        "colour": frozenset({Kind.TEXT}),
        "tags": frozenset({Kind.LIST}),
        "sold": frozenset({Kind.BOOLEAN}),
        "released": frozenset({Kind.DATE}),
        "place": frozenset({Kind.POINT}),
        "mixed": frozenset({Kind.NUMBER, Kind.TEXT}),
    }

    def amend(self, scope: Scope, amendments: Sequence[Amendment]) -> int:
        raise AssertionError("nobody asked for that")

    def attribute_kinds(self, scope: Scope, names: Sequence[str] | None = None) -> Mapping[str, frozenset[Kind]]:
        return {name: kinds for name, kinds in self.kinds.items() if names is None or name in names}


def meant(text: str) -> object:
    return resolved(text, OWNER, Attributes())


def test_no_filter_is_no_predicate() -> None:
    assert resolved(None, OWNER, Attributes()) is None


def test_text_object_and_json_are_the_same() -> None:
    where = Compare("price", "<", 50)
    assert predicate_of("price < 50") == predicate_of(where) == predicate_of(as_json(where)) == where


@pytest.mark.parametrize(
    ("text", "fitted"),
    [
        ("released >= 2024", Compare("released", ">=", Moment("2024"))),
        ("released = '2024-03'", Compare("released", "=", Moment("2024-03"))),
        ("added = 2024", Compare("added", "=", Moment("2024"))),
        ("price = '5'", Compare("price", "=", 5.0)),
        ("sold = yes", Compare("sold", "=", True)),
        ("sold in (no)", OneOf("sold", (False,))),
        ("colour = 2024-03", Compare("colour", "=", "2024-03")),
        ("colour = 5", Compare("colour", "=", "5")),
        ("tags = sale", Compare("tags", "=", "sale")),
        ("mixed = 5", Compare("mixed", "=", 5)),
        ("mixed = five", Compare("mixed", "=", "five")),
        ("width > 3", Compare("width", ">", 3)),
    ],
)
def test_values_are_read_as_the_attribute_is(text: str, fitted: object) -> None:
    assert meant(text) == fitted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prise < 5", "prise: at column 1: no item has an attribute of this name; did you mean price"),
        ("price < 5 and qwxyz = 1", "qwxyz: at column 15: no item .* there are added, colour"),
        ("price < cheap", "price: at column 1: it is a number, and 'cheap' is none"),
        ("price", "price: at column 1: it is a number, and yes is none; compare it with a number"),
        ("sold = 1", "sold: at column 1: it is yes or no, and '1' is none"),
        ("released > soon", "released: at column 1: it is a date"),
        ("price contains 'x'", "price: at column 1: it is a number, and holds no text"),
        ("near(price, 1, 2, 3 km)", "price: at column 6: it is a number, and no place"),
        ("place = 5", "place: at column 1: it is a place, .*; write near"),
    ],
)
def test_what_does_not_fit_is_told_by_name_and_column(text: str, said: str) -> None:
    with pytest.raises(BadQuery, match=said):
        meant(text)
