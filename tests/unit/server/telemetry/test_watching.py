"""The index is looked at now and then, and its figures are told."""

from __future__ import annotations

import io

import pytest

from sensorium.core.errors import SpaceMismatch
from sensorium.core.reports import IndexFigures
from sensorium.present.figures import read_figures, read_gauges
from sensorium.server.telemetry.logs import Journal
from sensorium.server.telemetry.metrics import Metrics
from sensorium.server.telemetry.watching import EVERY_SECONDS, IndexWatch

from ..conftest import Desk

FIGURES = IndexFigures(space_id="s", vectors=10, asked=4, recall=0.75, deleted_share=0.5, lag=1, file_lag=3)


class World:
    """A library that changes, and a clock."""

    def __init__(self) -> None:
        self.generation = 1
        self.now = 0.0
        self.told: list[IndexFigures] = []
        self.log = io.StringIO()
        self.fails = False

    def measure(self) -> IndexFigures:
        if self.fails:
            raise SpaceMismatch("another model", subject="/secret")
        return FIGURES

    def watch(self) -> IndexWatch:
        clock = lambda: self.now  # noqa: E731
        return IndexWatch(self.measure, lambda: self.generation, self.told.append, Journal(self.log), clock)


@pytest.fixture
def world() -> World:
    return World()


def test_it_looks_once_and_again_when_the_library_has_changed_and_a_while_went_by(world: World) -> None:
    watch = world.watch()
    watch.look()
    watch.look()
    assert len(world.told) == 1
    world.generation += 1
    assert not watch.is_due
    world.now += EVERY_SECONDS
    watch.look()
    assert len(world.told) == 2


def test_a_library_that_does_not_change_is_not_looked_at_again(world: World) -> None:
    watch = world.watch()
    watch.look()
    world.now += 10 * EVERY_SECONDS
    assert not watch.is_due


def test_what_fails_is_logged_by_its_code_alone(world: World) -> None:
    world.fails = True
    world.watch().look()
    assert world.told == []
    assert "space-mismatch" in world.log.getvalue()
    assert "/secret" not in world.log.getvalue()


def test_the_figures_are_gauges() -> None:
    metrics = Metrics()
    metrics.indexed(FIGURES)
    assert dict(read_gauges(metrics.text().decode())) == {
        "index vectors": "10",
        "index recall": "0.75",
        "index deleted share": "0.5",
        "index lag": "1",
        "index file lag": "3",
    }


def test_a_server_tells_of_its_index(own: Desk) -> None:
    own.client.get("/metrics")  # begins a look, since there was none yet
    own.client.app.state.service.watch.end()  # type: ignore[attr-defined]
    told = dict(read_gauges(own.client.get("/metrics").text))
    assert (told["index vectors"], told["index recall"], told["index lag"]) == ("3", "1", "0")


def test_each_route_of_a_search_and_its_stages_are_timed(own: Desk) -> None:
    own.client.post("/v1/search", json={"text": "red"})
    figures = read_figures(own.client.get("/metrics").text)
    assert {"within: route image", "within: route text", "stage recall", "POST /v1/search"} <= set(figures)
    assert figures["within: route image"].count == 1
