"""Queries in other words."""

from __future__ import annotations

import time

import pytest

from sensorium.evaluation.nouns import NOUNS, spoken_of, words_of
from sensorium.evaluation.robustness.rewordings import (
    CONTRACTIONS,
    REWORDINGS,
    SYNONYMS,
    WITH,
    WITHOUT,
    asked_with,
    asked_without,
    head_noun,
    reword,
)

CAPTION = "A large brown dog is running in the deep snow ."


def edits(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]


@pytest.mark.parametrize("name", REWORDINGS)
def test_a_rewording_is_the_same_every_time(name: str) -> None:
    assert reword(CAPTION, REWORDINGS[name], 3) == reword(CAPTION, REWORDINGS[name], 3)


@pytest.mark.parametrize("name", REWORDINGS)
@pytest.mark.parametrize("text", ["", " ", ".", "?!", "日本の犬", "a", "the", "\ud800"])
def test_texts_without_english_words_are_survived(name: str, text: str) -> None:
    for severity in range(1, 6):
        assert isinstance(reword(text, REWORDINGS[name], severity), str)


@pytest.mark.parametrize("name", REWORDINGS)
def test_a_long_text_takes_no_long_time(name: str) -> None:
    start = time.perf_counter()
    reword("in the snow at a dog " * 1_000, REWORDINGS[name], 5)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("severity", [0, 6])
def test_a_severity_that_is_not_there_is_an_error(severity: int) -> None:
    with pytest.raises(ValueError, match="severity is 1 to 5"):
        reword(CAPTION, REWORDINGS["typos"], severity)


@pytest.mark.parametrize("severity", range(1, 6))
def test_typos_are_as_many_as_they_are_named(severity: int) -> None:
    text = "abcdefghij " * 20
    slips = round(200 * REWORDINGS["typos"].amounts[severity - 1])
    changed = edits(text, reword(text, REWORDINGS["typos"], severity))
    assert slips * 0.9 <= changed <= slips * 2  # a swap of two letters is two edits


def test_a_text_is_never_worn_down_to_nothing() -> None:
    assert all(reword(letter, REWORDINGS["typos"], 5) for letter in "abcdefghijklmnopqrstuvwxyz")


def test_a_short_text_has_one_slip_at_least() -> None:
    assert reword("dog", REWORDINGS["typos"], 1) != "dog"


def test_slips_leave_marks_and_spaces_alone() -> None:
    changed = reword(CAPTION, REWORDINGS["typos"], 5)
    assert changed.count(" ") == CAPTION.count(" ")
    assert changed.endswith(" .")


def test_a_paraphrase_makes_no_more_changes_than_its_severity() -> None:
    text = "two men near the boy"
    one = reword(text, REWORDINGS["paraphrase"], 1)
    assert sum(a != b for a, b in zip(one.split(), text.split(), strict=True)) == 1


def test_a_full_paraphrase_uses_every_rule_that_fits() -> None:
    assert reword(CAPTION, REWORDINGS["paraphrase"], 5) == "in the deep snow, A big brown hound is racing ."


def test_a_paraphrase_contracts() -> None:
    assert reword("he is not there", REWORDINGS["paraphrase"], 5) in {"he isn't there", "he's not there"}


def test_a_long_or_joined_phrase_is_not_brought_forward() -> None:
    for text in ("a fox in a pool squirts a green liquid", "a fox sleeps on moss with cubs"):
        assert reword(text, REWORDINGS["paraphrase"], 5) == text


def test_what_no_rule_knows_stays() -> None:
    assert reword("quokkas yawn", REWORDINGS["paraphrase"], 5) == "quokkas yawn"


def test_the_tables_say_what_is_written_small_and_differs() -> None:
    assert all(word == word.lower() != other for word, other in SYNONYMS.items())
    assert CONTRACTIONS


def test_a_cut_query_keeps_the_head_and_what_is_nearest_in_order() -> None:
    cuts = [reword(CAPTION, REWORDINGS["ambiguity"], severity) for severity in range(1, 6)]
    assert cuts == [
        "large brown dog running deep",
        "large brown dog running",
        "brown dog running",
        "brown dog",
        "dog",
    ]


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("the old harbour of Rotterdam", "harbour"),
        ("three quokkas eating leaves", "quokkas"),
        ("Two young MEN", "men"),
        ("the", "the"),
        ("", ""),
    ],
)
def test_the_head_of_a_caption(text: str, head: str) -> None:
    assert head_noun(text) == head


def test_every_question_without_has_one_with() -> None:
    assert len(WITHOUT) == len(WITH)
    assert len(asked_without("cat")) == len(asked_with("cat")) == len(set(asked_without("cat")))
    assert all("cat" in question for question in (*asked_without("cat"), *asked_with("cat")))


def test_a_thing_is_spoken_of_by_any_of_its_words_once_a_text() -> None:
    assert spoken_of(["A dog and a puppy", "the Dog's ball", "catalogue"]) == {"dog": 2, "ball": 1}


def test_no_word_belongs_to_two_things() -> None:
    words = [word for spellings in NOUNS.values() for word in spellings]
    assert len(words) == len(set(words))
    assert all(words_of(word) == [word] for word in words)
