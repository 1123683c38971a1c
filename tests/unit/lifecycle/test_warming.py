"""What is done before the first question."""

from __future__ import annotations

import pytest

from sensorium.lifecycle.warming import in_turn


def test_each_step_is_timed_and_told_of_as_it_ends() -> None:
    told: list[tuple[str, float]] = []
    done: list[str] = []
    clock = iter([0.0, 2.0, 5.0, 5.5]).__next__
    steps = {"model": lambda: done.append("model"), "index": lambda: done.append("index")}
    in_turn(steps, lambda step, seconds: told.append((step, seconds)), clock)
    assert done == ["model", "index"]
    assert told == [("model", 2.0), ("index", 0.5)]


def test_what_a_step_raises_ends_it() -> None:
    told: list[str] = []

    def broken() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        in_turn({"model": broken, "index": dict}, lambda step, seconds: told.append(step))
    assert told == []
