"""What is remembered is bounded, and gone when the store changes."""

from __future__ import annotations

import numpy as np

from sensorium.core.remembering import UntilChanged
from sensorium.core.spaces import Keys


class Maker:
    """Makes sets of one length, and counts how often."""

    def __init__(self, length: int) -> None:
        self.length, self.made = length, 0

    def __call__(self) -> Keys:
        self.made += 1
        return np.arange(self.length)


def test_a_set_is_made_once_a_generation() -> None:
    sets, make = UntilChanged(len), Maker(3)
    for generation in (1, 1, 2, 2):
        sets.at(generation, "a", make)
    assert make.made == 2


def test_the_longest_unused_goes_first() -> None:
    sets, make = UntilChanged(len, most=30), Maker(10)
    for name in ("a", "b", "c", "a", "d"):
        sets.at(1, name, make)
    assert make.made == 4
    sets.at(1, "a", make)
    assert make.made == 4, "asked for lately, so it was kept"
    sets.at(1, "b", make)
    assert make.made == 5, "the one that made room"


def test_empty_sets_are_bounded_too() -> None:
    sets, make = UntilChanged(len, values=2), Maker(0)
    for name in "abca":
        sets.at(1, name, make)
    assert make.made == 4


def test_a_set_that_is_too_large_is_given_and_not_kept() -> None:
    sets, make = UntilChanged(len, most=100), Maker(200)
    assert len(sets.at(1, "a", make)) == len(sets.at(1, "a", make)) == 200
    assert make.made == 2


def test_what_was_made_while_the_store_changed_is_not_remembered() -> None:
    sets, late = UntilChanged(len), Maker(1)

    def overtaken() -> Keys:
        sets.at(2, "other", late)
        return np.arange(5)

    sets.at(1, "a", overtaken)
    assert len(sets.at(2, "a", late)) == 1
