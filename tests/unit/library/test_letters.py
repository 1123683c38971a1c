"""What is found by the letter: phrases, beginnings, codes and names of files, over the real store and index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sensorium
from sensorium import Scope
from sensorium.core.settings import Settings
from sensorium.library import Library
from sensorium.testing.pictures import write_png

TEXTS = {
    "invoice-a.txt": "Invoice INV-2024-0917 from Hartmann for a fire door, to be paid in May.",
    "invoice-b.txt": "Invoice INV-2024-0971 from Hartmann for a garden door and a fire hose.",
    "invoice-c.txt": "Invoice INV-2023-0917 from Novak; the door was late.",
    "minutes.txt": "Minutes of the meeting: whether to be or not to be a member was not decided.",
    "report-2023.txt": "Revenue grew, as it did the year before.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("letters")
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    for number in range(2040, 2045):
        write_png(folder / f"IMG_{number}.png", (number % 256, 20, 20))
    with sensorium.open(folder / "library", settings=Settings(writing=0, speech=0, threads=1)) as opened:
        opened.add(*(folder / name for name in TEXTS), *folder.glob("*.png"))
        yield opened


def found(library: Library, text: str, **said: Any) -> list[str]:
    return [Path(hit.path).name for hit in library.search(text, **said)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("INV-2024-0917", "invoice-a.txt"),
        ("inv-2024-0971", "invoice-b.txt"),
        ("what was paid for INV-2023-0917?", "invoice-c.txt"),
        ("Hartmann and the invoice inv-2024-0917 of May", "invoice-a.txt"),
    ],
)
def test_a_code_is_found_by_its_letters(library: Library, question: str, first: str) -> None:
    assert found(library, question)[0] == first


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ('"fire door"', "invoice-a.txt"),
        ('"garden door" Hartmann', "invoice-b.txt"),
        ("“not to be a member”", "minutes.txt"),
        ('"to be or not to be"', "minutes.txt"),
        ("„the door was late“", "invoice-c.txt"),
    ],
)
def test_a_phrase_in_quotation_marks_is_found_as_it_stands(library: Library, question: str, first: str) -> None:
    assert found(library, question)[0] == first


def test_words_of_a_phrase_that_do_not_stand_together_are_no_phrase(library: Library) -> None:
    looks = library.search('"fire door"', modalities=["text"])
    held = {Path(hit.path).name for hit in looks if hit.matches}
    assert held == {"invoice-a.txt"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("INV-2024*", {"invoice-a.txt", "invoice-b.txt"}),
        ("hartm*", {"invoice-a.txt", "invoice-b.txt"}),
        ("reven*", {"report-2023.txt"}),
    ],
)
def test_the_beginning_of_a_word_finds_all_that_begin_so(library: Library, question: str, expected: set[str]) -> None:
    assert set(found(library, question, modalities=["text"])[: len(expected)]) == expected


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("IMG_2042.png", "IMG_2042.png"),
        ("img_2043.PNG", "IMG_2043.png"),
        ("IMG_2041", "IMG_2041.png"),
        ("show me IMG_2044.png please", "IMG_2044.png"),
        ("report-2023.txt", "report-2023.txt"),
        ("the report-2023", "report-2023.txt"),
    ],
)
def test_a_file_is_found_by_its_name(library: Library, question: str, first: str) -> None:
    [hit, *_] = library.search(question)
    assert Path(hit.path).name == first
    assert [rule.name for rule in hit.rules if rule.name.startswith("file name")]


def test_a_file_that_is_named_keeps_the_score_that_it_has(library: Library) -> None:
    named = library.search("IMG_2042.png", k=10)
    plain = {hit.piece.id: hit.score for hit in library.search("IMG_2042.png", k=10, where="file != 'IMG_2042.png'")}
    assert all(hit.score == plain.get(hit.piece.id, hit.score) for hit in named)


def test_a_name_is_looked_for_where_the_question_looks(library: Library) -> None:
    assert "IMG_2042.png" not in found(library, "IMG_2042.png", modalities=["text"])


def test_a_name_that_nobody_has_changes_nothing(library: Library) -> None:
    assert not any(hit.rules for hit in library.search("www.example.com and a red door"))


def test_a_word_that_only_begins_a_name_is_no_name_beside_other_words(library: Library) -> None:
    assert not any(hit.rules for hit in library.search("is IMG_2042 nice and warm?"))


def test_who_may_not_see_a_file_does_not_find_it_by_its_name(library: Library) -> None:
    stranger = library.seen_by(Scope(tenant="local", principals=frozenset({"user:stranger"})))
    assert list(stranger.search("IMG_2042.png")) == []
    assert list(stranger.search("INV-2024-0917")) == []
