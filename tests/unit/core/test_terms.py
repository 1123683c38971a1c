"""The words of a text that tell something."""

import pytest

from sensorium.core.terms import terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wo ist die Rechnung?", ["rechnung"]),
        ("What does IMF 23.1 say of it?", ["imf", "23.1", "say"]),
        ("7 swans a-swimming", ["7", "swans", "a-swimming"]),
        ("dog dog DOG", ["dog"]),
        ("?!", []),
    ],
)
def test_terms_are_the_words_that_tell_something(text: str, found: list[str]) -> None:
    assert terms(text) == found


def test_a_question_without_end_is_cut_to_its_longest_words() -> None:
    assert len(terms(" ".join(f"word{n}" for n in range(500)))) == 32


def test_a_text_may_be_read_whole() -> None:
    assert len(terms(" ".join(f"word{n}" for n in range(500)), most=None)) == 500
