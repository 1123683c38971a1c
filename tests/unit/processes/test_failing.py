"""What becomes of a content that a process of perception has no answer for. A stand-in plays the process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from sensorium.core.errors import ReaderCrashed, SensoriumError, TookTooLong, TooLarge
from sensorium.processes.channel import Malformed
from sensorium.processes.failing import Failed, Failing
from sensorium.processes.warm import Died

FAILING = Failing(process="process that hums", work="humming it", report="hum", more_time="wait", more_memory="buy")


class Process:
    """Ends every talk in one way: with an answer, or an exception."""

    def __init__(self, end: object) -> None:
        self._end = end

    def ask(self, exchange: Callable[..., Any], seconds: float) -> object:
        if isinstance(self._end, Exception):
            raise self._end
        return self._end


@pytest.mark.parametrize(
    ("end", "refusal", "remedy"),
    [
        (TimeoutError(), TookTooLong, "wait"),
        (Died(-signal.SIGXCPU), TookTooLong, "wait"),
        (Died(-signal.SIGSEGV), ReaderCrashed, "hum"),
        (Malformed("no JSON"), ReaderCrashed, "hum"),
        (Failed("MemoryError"), TooLarge, "buy"),
        (Failed("LookupError"), ReaderCrashed, "hum"),
    ],
    ids=lambda value: str(value) if isinstance(value, Died) else None,
)
def test_each_end_is_told_with_what_to_do(end: object, refusal: type[SensoriumError], remedy: str) -> None:
    with pytest.raises(refusal) as caught:
        FAILING.ask(Process(end), lambda channel, ready: Failed(""), 1.0)  # type: ignore[arg-type]
    assert caught.value.remedy == remedy


def test_an_answer_is_handed_on() -> None:
    assert FAILING.ask(Process("hm"), lambda channel, ready: "hm", 1.0) == "hm"  # type: ignore[arg-type]
