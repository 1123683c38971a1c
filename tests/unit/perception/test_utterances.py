"""Words into sentences."""

import pytest

from sensorium.perception.utterances import Word, ends_sentence, sentences


def said(*texts, length=0.5, gap=0.0):
    return [
        Word(text=text, start=n * (length + gap), end=n * (length + gap) + length, confidence=0.5)
        for n, text in enumerate(texts)
    ]


def texts(words, language="en"):
    return [utterance.text for utterance in sentences(words, language)]


def test_a_sentence_ends_at_its_mark():
    assert texts(said(" Go", " on.", " Who?", " Me!")) == ["Go on.", "Who?", "Me!"]


def test_titles_initials_and_numbers_end_none():
    assert texts(said(" Mr.", " J.", " Hale", " has", " 3.", " cats.")) == ["Mr. J. Hale has 3. cats."]


@pytest.mark.parametrize("word", ["终。", "何？", " क्या।", ' "so."', " wait…"])
def test_marks_of_other_scripts_and_quotes_end_one(word):
    assert ends_sentence(word)


def test_words_without_spaces_stay_together():
    assert texts(said("今日", "は", "晴れ。"), "ja") == ["今日は晴れ。"]


def test_a_long_pause_ends_a_sentence_without_a_mark():
    words = [*said(" one", " two"), Word(text=" three", start=9.0, end=9.5, confidence=1.0)]
    assert [utterance.seconds for utterance in sentences(words, "en")] == [(0.0, 1.0), (9.0, 9.5)]


def test_a_sentence_that_does_not_end_is_cut_at_its_longest_pause():
    words = [
        Word(text=f" w{n}", start=n + (0.4 if n >= 30 else 0.0), end=n + 0.9 + (0.4 if n >= 30 else 0.0), confidence=1)
        for n in range(50)
    ]
    parts = sentences(words, "en")
    assert [len(part.words) for part in parts] == [30, 20]
    assert all(part.seconds[1] - part.seconds[0] <= 30 for part in parts)


def test_every_word_is_in_one_sentence_in_order():
    words = said(*[f" w{n}" + "." * (n % 7 == 0) for n in range(200)])
    assert [word for part in sentences(words, "en") for word in part.words] == words


def test_confidence_is_the_mean_of_the_words():
    words = [Word(text=" a", start=0, end=1, confidence=0.2), Word(text=" b.", start=1, end=2, confidence=0.8)]
    assert sentences(words, "en")[0].confidence == 0.5


def test_nothing_said_is_no_sentence():
    assert sentences([], "en") == ()
    assert sentences(said(" ", "  "), "en") == ()
