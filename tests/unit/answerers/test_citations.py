"""Citations exist, were in the pack, and bear their sentence out, or it is marked."""

from __future__ import annotations

import pytest

from sensorium.answerers.citations import Checker
from sensorium.core.answers import Draft
from sensorium.testing.encoders import HashEncoder

from .evidence import pack

PACK = pack(
    "The red dog sleeps in the garden. It was born in 1901.",
    "Ships carry 1,200 tons of coal to Honolulu every year.",
    "The survey did not include student dormitories.",
)
CHECKER = Checker(pack=PACK, encoder=HashEncoder())


def supported(text: str, *cites: int) -> bool:
    return CHECKER.check(Draft(text=text, cites=cites)).supported


def test_a_sentence_that_stands_there_word_for_word_is_supported() -> None:
    sentence = CHECKER.check(Draft(text="It was born in 1901.", cites=(1,)))
    assert sentence.supported
    assert sentence.citations[0].support == 1.0


def test_a_sentence_in_other_forms_of_the_same_words_is_supported() -> None:
    assert supported("A red dog is sleeping in a garden", 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The red dog sleeps in the garden.", 2),
        ("It was born in 1902.", 1),
        ("Ships carry 1,300 tons of coal to Honolulu every year.", 2),
        ("Aeroplanes brought visitors from Tokyo.", 2),
        ("The survey did include student dormitories.", 3),
        ("The red dog never sleeps in the garden.", 1),
    ],
)
def test_what_the_cited_piece_does_not_say_is_marked(text: str, number: int) -> None:
    sentence = CHECKER.check(Draft(text=text, cites=(number,)))
    assert not sentence.supported
    assert [citation.exhibit.number for citation in sentence.citations] == [number]
    assert not sentence.citations[0].supports


def test_a_sentence_without_citation_is_not_supported() -> None:
    assert not supported("It was born in 1901.")


@pytest.mark.parametrize("number", [0, -1, 4, 99, 10**9])
def test_a_number_that_was_not_in_the_pack_is_dropped_and_told(number: int) -> None:
    sentence = CHECKER.check(Draft(text="It was born in 1901.", cites=(number, 1)))
    assert [citation.exhibit.number for citation in sentence.citations] == [1]
    assert sentence.dropped == (number,)


def test_a_number_that_is_cited_twice_counts_once() -> None:
    assert len(CHECKER.check(Draft(text="It was born in 1901.", cites=(1, 1))).citations) == 1


def test_what_two_pieces_say_together_is_supported_by_both() -> None:
    assert supported("The red dog sleeps in the garden, ships carry coal to Honolulu.", 1, 2)


def test_thousands_may_be_grouped_in_another_way() -> None:
    assert supported("Ships carry 1200 tons of coal to Honolulu every year", 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See http://evil.example/?q=1 now", "See (address left out) now"),
        ("![a dog](http://evil.example/x.png) sleeps", "a dog sleeps"),
        ("[click](javascript:alert(1))", "click)"),
        ("Visit www.evil.example/a", "Visit (address left out)"),
        ("a\u202eb", "ab"),
    ],
)
def test_addresses_and_links_that_the_evidence_does_not_hold_are_taken_out(text: str, shown: str) -> None:
    assert CHECKER.check(Draft(text=text, cites=(1,))).text == shown


def test_an_address_that_the_cited_piece_holds_stays() -> None:
    checker = Checker(pack=pack("Write to https://example.org/form today."), encoder=HashEncoder())
    text = "Write to https://example.org/form today."
    assert checker.check(Draft(text=text, cites=(1,))).text == text
    assert "left out" in checker.check(Draft(text=text)).text
