"""Word errors and errors about persons, counted by hand."""

import math

import numpy as np
import pytest

from sensorium.evaluation.speakers import coverage, equal_error, purity
from sensorium.evaluation.speech import Errors, corpus_word_error_rate, normalised, word_error_rate, word_errors


@pytest.mark.parametrize(
    ("heard", "errors"),
    [
        ("a b c d", (0, 0, 0)),
        ("a x c d", (1, 0, 0)),
        ("a c d", (0, 1, 0)),
        ("a b c d e", (0, 0, 1)),
        ("", (0, 4, 0)),
        ("x a b d", (0, 1, 1)),
    ],
)
def test_the_fewest_errors_are_counted_by_kind(heard, errors):
    found = word_errors("a b c d", heard)
    assert (found.substituted, found.deleted, found.inserted) == errors


def test_marks_and_capitals_are_no_errors():
    assert word_error_rate("dont stop its o'clock", "Dont stop: its O’Clock!") == 0


def test_figures_are_not_words():
    assert word_error_rate("seven cats", "7 cats") == 0.5


def test_letters_of_other_scripts_are_words():
    assert normalised("Ärger, naïve — Прага 2") == ["ärger", "naïve", "прага", "2"]


def test_the_rate_can_be_above_one():
    assert word_error_rate("a", "b c d") == 3


def test_of_no_words_it_is_infinite_unless_nothing_was_heard():
    assert word_error_rate("", "") == 0
    assert math.isinf(word_error_rate("...", "thank you"))


def test_long_utterances_count_for_more():
    errors = [word_errors("a " * 9, "a " * 9), word_errors("a", "b")]
    assert corpus_word_error_rate(errors).mean == pytest.approx(0.1)


def test_the_interval_is_the_same_each_time_and_holds_the_mean():
    errors = [Errors(substituted=n % 3, deleted=0, inserted=0, words=10) for n in range(50)]
    found = corpus_word_error_rate(errors, seed=1)
    assert found.low < found.mean < found.high
    assert found == corpus_word_error_rate(errors, seed=1)


@pytest.mark.parametrize("errors", [[], [word_errors("", "a")]])
def test_without_words_there_is_no_rate(errors):
    with pytest.raises(ValueError, match="at least one"):
        corpus_word_error_rate(errors)


def test_likenesses_that_do_not_overlap_have_no_equal_error():
    found = equal_error(np.array([0.8, 0.9]), np.array([0.1, 0.2, 0.3]))
    assert found.rate == 0
    assert 0.3 < found.threshold <= 0.8


def test_likenesses_that_are_mixed_up_have_an_equal_error_of_a_half():
    mixed = np.linspace(0, 1, 101)
    assert equal_error(mixed, mixed).rate == pytest.approx(0.5, abs=0.01)


def test_one_cluster_of_two_people_is_impure_and_covers_them():
    assert (purity([0, 0, 0, 0], ["a", "a", "b", "b"]), coverage([0, 0, 0, 0], ["a", "a", "b", "b"])) == (0.5, 1)


def test_a_cluster_for_each_utterance_is_pure_and_covers_little():
    assert (purity([0, 1, 2, 3], ["a", "a", "b", "b"]), coverage([0, 1, 2, 3], ["a", "a", "b", "b"])) == (1, 0.5)
