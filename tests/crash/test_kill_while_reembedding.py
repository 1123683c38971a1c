"""kill -9 while the encoder changes, and while it goes back: searches are by one whole space, and the work goes on."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sensorium.testing.programs import loaded

KILLED = -signal.SIGKILL
PROGRAM = Path(__file__).with_name("reembed_world.py")
SAMPLE = 10
"""Points of the fill that the ordinary run kills at, besides all of the switch."""


@pytest.fixture(scope="session")
def changing(world: ModuleType) -> ModuleType:
    """The module `reembed_world.py`, over the same `world.py` as all tests here."""
    assert sys.modules["crash_world"] is world
    return loaded("crash_reembed_world", PROGRAM)


@pytest.fixture(scope="session")
def nursery_of_changes(nursery) -> Iterator[Any]:
    """As `nursery`, for changes of the encoder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", str(PROGRAM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield type(nursery)(process)
        process.stdin.close()


@dataclass(frozen=True)
class Change:
    """A change from one space to another. points: each named point and how often it passes."""

    changing: ModuleType
    folder: str
    origin: Path
    library: Path
    before: Any
    after: Any
    points: list[tuple[str, int]]

    @property
    def of_the_switch(self) -> list[tuple[str, int]]:
        """The points from the first write of the index on."""
        first = next(n for n, (point, _) in enumerate(self.points) if not point.startswith("embed"))
        return self.points[first:]

    def job(self, **how: Any) -> Any:
        world = self.changing.world
        world.copy_library(self.origin, self.library)
        return world.Job(library=str(self.library), folder=self.folder, **how)

    def check(self) -> None:
        """What must hold after a kill, and that the same command completes what was begun."""
        found = self.changing.check_killed(self.library, self.before, self.after)
        report = self._run()
        assert report.switched == (found.active != self.after.active)
        assert self.changing.look(self.library) == self.after
        again = self._run()
        assert (again.pieces, again.switched) == (0, False)

    def _run(self) -> Any:
        job = self.changing.world.Job(library=str(self.library), folder=self.folder)
        return self.changing.run(job, lambda line: None, lambda point: None)


@pytest.fixture(scope="session", params=["over", "back"])
def change(request: pytest.FixtureRequest, changing: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Change:
    """From the first encoder to another, and back after something was added in between."""
    world, base = changing.world, tmp_path_factory.mktemp(request.param)
    files, origin = base / "files", base / "origin"
    world.make_folder(files)
    world.run(world.Job(library=str(origin), folder=str(files)), lambda line: None, lambda point: None)
    folder = "" if request.param == "over" else changing.BACK
    if request.param == "back":
        changing.run(world.Job(library=str(origin), folder=""), lambda line: None, lambda point: None)
        _lose_some(origin, world.ENCODER.space.id)
    before = changing.look(world.copy_library(origin, base / "before"))
    library = world.copy_library(origin, base / "library")
    counted: Counter[str] = Counter()
    points: list[tuple[str, int]] = []

    def passed(point: str) -> None:
        counted[point] += 1
        points.append((point, counted[point]))

    assert changing.run(world.Job(library=str(library), folder=folder), lambda line: None, passed).switched
    return Change(changing, folder, origin, library, before, changing.look(library), points)


def _lose_some(library: Path, space_id: str) -> None:
    """Takes vectors out of the earlier space, as if these pieces had been added since the switch."""
    with closing(sqlite3.connect(library / "store.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        number, horizon = database.execute(
            "SELECT number, generation FROM spaces, library WHERE spaces.id = ?", (space_id,)
        ).fetchone()
        database.execute("DELETE FROM vectors WHERE space = ? AND piece % 3 = 0", (number,))
        database.execute("DELETE FROM stamps WHERE space = ?", (number,))
        database.execute("UPDATE spaces SET horizon = ? WHERE number = ?", (horizon, number))


def test_there_are_points_before_in_and_after_every_transaction(change: Change) -> None:
    names = {point for point, _ in change.points}
    assert {"embed:begin", "embed:before", "embed:after"} <= names
    assert {"switch:begin", "switch:before", "switch:after", "index:written", "index:renamed"} <= names
    assert sum(point == "embed:before" for point, _ in change.points) >= 2


def test_killed_in_the_switch(change: Change, nursery_of_changes) -> None:
    for point, nth in change.of_the_switch:
        _, status = nursery_of_changes.kill(change.job(point=point, nth=nth))
        assert status == KILLED, (point, nth)
        change.check()


def test_killed_at_some_points_of_the_filling(change: Change, nursery_of_changes) -> None:
    filling = [point for point in change.points if point not in change.of_the_switch]
    kill_at(change, nursery_of_changes, random.Random(0).sample(filling, min(SAMPLE, len(filling))))


@pytest.mark.long
def test_killed_at_every_point(change: Change, nursery_of_changes) -> None:
    kill_at(change, nursery_of_changes, change.points)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_it_ends_as_if_it_had_not_been(change: Change, nursery_of_changes, seed: int) -> None:
    chance = random.Random(seed)
    job = change.job()
    for _ in range(6):
        point = chance.choice(["embed:begin", "embed:before", "embed:after"])
        again = type(job)(library=job.library, folder=job.folder, point=point, nth=chance.randint(1, 2))
        _, status = nursery_of_changes.kill(again)
        assert status in (0, KILLED)
        change.changing.check_killed(change.library, change.before, change.after)
    change.check()


def kill_at(change: Change, nursery: Any, points: list[tuple[str, int]]) -> None:
    for point, nth in points:
        _, status = nursery.kill(change.job(point=point, nth=nth))
        assert status == KILLED, (point, nth)
        change.check()


# -- can these tests fail? -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["over"], indirect=True)
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE library SET active = (SELECT max(number) FROM spaces)",
        "DELETE FROM vectors WHERE id = (SELECT min(id) FROM vectors)",
        "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE id = (SELECT max(id) FROM vectors)",
        "DELETE FROM pieces WHERE key = (SELECT max(key) FROM pieces)",
    ],
)
def test_a_library_that_was_damaged_by_a_kill_is_caught(change: Change, nursery_of_changes, damage: str) -> None:
    _, status = nursery_of_changes.kill(change.job(point="embed:after", nth=2))
    assert status == KILLED
    with closing(sqlite3.connect(change.library / "store.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute(damage)
    with pytest.raises((AssertionError, KeyError)):
        change.changing.check_killed(change.library, change.before, change.after)
