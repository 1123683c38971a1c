"""In which language a question is put."""

from __future__ import annotations

import pytest

from sensorium.search.wording.tongue import language_of


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("two dogs in the snow", "en"),
        ("zwei Hunde spielen im Schnee", "de"),
        ("deux chiens jouent dans la neige", "fr"),
        ("dva psi si hrají ve sněhu", "cs"),
        ("dos perros en la nieve", "es"),
        ("due cani nella neve con una palla", "it"),
        ("twee honden in het gras", "nl"),
        ("dois cães na areia com uma bola", "pt"),
        ("dwa psy w śniegu", "pl"),
        ("två hundar i snön", "sv"),
        ("собака в снегу", "ru"),
        ("собаки їдять", "uk"),
        ("σκύλος στο χιόνι", "el"),
        ("雪の中の犬", "ja"),
        ("雪中的狗", "zh"),
        ("눈 속의 개", "ko"),
        ("كلب في الثلج", "ar"),
        ("سگ در برف پاک", "fa"),
        ("כלב בשלג", "he"),
        ("สุนัขในหิมะ", "th"),
        ("बर्फ में कुत्ता", "hi"),
        ("INV-2024-0917", None),
        ("42", None),
        ("", None),
        ("Szymborska", None),
    ],
)
def test_languages_are_told_by_letters_and_small_words(said: str, language: str | None) -> None:
    assert language_of(said) == language


def test_english_without_small_words_is_told_by_its_odds() -> None:
    assert language_of("red car", lambda text: 7.0) == "en"
    assert language_of("red car", lambda text: 1.0) is None
    assert language_of("rotes Auto", lambda text: -10.0) is None


def test_odds_against_english_outweigh_its_small_words() -> None:
    assert language_of("die in was an", lambda text: -5.0) == "de"


def test_a_draw_is_not_decided() -> None:
    assert language_of("un en") is None
