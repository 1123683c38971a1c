"""Texts are taken apart into sentences and rows."""

import pytest

from sensorium.answerers.statements import LONGEST, plain, sentences, statements


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Low met Mr. Fox.", ["Dr. Low met Mr. Fox."]),
        ("In the U.S. It is 5.2 deg.", ["In the U.S. It is 5.2 deg."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("no capital. so it goes on", ["no capital. so it goes on"]),
        ("", []),
    ],
)
def test_prose_ends_where_its_sentences_end(prose: str, found: list[str]) -> None:
    assert list(sentences(prose)) == found


def test_a_sentence_without_end_is_cut_and_nothing_is_lost() -> None:
    prose = "word " * 500
    cut = list(sentences(prose))
    assert max(map(len, cut)) <= LONGEST
    assert " ".join(cut) == prose.strip()


def test_a_line_break_inside_a_paragraph_ends_no_sentence() -> None:
    assert [one.text for one in statements("The dog\nsleeps.\n\nThe cat too")] == ["The dog sleeps.", "The cat too"]


def test_a_row_is_told_with_the_heads_of_its_table() -> None:
    found = statements("Food\n| Name | Energy\nLeaves | Ash | 50\nGrain | Corn | 200")
    assert found[1].text == "Leaves: Name Ash, Energy 50"
    assert found[2].cells == ("Grain", "Corn", "200")
    assert found[2].columns == ("", "Name", "Energy")


def test_a_row_of_another_length_than_its_head_is_told_without_heads() -> None:
    assert statements("a | b\n1 | 2 | 3")[-1].text == "1: 2, 3"


def test_what_hides_is_taken_out_and_lines_stay() -> None:
    assert plain("a\u200bb\u202ec\x07\nd\ue000") == "abc\nd"
