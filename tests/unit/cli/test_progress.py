"""How long work shows that it gets on, and how it is ended."""

from __future__ import annotations

import signal

import pytest

from sensorium.cli.progress import EVERY_SECONDS, LineProgress, NowAndThen, interruptible
from sensorium.core.receipts import Outcome, ReceiptLine


def test_a_line_is_said_when_it_is_time_and_not_before() -> None:
    said: list[str] = []
    times = iter([0.0, EVERY_SECONDS - 1, EVERY_SECONDS, EVERY_SECONDS, EVERY_SECONDS + 1])
    tell = NowAndThen(said.append, lambda: next(times))
    for number in range(3):
        tell(lambda number=number: str(number))
    assert said == ["1"]


def test_lines_count_what_became_of_the_files() -> None:
    said: list[str] = []
    progress = LineProgress(NowAndThen(said.append, iter(range(0, 1000, 10)).__next__))
    progress.discovered(1200)
    for outcome in (Outcome.ADDED, Outcome.REFUSED):
        progress.settled(ReceiptLine(source="/a", outcome=outcome))
    assert said[-1] == "1,200 files: 1 added, 1 refused"


def test_the_first_interrupt_asks_to_stop(capsys) -> None:
    with interruptible() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
    assert "stopping after this batch" in capsys.readouterr().err


@pytest.mark.usefixtures("capsys")
def test_the_second_interrupt_ends_at_once() -> None:
    with interruptible():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_interrupts_are_as_before_when_the_work_is_done() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
