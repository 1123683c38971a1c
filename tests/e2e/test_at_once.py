"""Adding that is ended early, and several commands on one library at once."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

import sensorium
from sensorium.core.errors import LibraryNotFound

FILES = 120
STEP = {"BATCH_FILES": "2"}
"""Few files to a batch, so that many batches are still to come when the first is in."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(f"Note {number}: the river rose by {number} centimetres.")
    return folder


def items(library: Path) -> int:
    try:
        with sensorium.open(library, create=False) as opened:
            return sum(opened.info().items.values())
    except LibraryNotFound:
        return 0


def wait_until_some_are_in(library: Path) -> None:
    deadline = time.monotonic() + 60
    while not items(library):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def counts(out: str) -> dict[str, int]:
    return {outcome: int(number) for number, outcome in re.findall(r"(\d+) ([a-z]+)", out.split(" in ")[0])}


def test_ctrl_c_keeps_what_is_in_and_the_same_command_goes_on(shell, many) -> None:
    with shell.running("add", many, **STEP) as adding:
        wait_until_some_are_in(shell.library)
        adding.send_signal(signal.SIGINT)
        out, err = adding.communicate(timeout=60)
    assert adding.returncode == 130, err
    assert "interrupted, run it again to continue" in out
    kept = counts(out)["added"]
    assert 0 < kept < FILES
    assert items(shell.library) == kept
    assert counts(shell("add", many).stdout) == {"added": FILES - kept, "known": kept}


def test_while_one_adds_others_search_and_a_second_adder_is_told_who_does(shell, many) -> None:
    with shell.running("add", many, **STEP) as adding:
        wait_until_some_are_in(shell.library)
        adding.send_signal(signal.SIGSTOP)
        busy = shell("add", many, LOCK_WAIT_SECONDS="0")
        assert adding.poll() is None
        with shell.running("search", "the river") as one, shell.running("search", "the river") as other:
            answers = [process.communicate(timeout=60)[0] for process in (one, other)]
        adding.send_signal(signal.SIGCONT)
        out, _ = adding.communicate(timeout=60)
    assert (busy.returncode, busy.stdout) == (1, "")
    assert f"process {adding.pid} on " in busy.stderr
    assert answers[0] == answers[1]
    assert str(many) in answers[0]
    assert counts(out) == {"added": FILES}


def test_a_second_adder_waits_for_the_first(shell, many) -> None:
    with shell.running("add", many, **STEP) as first:
        wait_until_some_are_in(shell.library)
        second = shell("add", many, LOCK_WAIT_SECONDS="60")
        out, _ = first.communicate(timeout=60)
    assert counts(out) == {"added": FILES}
    assert counts(second.stdout) == {"known": FILES}
