"""What was freed goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from sensorium.processes.memory import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

blocks = [bytes(1000) for _ in range(200_000)]
keeper = bytes(1000)  # above what is freed, so that the heap does not shrink by itself
full = resident()
blocks.clear()
give_back()
print(full - resident())
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim"
)
def test_freed_blocks_below_one_that_is_held_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) > 100_000_000


def test_it_does_nothing_where_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from sensorium.processes.memory import give_back

    monkeypatch.setattr(sys, "platform", "darwin")
    give_back()
