from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.readers.chunking import chunk

WORDS = st.sampled_from(
    ["a", "word", "longerword", " ", "  ", "\n", "\n\n", ". ", "! ", "。", "# Head", "\n# Head\n", "🎈", "\t"]
)
TEXTS = st.lists(WORDS, max_size=200).map("".join) | st.text(max_size=300)
SIZES = st.integers(1, 60).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size // 2)))


@given(TEXTS, SIZES)
def test_every_character_but_white_space_is_in_a_chunk(text: str, sizes: tuple[int, int]) -> None:
    covered = {i for start, end in chunk(text, characters=sizes[0], overlap=sizes[1]) for i in range(start, end)}
    assert {i for i, character in enumerate(text) if not character.isspace()} <= covered


@given(TEXTS, SIZES)
def test_chunks_are_short_solid_and_move_on(text: str, sizes: tuple[int, int]) -> None:
    characters, overlap = sizes
    intervals = list(chunk(text, characters=characters, overlap=overlap))
    for start, end in intervals:
        assert 0 < end - start <= characters
        assert text[start:end] == text[start:end].strip()
    for before, after in itertools.pairwise(intervals):
        assert before[0] < after[0]
        assert before[1] < after[1]
        assert before[1] - after[0] <= overlap


@given(st.integers(1, 40), st.text("ab .\n#", max_size=3000))
def test_the_number_of_chunks_is_linear_in_the_text(quarter: int, text: str) -> None:
    characters = 4 * quarter
    assert len(list(chunk(text, characters=characters, overlap=characters // 2))) <= len(text) / quarter + 1


def chunks(text: str, characters: int, overlap: int = 0) -> list[str]:
    return [text[start:end] for start, end in chunk(text, characters=characters, overlap=overlap)]


def test_a_short_text_is_one_chunk() -> None:
    assert chunks("  short\n", 100) == ["short"]


def test_a_cut_prefers_a_heading_to_a_paragraph() -> None:
    text = "An intro that takes some room.\n# Second\nMore.\n\nLast words."
    assert chunks(text, 50) == ["An intro that takes some room.", "# Second\nMore.\n\nLast words."]


def test_a_cut_prefers_a_paragraph_to_a_sentence() -> None:
    assert chunks("One is here.\n\nTwo is. Three is not", 25)[0] == "One is here."


def test_a_cut_prefers_a_sentence_to_a_word() -> None:
    assert chunks("The first one ends. The second goes on", 30)[0] == "The first one ends."


def test_japanese_is_cut_behind_its_full_stop() -> None:
    assert chunks("今日は晴れ。" * 4, 10) == ["今日は晴れ。"] * 4


def test_words_are_not_cut_where_there_is_space() -> None:
    words = " ".join(f"word{number}" for number in range(200))
    assert all(re.fullmatch(r"(word\d+ ?)+", part) for part in chunks(words, 50, 20))


def test_neighbours_share_their_border() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    first, second = chunks(text, 100, 30)[:2]
    assert first.split()[-1] in second.split()


def test_nothing_is_shared_across_a_heading() -> None:
    text = "Some words of the first part.\n# Second part\n" + "Words. " * 10
    assert chunks(text, 50, 20)[1].startswith("# Second part")


def test_a_text_without_a_space_is_cut_all_the_same() -> None:
    assert [len(part) for part in chunks("x" * 1000, 100, 10)][:3] == [100, 100, 100]


@pytest.mark.parametrize("filling", ["x", " ", "x ", "\n", "# ", ". ", "#" * 50 + " "])
def test_four_million_characters_are_no_matter(filling: str) -> None:
    text = "a" + filling * (4_000_000 // len(filling)) + "z"
    assert sum(1 for _ in chunk(text, characters=800, overlap=400)) <= len(text) / 200


def test_random_texts_of_structure_end() -> None:
    chance = random.Random(1)
    text = "".join(chance.choices([" ", "\n", "\n\n", ".", "word", "# "], k=50_000))
    assert chunks(text, 20_000, 10_000)


@pytest.mark.parametrize(("characters", "overlap"), [(0, 0), (10, 6), (10, -1)])
def test_lengths_that_do_not_fit_are_refused(characters: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="do not go together"):
        list(chunk("text", characters=characters, overlap=overlap))
