"""The parent's side: a worker may do what it likes, and the parent stays right. A stand-in plays the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import Pixels
from sensorium.core.errors import (
    BadSetting,
    ExtraMissing,
    ModelDamaged,
    PluginBroken,
    ReaderCrashed,
    SensoriumError,
    TookTooLong,
    TooLarge,
)
from sensorium.perception import writing_weights
from sensorium.perception.writing import WritingOptions, WritingRecogniser, available

STAND_IN = Path(__file__).with_name("writing_stand_in.py")
PICTURE = np.zeros((40, 60, 3), np.uint8)
WHITE = np.full((40, 60, 3), 255, np.uint8)
SHORT = 0.5


def recogniser(way: str, *, seconds: float = 60.0, pictures: int = 500, strict: bool = False) -> WritingRecogniser:
    options = WritingOptions(seconds=seconds, pictures=pictures)
    return WritingRecogniser(options, strict=strict, command=(sys.executable, "-P", str(STAND_IN), way))


def pid_of(reader: WritingRecogniser) -> int:
    return int(reader.read(PICTURE)[0].text)


def test_a_good_answer_comes_as_lines() -> None:
    with recogniser("pid") as reader:
        (line,) = reader.read(PICTURE)
    assert (line.box, line.confidence) == ((0.1, 0.2, 0.3, 0.4), 0.9)


def test_strict_refuses_a_process_that_is_shut_in_less_than_can_be() -> None:
    with recogniser("pid", strict=True) as reader, pytest.raises(BadSetting, match="SENSORIUM_SANDBOX=best"):
        reader.read(PICTURE)


def test_one_warm_process_reads_all_pictures() -> None:
    with recogniser("pid") as reader:
        assert len({pid_of(reader) for _ in range(3)}) == 1


def test_a_worn_process_is_replaced() -> None:
    with recogniser("pid", pictures=2) as reader:
        assert len({pid_of(reader) for _ in range(5)}) == 3


def test_a_crash_is_a_typed_error() -> None:
    with recogniser("crash") as reader, pytest.raises(ReaderCrashed):
        reader.read(PICTURE)


def test_a_picture_on_which_a_warm_process_dies_gets_a_fresh_one() -> None:
    with recogniser("crash_second") as reader:
        assert pid_of(reader) != pid_of(reader)


def test_after_a_crash_the_next_picture_gets_a_new_process() -> None:
    with recogniser("crash_on_white") as reader:
        for _ in range(2):
            with pytest.raises(ReaderCrashed):
                reader.read(WHITE)
        assert pid_of(reader)


def test_a_process_that_died_between_two_pictures_is_replaced_silently() -> None:
    with recogniser("pid") as reader:
        first = pid_of(reader)
        os.kill(first, signal.SIGKILL)
        while is_running(first):
            time.sleep(0.01)
        assert pid_of(reader) != first


@pytest.mark.parametrize("way", ["hang", "half"])
def test_a_process_that_does_not_answer_in_time_is_ended(way: str) -> None:
    with recogniser(way, seconds=SHORT) as reader, pytest.raises(TookTooLong):
        reader.read(PICTURE)


def test_a_process_that_does_not_listen_is_ended() -> None:
    large = np.zeros((2_000, 2_000, 3), np.uint8)
    with recogniser("deaf", seconds=SHORT) as reader, pytest.raises(TookTooLong):
        reader.read(large)


def test_an_answer_too_long_is_not_taken() -> None:
    with recogniser("huge") as reader, pytest.raises(ReaderCrashed):
        reader.read(PICTURE)


SHAPES = ["garbage", "short", "many", "list", "extra", "no_word"]
TEXTS = ["control", "tags", "empty", "long"]
NUMBERS = ["outside", "inverted", "nan", "words"]


@pytest.mark.parametrize("way", SHAPES + TEXTS + NUMBERS)
def test_nonsense_is_refused_and_its_process_ended(way: str) -> None:
    with recogniser(way) as reader:
        with pytest.raises(ReaderCrashed, match="nonsense"):
            reader.read(PICTURE)
        assert reader.process is None


def test_an_answer_that_nobody_asked_for_is_not_given_for_the_next_picture() -> None:
    with recogniser("twice") as reader:
        first = pid_of(reader)
        time.sleep(SHORT)  # the second answer has arrived by now, or comes later and is never read
        assert pid_of(reader) != first


def test_memory_that_ran_out_is_told_apart() -> None:
    with recogniser("memory") as reader, pytest.raises(TooLarge):
        reader.read(PICTURE)


def test_a_failure_names_its_cause() -> None:
    with recogniser("failed") as reader, pytest.raises(ReaderCrashed, match="LookupError"):
        reader.read(PICTURE)


def test_damaged_weights_are_a_typed_error() -> None:
    with recogniser("damaged") as reader, pytest.raises(ModelDamaged):
        reader.read(PICTURE)


@pytest.mark.parametrize("way", ["dead", "odd"])
def test_a_process_that_does_not_start_is_a_typed_error(way: str) -> None:
    with recogniser(way) as reader, pytest.raises(PluginBroken):
        reader.read(PICTURE)


def test_closing_ends_a_read_of_another_thread() -> None:
    reader = recogniser("hang")
    caught: list[BaseException] = []

    def read() -> None:
        try:
            reader.read(PICTURE)
        except SensoriumError as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not reader._process._child or not reader._process._child.served:
        time.sleep(0.01)
    reader.close()
    thread.join(30)
    assert [type(error) for error in caught] == [SensoriumError]


def test_a_closed_recogniser_says_so() -> None:
    reader = recogniser("pid")
    reader.close()
    with pytest.raises(SensoriumError, match="closed"):
        reader.read(PICTURE)


def test_the_process_ends_with_its_parent() -> None:
    program = f"""
import sys, os, signal
import numpy as np
from sensorium.perception.writing import WritingOptions, WritingRecogniser
reader = WritingRecogniser(WritingOptions(), command=(sys.executable, "-P", {str(STAND_IN)!r}, "pid"))
print(reader.read(np.zeros((4, 4, 3), np.uint8))[0].text, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    child = int(run.stdout)
    for _ in range(300):
        if not is_running(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the process outlived its parent")


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
    ids=["grey", "alpha", "floats", "nothing"],
)
def test_anything_but_pixels_is_refused_before_it_is_sent(pixels: Pixels) -> None:
    with recogniser("pid") as reader, pytest.raises(ValueError, match="expected uint8"):
        reader.read(pixels)


def test_what_is_not_contiguous_is_read_too() -> None:
    with recogniser("pid") as reader:
        assert reader.read(np.zeros((40, 60, 6), np.uint8)[::2, :, ::2])


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing_weights, "PACKAGES", ("no_such_package",))
    assert available() == "the package no_such_package is not installed"
    with pytest.raises(ExtraMissing, match="no_such_package"):
        WritingRecogniser.load()


def test_a_weight_that_was_changed_is_noticed(tmp_path: Path) -> None:
    for name in writing_weights.SHA256:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ModelDamaged, match="not the one"):
        writing_weights.check(tmp_path)


def test_a_weight_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="missing"):
        writing_weights.check(tmp_path)


def test_options_out_of_their_range_are_refused() -> None:
    with pytest.raises(BadSetting, match="memory"):
        WritingOptions(memory=1)


def is_running(pid: int) -> bool:
    """False for a process that is gone, or waits for nothing but to be counted."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())
