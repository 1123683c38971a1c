"""Which pictures count as showing what is heard."""

import pytest

pytest.importorskip("torch")

from sensorium.training.sound.pictures import SOURCES, shown


def test_one_caption_of_several_that_speaks_of_the_source_is_not_enough() -> None:
    captions = [("A dog .", "A man .", "A street ."), ("A dog .", "Two dogs run .", "A field .")]
    assert shown(captions, ["dog bark"]).tolist() == [[False, True]]


@pytest.mark.parametrize("caption", ["Doggedly on .", "An underdog wins ."])
def test_words_that_hold_the_source_s_letters_are_not_taken_for_it(caption: str) -> None:
    assert not shown([(caption,)], ["dog bark"])[0, 0]


def test_a_sound_without_a_source_that_can_be_seen_shows_nothing() -> None:
    assert "clock tick" not in SOURCES
    assert not shown([("A clock .",)], ["clock tick"]).any()
