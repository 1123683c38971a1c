"""An arranger that is late or fails costs no search."""

from collections.abc import Callable, Sequence

import pytest

from sensorium.core.budgets import OutOfTime
from sensorium.core.candidates import Ranked
from sensorium.core.queries import Query
from sensorium.core.trace import FAILED, LATE, LeftOut
from sensorium.search.arranging.careful import Careful
from sensorium.testing.lists import asked, keys, ranked

HITS = [ranked(number) for number in (1, 2, 3)]


class Doing:
    """An arranger that does what it is told."""

    name = "doing"

    def __init__(self, do: Callable[[Sequence[Ranked]], list[Ranked]]) -> None:
        self.do = do

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        return self.do(hits)


def raising(error: Exception) -> Callable[[Sequence[Ranked]], list[Ranked]]:
    def do(hits: Sequence[Ranked]) -> list[Ranked]:
        raise error

    return do


def test_another_order_is_taken() -> None:
    careful = Careful(Doing(lambda hits: list(reversed(hits))))
    assert (keys(careful.arrange(asked(), HITS)), careful.left_out) == ([3, 2, 1], [])


def test_what_is_late_leaves_the_order_and_is_told() -> None:
    careful = Careful(Doing(raising(OutOfTime())))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert careful.left_out == [LeftOut(name="doing", why=LATE)]


def test_what_raises_is_told_by_the_class_of_its_error_alone() -> None:
    careful = Careful(Doing(raising(RuntimeError("a secret"))))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert careful.left_out == [LeftOut(name="doing", why=FAILED, error="RuntimeError")]


@pytest.mark.parametrize("brought", [[HITS[0], HITS[0]], [HITS[0], ranked(9)], None])
def test_hits_that_come_twice_or_were_never_there_are_no_order(brought: list[Ranked]) -> None:
    careful = Careful(Doing(lambda hits: brought))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert [left.why for left in careful.left_out] == [FAILED]


def test_hits_may_be_left_out() -> None:
    assert keys(Careful(Doing(lambda hits: list(hits[:1]))).arrange(asked(), HITS)) == [1]


def test_what_lies_deeper_stands_as_it_was_found() -> None:
    careful = Careful(Doing(lambda hits: list(reversed(hits))))
    careful.arrange(asked(), HITS)
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
