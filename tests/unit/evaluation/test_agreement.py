"""Which pictures show the same, by their captions."""

import numpy as np

from sensorium.evaluation.agreement import agreeing, agreement

CAPTIONS = ("a dog runs", "a brown dog", "a cat sleeps", "the dog runs fast", "snow")
DESCRIBED = (0, 0, 1, 2, 3)


def test_a_picture_agrees_with_itself_and_no_picture_more_with_another() -> None:
    likeness = agreement(CAPTIONS, DESCRIBED)
    assert np.allclose(likeness, likeness.T)
    assert np.allclose(np.diag(likeness)[:4], 1)
    assert likeness.max() <= 1 + 1e-9


def test_shared_words_count_and_words_of_everybody_do_not() -> None:
    likeness = agreement(CAPTIONS, DESCRIBED)
    assert likeness[0, 2] > 0.2
    assert likeness[0, 3] == 0
    assert agreement(("a dog", "a cat"), (0, 1))[0, 1] == 0


def test_a_picture_without_a_telling_word_agrees_with_none() -> None:
    assert agreement(("a", "a"), (0, 1)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_share_of_pairs_that_agree_most_is_found_both_ways_round() -> None:
    found = agreeing(CAPTIONS, DESCRIBED, share=0.17)
    assert np.argwhere(found).tolist() == [[0, 2], [2, 0]]


def test_a_lone_picture_agrees_with_none() -> None:
    assert not agreeing(("a dog",), (0,), share=0.5).any()
