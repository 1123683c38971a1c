"""What the encoder that ships knows of words and languages."""

from __future__ import annotations

import pytest

from sensorium.core.items import Modality
from sensorium.encoders.compact import CompactEncoder


@pytest.fixture(scope="module")
def encoder() -> CompactEncoder:
    return CompactEncoder.load(threads=1)


@pytest.mark.parametrize(
    "word", ["umbrella", "umbrellas", "hiker", "puppies", "hopping", "snowboarder", "harbour", "harbor"]
)
def test_words_their_forms_and_compounds_are_known(encoder: CompactEncoder, word: str) -> None:
    assert encoder.knows_word(word)


@pytest.mark.parametrize("word", ["umbrelas", "photograqh", "imddle", "xyzzy", "hund"])
def test_slips_and_foreign_words_are_not(encoder: CompactEncoder, word: str) -> None:
    assert not encoder.knows_word(word)


@pytest.mark.parametrize("word", ["hund", "chien"])
def test_words_of_other_languages_are_known_where_they_are_asked_for(encoder: CompactEncoder, word: str) -> None:
    assert encoder.knows_word(word, english=False)
    assert not encoder.knows_word(word + "xq", english=False)


def test_common_words_come_by_beginning_and_length_the_most_frequent_first(encoder: CompactEncoder) -> None:
    words = encoder.common_words_like("ha", (4, 5))
    assert words.index("have") < words.index("haven")
    assert all(word.startswith("ha") and 4 <= len(word) <= 5 for word in words)
    assert encoder.common_words_like("é", (4, 5)) == []


def test_english_has_the_better_odds_in_english(encoder: CompactEncoder) -> None:
    assert encoder.english_odds("two dogs in the snow") > 0 > encoder.english_odds("zwei Hunde im Schnee")


def test_every_row_of_a_question_has_its_characters(encoder: CompactEncoder) -> None:
    for text in ("a red umbrella on the beach.", "ein Hund im Schnee"):
        _, details = encoder.encode_detailed(Modality.TEXT, [text], "query")
        spans = encoder.row_spans(text)
        assert details is not None
        assert len(spans) == len(details[0])
        assert {"umbrella", "Hund"} & {text[start:end].strip() for start, end in spans}
