"""What a predicate means, by the cases that people ask about."""

from datetime import date

import pytest

from sensorium.core.attributes import Point, Value
from sensorium.core.matching import holds, metres_between, values_of
from sensorium.core.predicates import Compare, Has, Moment, Near, Not, OneOf, Predicate
from sensorium.testing.specimens import specimen

TEA: dict[str, Value] = {
    "price": 4,
    "colours": ("Green", "gold"),
    "bought": date(2024, 3, 1),
    "home": Point(48.2, 16.4),
}


@pytest.mark.parametrize(
    ("where", "so"),
    [
        (Compare("price", "<=", 4), True),
        (Compare("price", "=", True), False),
        (Compare("colours", "=", "green"), True),
        (Compare("colours", "!=", "green"), False),
        (Compare("colours", "!=", "red"), True),
        (Compare("sold", "!=", True), False),
        (Not(Compare("sold", "=", True)), True),
        (Compare("bought", ">", Moment("2024-02")), True),
        (Compare("bought", ">", Moment("2024-03")), False),
        (Compare("bought", "<=", Moment("2024-03")), True),
        (Compare("bought", "=", "2024-03-01"), False),
        (OneOf("colours", ("red", "gold")), True),
        (Has("home"), True),
        (Near("home", 48.2, 16.5, 8_000), True),
        (Near("home", 48.2, 16.5, 7_000), False),
    ],
    ids=repr,
)
def test_meaning(where: Predicate, so: bool) -> None:
    assert holds(where, TEA) is so


def test_distances_go_over_the_date_line_and_the_pole() -> None:
    assert metres_between(0, 179.5, 0, -179.5) == pytest.approx(111_195, rel=1e-3)
    assert metres_between(89, 0, 89, 180) == pytest.approx(2 * 111_195, rel=1e-3)


def test_an_item_has_what_every_item_has() -> None:
    values = values_of(specimen(7).item)
    assert (values["size"], values["file"], values["kind"], values["characters"]) == (1007, "7", "text", 7.0)
