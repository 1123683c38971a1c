"""One writer at a time, and the others can say which."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sensorium.core.errors import LibraryBusy, WriteFailed
from sensorium.stores.lock import LOCK_FILE, WriterLock

HOLD = """
import sys
from pathlib import Path
from sensorium.stores.lock import WriterLock

with WriterLock(Path(sys.argv[1]), wait_seconds=0):
    print("held", flush=True)
    sys.stdin.readline()
"""


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Another process that holds the lock until it is told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(LibraryBusy) as error:
        with WriterLock(tmp_path, wait_seconds=0):
            pass
    assert f"process {holder.pid} on {os.uname().nodename}" in error.value.what
    assert "since" in error.value.what


def test_it_waits_as_long_as_it_was_told(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    clock = Clock()
    with pytest.raises(LibraryBusy):
        with WriterLock(tmp_path, wait_seconds=3, clock=lambda: clock.now, sleep=clock.sleep):
            pass
    assert 3 <= clock.now < 3.2


def test_it_goes_on_when_the_holder_ends(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    def end_holder(seconds: float) -> None:
        holder.communicate("end\n", timeout=30)

    with WriterLock(tmp_path, wait_seconds=30, sleep=end_holder):
        assert holder.returncode == 0


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=30)
    with WriterLock(tmp_path, wait_seconds=0):
        assert str(os.getpid()) in (tmp_path / LOCK_FILE).read_text()


def test_two_locks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    with WriterLock(tmp_path, wait_seconds=0):
        with pytest.raises(LibraryBusy, match=f"process {os.getpid()}"):
            with WriterLock(tmp_path, wait_seconds=0):
                pass


def test_it_can_be_taken_again_and_names_nobody_in_between(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path, wait_seconds=0)
    with lock:
        pass
    assert (tmp_path / LOCK_FILE).read_bytes() == b""
    with lock, pytest.raises(RuntimeError):
        lock.__enter__()


def test_arguments_of_the_holder_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/sensorium", "add", "/home/ann/private"])
    with WriterLock(tmp_path, wait_seconds=0):
        written = (tmp_path / LOCK_FILE).read_text()
    assert "sensorium add" in written
    assert "private" not in written


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        with WriterLock(tmp_path / "nowhere", wait_seconds=0):
            pass
