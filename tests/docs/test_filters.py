"""Every filter of docs/filters.md can be read, and every name of it that every item has is there."""

import re
from pathlib import Path

import pytest

from sensorium.core.attributes import BUILT_IN, READ_NUMBERS
from sensorium.core.predicates import Predicate
from sensorium.search.filtering.language import parse

from .blocks import blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "filters.md"
FILTERS = [line for block in blocks(PAGE, "filter") for line in block.code.splitlines()]


def test_there_are_filters_to_read() -> None:
    assert len(FILTERS) >= 5


@pytest.mark.parametrize("line", FILTERS)
def test_a_filter_of_the_page_can_be_read(line: str) -> None:
    assert isinstance(parse(line), Predicate)


@pytest.mark.parametrize("cell", re.findall(r"^\| (`[^|]+`) \|", PAGE.read_text("utf-8"), re.MULTILINE))
def test_a_form_of_the_table_can_be_read(cell: str) -> None:
    forms = [form for form in re.findall(r"`([^`]+)`", cell) if "..." not in form and "{" not in form]
    whole = [form for form in forms if form not in ("<=", ">", ">=", "=", "!=", "( )")]
    assert all(isinstance(parse(form), Predicate) for form in whole)


@pytest.mark.parametrize("name", [*BUILT_IN, *READ_NUMBERS])
def test_the_page_names_what_can_be_asked_of(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text("utf-8")
