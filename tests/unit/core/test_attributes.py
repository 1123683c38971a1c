"""Values of attributes have one kind each, and come back from JSON as they were."""

import json
from datetime import UTC, date, datetime

import pytest

from sensorium.core.attributes import Point, Value, kind_of, name_of, value_from_json, value_json

VALUES: list[Value] = ["tea", 3, 2.5, True, date(2024, 3, 1), datetime(2024, 3, 1, 12, 30, tzinfo=UTC), ("a", "b"), ()]


@pytest.mark.parametrize("value", [*VALUES, Point(48.2, 16.4)], ids=repr)
def test_json_and_back_is_the_same_value_of_the_same_kind(value: Value) -> None:
    back = value_from_json(json.loads(json.dumps(value_json(value))))
    assert (back, type(back), kind_of(back)) == (value, type(value), kind_of(value))


@pytest.mark.parametrize(
    "written", [None, {}, {"date": 3}, {"date": "soon"}, {"point": [1]}, {"point": [91, 0]}, [1], float("nan")]
)
def test_what_is_no_value_is_an_error(written: object) -> None:
    with pytest.raises(ValueError):
        value_from_json(written)


@pytest.mark.parametrize("value", [None, b"x", {"a": 1}, ["a"]], ids=repr)
def test_what_has_no_kind_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        kind_of(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("label", "name"), [("", ""), ("--", ""), (" In Stock? ", "in_stock"), ("a.b", "a.b")])
def test_a_column_has_a_name_that_can_stand_in_a_filter(label: str, name: str) -> None:
    assert name_of(label) == name
