"""Which line breaks of a file a reader of a card sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.present.passages import below_title, flowing


def test_a_line_that_an_editor_wrapped_flows_on() -> None:
    assert flowing("Wipe it out\n with hot water\nand a brush.") == "Wipe it out with hot water and a brush."


def test_a_blank_line_parts_paragraphs() -> None:
    assert flowing("Dry it.\n\nOil it.") == "Dry it.\n\nOil it."


@pytest.mark.parametrize("mark", ["- ", "* ", "+ ", "• ", "1. ", "12) ", "> ", "| ", "```"])
def test_what_begins_a_line_of_its_own_keeps_it(mark: str) -> None:
    text = f"You need:\n{mark}oil\n{mark}salt"
    assert flowing(text) == text


def test_an_item_flows_within_itself() -> None:
    assert flowing("- oil, inside\n  and out\n- salt") == "- oil, inside and out\n- salt"


@pytest.mark.parametrize("heading", ["# Rust", "### Rust", "Rust\n====", "Rust\n---"])
def test_a_heading_stands_by_itself(heading: str) -> None:
    text = f"{heading}\nScrub it off."
    assert flowing(text).splitlines()[-1] == "Scrub it off."


@given(st.text(st.sampled_from("ab #-=\n")))
def test_nothing_but_white_space_is_changed(text: str) -> None:
    assert flowing(text).split() == text.split()


@given(st.text(st.sampled_from("ab #-=\n")))
def test_what_flows_already_stays_as_it_is(text: str) -> None:
    assert flowing(flowing(text)) == flowing(text)


def test_a_text_that_does_not_begin_with_its_title_is_whole() -> None:
    assert below_title("Snow", "It fell.\nSnow") == "It fell.\nSnow"
