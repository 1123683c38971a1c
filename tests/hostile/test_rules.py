"""Files of rules that mean harm: each ends in a `BadRules`, soon, whatever it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium.core.errors import BadRules
from sensorium.search.rules.reading import MOST_BYTES, read_rules

HEAD = '[[rule]]\nname = "a"\nkind = "hide"\n'


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[" * 400 + "]" * 400,
        "a = " + "{a=" * 50_000,
        "[" + "a." * 60_000 + "a]",
        "a" + ".a" * 60_000 + " = 1",
        HEAD + "where = '" + "(" * 10_000 + "'",
        HEAD + "where = '" + "not " * 4_000 + "a'",
        HEAD + "where = '" + " or ".join(["a"] * 3_000) + "'",
        HEAD + 'where = "a = \\u0000"',
        HEAD + "where = 'a'\nfactor = " + "9" * 10_000,
        HEAD + "where = 'a'\nwhen = { words = [" + "'a'," * 30_000 + "] }",
        HEAD + "where = 'a in (" + ", ".join(map(str, range(2_000))) + ")'",
        '[[rule]]\nname = "' + "a" * 200_000 + '"',
        "[[rule]]\n" * 20_000,
    ],
    ids=[
        "deep list", "deep list that ends", "deep table", "long header", "long key", "deep filter", "many nots",
        "many conditions", "null", "large number", "many words", "many values", "long name", "many rules",
    ],
)  # fmt: skip
def test_a_file_that_is_too_much_is_refused(text: str) -> None:
    assert len(text) <= MOST_BYTES
    with pytest.raises(BadRules):
        read_rules(text.encode())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def toml(value: object) -> str:
    """A value as TOML writes it, as near as JSON-like values come."""
    match value:
        case None:
            return "1979-05-27"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return '"' + "".join(f"\\U{ord(letter):08X}" for letter in value) + '"'
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(name)} = {toml(one)}" for name, one in value.items()) + "}"
    raise TypeError(value)


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(["boost", "bury", "decay", "first", "quota", "pin", "hide", ""]),
    fields=st.dictionaries(
        st.sampled_from(["where", "when", "factor", "date", "half_life_days", "by", "most", "of_first", "place", "x"]),
        values,
        max_size=6,
    ),
)
def test_values_of_any_type_give_rules_or_a_typed_error(kind: str, fields: dict[str, object]) -> None:
    lines = [f"{name} = {toml(value)}" for name, value in fields.items()]
    text = "\n".join(["[[rule]]", 'name = "it"', f'kind = "{kind}"', *lines])
    try:
        [rule] = read_rules(text.encode("utf-8", "replace"))
    except BadRules as error:
        assert error.remedy  # noqa: PT017 - either is right
    else:
        assert rule.name == "it"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_rules_or_a_typed_error(data: bytes) -> None:
    try:
        read_rules(data)
    except BadRules as error:
        assert error.remedy  # noqa: PT017 - either is right
