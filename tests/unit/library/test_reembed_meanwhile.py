"""Searches in threads and another process, all through a change of the encoder: none fails, none is of two spaces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import sensorium
from sensorium.core.contents import Content, Role
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.library import Library
from sensorium.testing.programs import loaded

PROGRAM = Path(__file__).with_name("reembed_world.py")
FILES = 150
"""Three batches of pieces, so that searches meet a space that is half made."""
HITS = 5
PATIENCE = 120


world = loaded("reembed_world", PROGRAM)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(f"note {number} : the river rose by {number} centimetres")
    with sensorium.open(tmp_path / "library", encoder=world.FIRST) as filling:
        filling.add(folder)
    monkeypatch.setattr("sensorium.plugins.load_encoder", world.by_name)
    with sensorium.open(tmp_path / "library") as opened:
        yield opened


class Asking:
    """Asks without a pause in a thread, and keeps what came back: the spaces in order, and what went wrong."""

    def __init__(self, ask: Callable[[str], sensorium.SearchResults], turn: threading.Barrier | None = None) -> None:
        self.spaces: list[str] = []
        self.wrong: list[BaseException] = []
        self.answers = threading.Semaphore(0)
        self._ask = ask
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._end.is_set():
            for question in world.QUESTIONS:
                try:
                    answer = world.told(self._ask(question))
                    self.spaces.append(world.check(question, answer, HITS))
                except BaseException as error:  # noqa: BLE001 - the edge of a thread: told by the test
                    self.wrong.append(error)
                self.answers.release()

    def wait_for(self, answers: int) -> None:
        for _ in range(answers):
            assert self.answers.acquire(timeout=PATIENCE)

    @contextmanager
    def under_way(self) -> Iterator[Asking]:
        self._thread.start()
        try:
            self.wait_for(1)
            yield self
        finally:
            self._end.set()
            self._thread.join()


@contextmanager
def another_process(library: Path, end: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", str(PROGRAM), str(library), str(end)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def answers_of(process: subprocess.Popen[str], until: str | None = None) -> list[str]:
    """The spaces of the answers of a process, up to the first one by a space, or all until it ends."""
    assert process.stdout is not None
    spaces: list[str] = []
    for line in iter(process.stdout.readline, ""):
        question, answer = json.loads(line)
        spaces.append(world.check(question, answer, HITS))
        if spaces[-1] == until:
            break
    return spaces


class Slowly(type(world.SECOND)):
    """The second encoder, which lets others ask between two batches."""

    def __init__(self, between: Callable[[], None]) -> None:
        super().__init__("second", 48)
        self._between = between

    def encode(self, modality: Modality, contents: list[Content], role: Role) -> Vectors:
        if role == "piece":
            self._between()
        return super().encode(modality, contents, role)


def in_order(spaces: list[str], *expected: str) -> bool:
    """Whether the spaces come one after the other, and none comes back."""
    changes = [space for space, before in zip(spaces, [None, *spaces], strict=False) if space != before]
    return changes == list(expected)


def test_no_search_fails_or_is_of_two_spaces_while_the_encoder_changes(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = tmp_path / "end"
    threads = [Asking(lambda question: library.search(question, k=HITS)) for _ in range(2)]
    with another_process(library.path, end) as other, threads[0].under_way() as one, threads[1].under_way() as two:
        assert in_order(answers_of(other, until="first"), "first")

        def let_others_ask() -> None:
            one.wait_for(3)
            two.wait_for(3)

        slow = Slowly(let_others_ask)
        monkeypatch.setattr(
            "sensorium.plugins.load_encoder", lambda name, threads: slow if name == "second" else world.by_name(name, 1)
        )
        assert library.reembed("second").switched
        theirs = answers_of(other, until="second")
        assert in_order(theirs, "first", "second")
        slow._between = lambda: None
        for asking in (one, two):
            while asking.spaces[-1] != "second":
                asking.wait_for(1)
        assert library.reembed_back().switched
        assert in_order(answers_of(other, until="first"), "second", "first")
        for asking in (one, two):
            while asking.spaces[-1] != "first":
                asking.wait_for(1)
        end.touch()
        assert set(answers_of(other)) <= {"first"}
        assert other.wait(timeout=PATIENCE) == 0
    for asking in (one, two):
        assert not asking.wrong, asking.wrong[0]
        assert in_order(asking.spaces, "first", "second", "first")


def test_a_space_that_is_dropped_under_a_search_costs_no_answer(library: Library, tmp_path: Path) -> None:
    with Asking(lambda question: library.search(question, k=HITS)).under_way() as asking:
        for name in ("second", "first", "second"):
            assert library.reembed(name, keep_old=False).freed > 0
            while asking.spaces[-1] != name:
                asking.wait_for(1)
    assert not asking.wrong, asking.wrong[0]
    assert in_order(asking.spaces, "first", "second", "first", "second")
