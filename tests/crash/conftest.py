"""Folders and libraries that adding is killed on, and the nursery that does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sensorium.core.receipts import ReceiptLine
from sensorium.testing.programs import loaded

PROGRAM = Path(__file__).with_name("world.py")


@pytest.fixture(scope="session")
def world() -> ModuleType:
    """The module `world.py`."""
    return loaded("crash_world", PROGRAM)


@dataclass
class Nursery:
    """A warm process that forks a child for each job."""

    process: subprocess.Popen[bytes]

    def kill(self, job: Any) -> tuple[list[ReceiptLine], int]:
        """Does the job as it says; returns the lines that were acknowledged, and how the child ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        self.process.stdin.flush()
        lines = []
        while "status" not in (message := json.loads(self.process.stdout.readline())):
            lines.append(ReceiptLine(**message["line"]))
        return lines, message["status"]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # one thread may fork
    command = [sys.executable, "-W", "error", str(PROGRAM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield Nursery(process)
        process.stdin.close()


@dataclass(frozen=True)
class Story:
    """An `add` that changes a library from `before` to `after`. points: each named point and how often it passes."""

    world: ModuleType
    folder: Path
    origin: Path
    library: Path
    before: Any
    after: Any
    points: list[tuple[str, int]]
    seconds: float

    @property
    def is_later(self) -> bool:
        """Whether the library held something before."""
        return bool(self.before.items)

    def job(self, **how: Any) -> Any:
        """An `add` over a new copy of the library as it was before."""
        self.world.copy_library(self.origin, self.library)
        return self.world.Job(library=str(self.library), folder=str(self.folder), **how)

    def check(self, lines: list[ReceiptLine]) -> None:
        """What must hold after a kill, and that adding again completes what was begun and then finds it complete."""
        self.world.check_killed(self.library, lines, self.before, self.after)
        self._run()
        completed = self.world.look(self.library)
        assert completed == self.after
        again = self._run()
        assert set(again.counts) <= {"known", "refused"}

    def _run(self) -> Any:
        job = self.world.Job(library=str(self.library), folder=str(self.folder))
        return self.world.run(job, lambda line: None, lambda point: None)


@pytest.fixture(scope="session", params=["first", "later"])
def story(request: pytest.FixtureRequest, world: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The first `add` of a folder, and a later one over files changed, moved, deleted, copied and mended."""
    base = tmp_path_factory.mktemp(request.param)
    folder, origin = base / "files", base / "origin"
    world.make_folder(folder)
    if request.param == "later":
        world.run(world.Job(library=str(origin), folder=str(folder)), lambda line: None, lambda point: None)
        world.change_folder(folder)
    return _told(world, base, folder, origin)


def _told(world: ModuleType, base: Path, folder: Path, origin: Path) -> Story:
    """Runs it once to the end, to learn what comes of it and which points it passes."""
    before = world.look(world.copy_library(origin, base / "before"))
    library = world.copy_library(origin, base / "library")
    passed: list[str] = []
    job = world.Job(library=str(library), folder=str(folder))
    receipt = world.run(job, lambda line: None, passed.append)
    counted: Counter[str] = Counter()
    points = []
    for point in passed:
        counted[point] += 1
        points.append((point, counted[point]))
    after = world.look(library)
    return Story(world, folder, origin, library, before, after, points, receipt.seconds)
