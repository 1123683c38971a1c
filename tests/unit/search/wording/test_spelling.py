"""What may be meant: words that somebody may see or everybody knows, offered for words that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sensorium.core.explanations import Suggestion
from sensorium.core.scopes import Scope
from sensorium.search.wording.spelling import MOST_UNKNOWN, Spelling, correctable, slips_between
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, specimen


class English:
    """Knows some words of English, and takes everything for English but what has an umlaut."""

    words = ("the", "house", "horse", "boat", "photograph", "beach")

    def english_odds(self, text: str) -> float:
        return -5.0 if set("äöüß") & set(text) else 5.0

    def knows_word(self, word: str, english: bool = True) -> bool:
        return word in self.words or (not english and word == "hund")

    def common_words_like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        return [word for word in self.words if word.startswith(beginning) and lengths[0] <= len(word) <= lengths[1]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(SPACE)
        yield store


def add(store: SqliteStore, number: int, text: str, scope: Scope = OWNER) -> None:
    made = specimen(number, scope=scope)
    store.commit(scope, additions=[replace(made, pieces=(replace(made.pieces[0], text=text),))])


def meant(store: SqliteStore, text: str, *, english: bool = True) -> list[str]:
    spelling = Spelling(OWNER, store, English() if english else None)
    return [one.words for one in spelling.suggestions(text, spelling.language(text))]


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("the harbuor", ["the harbour"]),
        ("Harbuor", ["Harbour"]),
        ("harbor", ["harbour"]),
        ("hharbour", ["harbour"]),
        ("ahrbour", ["harbour"]),
        ("hrabuor", ["harbour"]),
        ("photogarph of the bech", ["photograph of the beach"]),
        ("harbours", []),
        ("the harbour", []),
        ("hrb", []),
        ("xyzzyx", []),
    ],
)
def test_what_is_offered_for_what_is_said(store: SqliteStore, said: str, offered: list[str]) -> None:
    add(store, 1, "the old harbour")
    assert meant(store, said) == offered


@pytest.mark.parametrize(
    "said",
    ['"harbuor"', "“harbuor”", "«harbuor»", "'harbuor'", "HARBUOR", "harbuor-7", "harbuor2", "4711", "a.harbuor"],
)
def test_codes_numbers_capitals_and_what_stands_in_quotes_are_left_alone(store: SqliteStore, said: str) -> None:
    add(store, 1, "the old harbour 4710")
    assert meant(store, f"the {said} of") == []


def test_a_suggestion_says_what_it_changed(store: SqliteStore) -> None:
    add(store, 1, "invoice harbour")
    spelling = Spelling(OWNER, store, None)
    (one,) = spelling.suggestions("Invoce for the harbuor, please", None) or (None,)
    assert one == Suggestion(
        words="Invoice for the harbour, please", changed=(("Invoce", "Invoice"), ("harbuor", "harbour"))
    )


def test_the_word_of_more_texts_comes_first_and_the_librarys_before_a_common_one(store: SqliteStore) -> None:
    add(store, 1, "hose")
    add(store, 2, "home hose")
    assert meant(store, "hoze") == ["hose", "home"]
    assert meant(store, "hore") == ["hose", "home", "horse"]


def test_a_word_that_others_keep_is_neither_known_nor_offered(store: SqliteStore) -> None:
    add(store, 1, "harbour", Scope(tenant="local", principals=frozenset({"somebody else"})))
    assert meant(store, "harbuor") == []
    add(store, 2, "harboar")
    assert meant(store, "harbour") == ["harboar"]


def test_a_question_in_another_language_is_offered_no_english_words(store: SqliteStore) -> None:
    assert meant(store, "böat photogarph") == []
    add(store, 1, "schöne Boote")
    assert meant(store, "schönne Hund") == ["schöne Hund"]


def test_many_unknown_words_are_no_slips(store: SqliteStore) -> None:
    add(store, 1, "harbour")
    assert meant(store, " ".join(["harbuor"] * MOST_UNKNOWN)) != []
    assert meant(store, " ".join(["harbuor"] * (MOST_UNKNOWN + 1))) == []


def test_words_are_taken_where_they_stand() -> None:
    assert [(word.written, word.start, word.end) for word in correctable("An old boat. (Harbour)!")] == [
        ("boat", 7, 11),
        ("Harbour", 14, 21),
    ]


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("boat", "boat", 0), ("boat", "baot", 1), ("boat", "bat", 1), ("boat", "boart", 1), ("boat", "coat", 1),
     ("ab", "ba", 1), ("boat", "", 4), ("abcd", "badc", 2), ("größe", "grösse", 2)],
)  # fmt: skip
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert slips_between(one, [other, "x" * 9])[0] == slips
