"""Work ahead in another thread: order, errors, bounds, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from sensorium.ingest.ahead import ahead


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "sensorium-read"]


def test_every_value_comes_in_order_and_the_thread_ends() -> None:
    assert list(ahead(range(100), places=3)) == list(range(100))
    assert not readers()


def test_values_are_made_in_another_thread() -> None:
    made_in = list(ahead((threading.current_thread().name for _ in range(1)), places=1))
    assert made_in == ["sensorium-read"]


def test_no_more_values_wait_than_there_are_places() -> None:
    made: list[int] = []

    def count() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with closing(ahead(count(), places=5)) as values:
        for value in values:
            assert len(made) <= value + 7
            if value == 20:
                break


def test_the_next_value_is_made_while_this_one_is_used() -> None:
    second_is_made = threading.Event()

    def two() -> Iterator[int]:
        yield 1
        second_is_made.set()
        yield 2

    with closing(ahead(two(), places=1)) as values:
        next(values)
        assert second_is_made.wait(10)


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt()])
def test_an_error_comes_after_the_values_before_it(error: BaseException) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise error

    values = ahead(broken(), places=1)
    assert next(values) == 1
    with pytest.raises(type(error)):
        next(values)
    assert not readers()


@pytest.mark.parametrize("taken", range(4))
@pytest.mark.parametrize("length", range(6))
@pytest.mark.parametrize("places", [1, 2])
def test_leaving_early_ends_the_thread(taken: int, length: int, places: int) -> None:
    with closing(ahead(range(length), places)) as values:
        for _ in zip(range(taken), values, strict=False):
            pass
    assert not readers()


def test_an_error_of_the_user_of_the_values_ends_the_thread() -> None:
    with pytest.raises(ZeroDivisionError), closing(ahead(range(10), places=2)) as values:
        1 / next(values)
    assert not readers()
