"""What the routes and the closer looks of a search took."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sensorium.core.budgets import Budget, OutOfTime
from sensorium.core.items import Modality
from sensorium.search.searcher import took


def recall(modality: Modality, seconds: float) -> SimpleNamespace:
    return SimpleNamespace(route=SimpleNamespace(modality=modality), seconds=seconds)


def test_routes_of_a_modality_are_added_up_and_looks_are_told_by_their_names() -> None:
    budget = Budget(clock=iter([0.0, 1.0, 1.0, 1.5]).__next__)
    with budget.charged("late image"):
        pass
    with budget.charged("late image"):
        pass
    recalls = [recall(Modality.IMAGE, 2.0), recall(Modality.TEXT, 3.0), recall(Modality.IMAGE, 0.5)]
    stages = took(recalls, budget)  # type: ignore[arg-type]
    assert {stage.name: stage.seconds for stage in stages} == {
        "route image": 2.5,
        "route text": 3.0,
        "look late image": 1.5,
    }


def test_what_was_not_begun_takes_no_time() -> None:
    budget = Budget(seconds=1.0, spent=1.0)
    with pytest.raises(OutOfTime):
        with budget.charged("late image"):
            pass
    assert budget.took == {}
