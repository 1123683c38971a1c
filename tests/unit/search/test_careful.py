"""An arranger that is late or fails costs no search."""

from collections.abc import Callable, Sequence

import pytest

from sensorium.core.budgets import Budget, OutOfTime
from sensorium.core.candidates import Ranked
from sensorium.core.departures import Departure
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query
from sensorium.core.scopes import Scope
from sensorium.core.trace import FAILED, LATE, LeftOut, Trace
from sensorium.search.arranging.careful import Arrangers, Careful, carefully
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


def careful_of(inner: Doing) -> Careful:
    return Careful(inner.name, inner)


def test_another_order_is_taken() -> None:
    careful = careful_of(Doing(lambda hits: list(reversed(hits))))
    assert (keys(careful.arrange(asked(), HITS)), careful.left_out) == ([3, 2, 1], [])


def test_what_is_late_leaves_the_order_and_is_told() -> None:
    careful = careful_of(Doing(raising(OutOfTime())))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert careful.left_out == [LeftOut(name="doing", why=LATE)]


def test_what_raises_is_told_by_the_class_of_its_error_alone() -> None:
    careful = careful_of(Doing(raising(RuntimeError("a secret"))))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert careful.left_out == [LeftOut(name="doing", why=FAILED, error="RuntimeError")]


@pytest.mark.parametrize("brought", [[HITS[0], HITS[0]], [HITS[0], ranked(9)], None])
def test_hits_that_come_twice_or_were_never_there_are_no_order(brought: list[Ranked]) -> None:
    careful = careful_of(Doing(lambda hits: brought))
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    assert [left.why for left in careful.left_out] == [FAILED]


def test_hits_may_be_left_out() -> None:
    assert keys(careful_of(Doing(lambda hits: list(hits[:1]))).arrange(asked(), HITS)) == [1]


def test_what_lies_deeper_stands_as_it_was_found() -> None:
    careful = careful_of(Doing(lambda hits: list(reversed(hits))))
    careful.arrange(asked(), HITS)
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]


class Source:
    """Where an arranger comes from; None for nothing to do."""

    def __init__(self, name: str, found: Arranger | Exception | None) -> None:
        self.name, self.found = name, found

    def arranger(self, scope: Scope, budget: Budget) -> Arranger | None:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


class Sending(Doing):
    departures = (Departure(host="a:1", piece="", medium="text", bytes=7),)


OWNER = Scope.local_owner()


def test_arrangers_come_in_the_order_of_their_names_without_those_that_have_nothing_to_do() -> None:
    same = Doing(list)
    found = carefully([Source("b", same), Source("c", None), Source("a", same)], OWNER, Budget())
    assert [one.name for one in found] == ["a", "b"]


def test_a_source_that_raises_is_told_and_costs_no_search() -> None:
    [careful] = carefully([Source("a", KeyError("secret"))], OWNER, Budget())
    trace = Trace()
    assert keys(careful.arrange(asked(), HITS)) == [1, 2, 3]
    careful.tell(trace)
    assert trace.left_out == [LeftOut(name="a", why=FAILED, error="KeyError")]


def test_what_left_the_machine_is_told() -> None:
    trace = Trace()
    Careful("a", Sending(list)).tell(trace)
    assert trace.departures == list(Sending.departures)


def test_sources_are_loaded_once_and_not_before_a_search() -> None:
    loaded: list[int] = []

    def load() -> list[Source]:
        loaded.append(1)
        return [Source("a", Doing(list))]

    arrangers = Arrangers(load, 0)
    assert loaded == []
    assert [len(arrangers(OWNER)) for _ in range(2)] == [1, 1]
    assert loaded == [1]
