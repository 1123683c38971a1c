"""What is hidden becomes visible, and what is cut keeps its width."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.present.characters import LAYOUT, cells, cut, cut_middle, one_line, padded, visible

ANYTHING = st.text(st.characters())  # surrogates too


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b", "␛"),
        ("\x00", "␀"),
        ("\x7f", "␡"),
        ("\x9b", "⟨U+009B⟩"),
        ("\u202e", "⟨U+202E⟩"),
        ("\u2066", "⟨U+2066⟩"),
        ("\u200b", "⟨U+200B⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("\udcff", "⟨FF⟩"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_a_hidden_character_is_named(hidden: str, shown: str) -> None:
    assert visible(f"a{hidden}b") == f"a{shown}b"


@pytest.mark.parametrize("text", ["two dogs", "犬と雪", "مرحبا", "می‌خواهم", "👩‍👩‍👧", "cafe\u0301"])
def test_the_writing_of_people_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(ANYTHING)
def test_nothing_that_moves_a_terminal_or_breaks_an_encoding_is_left(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not {unicodedata.category(char) for char in shown if char not in "\u200c\u200d"} & {"Cc", "Cf", "Cs"}


def test_layout_is_kept_where_it_is_wanted() -> None:
    assert visible("a\n\tb\x1b", keep=LAYOUT) == "a\n\tb␛"


@given(ANYTHING)
def test_a_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(ANYTHING, st.integers(min_value=1, max_value=40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert cells(cut(text, width)) <= width
    assert cells(cut_middle(text, width)) <= width


@given(st.text(), st.integers(min_value=0, max_value=20))
def test_what_fits_is_not_cut(text: str, more: int) -> None:
    width = max(cells(text) + more, 1)
    assert cut(text, width) == cut_middle(text, width) == text


def test_a_path_keeps_its_beginning_and_the_end_of_its_name() -> None:
    shown = cut_middle("/home/ann/pictures/" + "deep/" * 20 + "dogs.jpg", 30)
    assert shown.startswith("/home/ann")
    assert shown.endswith("/dogs.jpg")


def test_a_mark_is_not_torn_from_its_letter() -> None:
    assert not unicodedata.combining(cut_middle("abcdefgh" + "e\u0301" * 4, 7)[3])


def test_wide_characters_are_filled_up_to_the_column() -> None:
    assert cells(padded("犬", 5)) == 5
