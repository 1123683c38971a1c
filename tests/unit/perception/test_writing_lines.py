"""The order in which lines are read."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from sensorium.perception.writing_lines import Line, as_text, reading_order

HEIGHT = 0.02


def line(text: str, left: float, top: float, width: float) -> Line:
    return Line(text=text, box=(left, top, left + width, top + HEIGHT), confidence=1.0)


def column(name: str, left: float, width: float, *, top: float = 0.2, rows: int = 5) -> list[Line]:
    return [line(f"{name}{row}", left, top + 0.025 * row, width) for row in range(rows)]


def words(lines: Iterable[Line]) -> list[str]:
    """The words in the order found, whatever order they were given in."""
    shuffled = list(lines)
    random.Random(5).shuffle(shuffled)
    return as_text(reading_order(shuffled)).split()


def expected(*lines: Line) -> list[str]:
    return [one.text for one in lines]


def test_nothing_has_no_blocks() -> None:
    assert reading_order([]) == ()


def test_one_column_is_read_from_the_top() -> None:
    page = column("a", 0.1, 0.8)
    assert words(page) == expected(*page)


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = column("a", 0.05, 0.42), column("b", 0.53, 0.42)
    assert words(left + right) == expected(*left, *right)


def test_three_columns_with_narrow_gutters_are_read_one_after_the_other() -> None:
    columns = [column(name, left, 0.29) for name, left in (("a", 0.04), ("b", 0.345), ("c", 0.65))]
    page = [one for lines in columns for one in lines]
    assert words(page) == expected(*page)


def test_a_heading_over_both_columns_comes_first_and_a_footer_last() -> None:
    heading, footer = line("heading", 0.1, 0.1, 0.8), line("footer", 0.1, 0.6, 0.8)
    left, right = column("a", 0.05, 0.42), column("b", 0.53, 0.42)
    assert words([heading, footer, *left, *right]) == expected(heading, *left, *right, footer)


def test_a_heading_between_two_pairs_of_columns_parts_them() -> None:
    above = column("a", 0.05, 0.42), column("b", 0.53, 0.42)
    heading = line("heading", 0.1, 0.4, 0.8)
    below = column("c", 0.05, 0.42, top=0.5), column("d", 0.53, 0.42, top=0.5)
    page = [*above[0], *above[1], heading, *below[0], *below[1]]
    assert words(page) == expected(*page)


def test_a_line_that_reaches_a_little_into_the_gutter_does_not_close_it() -> None:
    left, right = column("a", 0.05, 0.42), column("b", 0.48, 0.42)
    long = line("a9", 0.05, 0.2 + 5 * 0.025, 0.436)
    assert words([*left, long, *right]) == expected(*left, long, *right)


def test_a_table_is_read_row_by_row() -> None:
    cells = [line(f"r{row}c{cell}", 0.1 + 0.25 * cell, 0.2 + 0.03 * row, 0.06) for row in range(4) for cell in range(4)]
    assert words(cells) == expected(*cells)


def test_words_of_one_row_stand_in_one_line() -> None:
    page = [line("Total", 0.1, 0.2, 0.1), line("42", 0.5, 0.204, 0.05), line("next", 0.1, 0.23, 0.1)]
    assert as_text(reading_order(page)) == "Total 42\nnext"


def test_white_above_a_line_begins_a_block() -> None:
    above, below = column("a", 0.1, 0.8, rows=2), column("b", 0.1, 0.8, rows=2, top=0.32)
    assert as_text(reading_order(above + below)) == "a0\na1\n\nb0\nb1"


def test_the_aspect_of_the_picture_decides_what_is_wide() -> None:
    """On a picture ten times wider than high, the cells of a table are as wide as the columns of a square page."""
    page = column("a", 0.05, 0.095) + column("b", 0.2, 0.095)
    by_rows = [name for row in range(5) for name in (f"a{row}", f"b{row}")]
    assert as_text(reading_order(page)).split() == by_rows
    assert as_text(reading_order(page, aspect=10)).split() == expected(*page)


def test_every_line_is_kept_once() -> None:
    chance = random.Random(11)
    page = [line(str(n), chance.uniform(0, 0.6), chance.uniform(0, 0.9), chance.uniform(0, 0.4)) for n in range(200)]
    assert sorted(words(page)) == sorted(expected(*page))


def test_lines_without_height_do_no_harm() -> None:
    flat = Line(text="flat", box=(0.1, 0.1, 0.5, 0.1), confidence=1.0)
    assert as_text(reading_order([flat])) == "flat"


@pytest.mark.parametrize("confidence", [-0.1, 1.1])
def test_a_confidence_lies_from_0_to_1(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Line(text="a", box=(0, 0, 1, 1), confidence=confidence)
