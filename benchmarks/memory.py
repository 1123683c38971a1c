"""The most memory that adding many pictures takes, the reading process included."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Figure, Options

GOAL = 600
"""Million bytes."""

PROCESSES = Path("/proc")
LOOK_EVERY = 0.02
"""Seconds. The kernel keeps each process's own peak, so a look misses only what a process does after the last one."""

ADD = """
import json, sys
import sensorium
with open(sys.argv[2]) as file:
    paths = json.load(file)
with sensorium.open(sys.argv[1]) as library:
    print(library.add(*paths))
"""


def measure(options: Options) -> list[Figure]:
    """Many pictures against a few: the peak should not grow with their number. Needs Linux."""
    if not PROCESSES.is_dir():
        return []
    many = list(options.pictures)
    few = many[: len(many) // 50]
    said, adding, reading = _peaks(options.scratch / "many", many)
    _, *others = _peaks(options.scratch / "few", few)
    peak, yardstick = adding + reading, sum(others)
    return [
        Figure(
            subject=f"peak memory of adding {len(many):,} pictures ({said})",
            product=f"{peak:.0f} MB: {adding:.0f} adding, {reading:.0f} reading, each at its largest",
            yardstick=f"{len(few):,} pictures: {yardstick:.0f} MB",
            ratio=f"{peak / yardstick:.2f}x",
            goal=f"< {GOAL} MB",
            met=peak < GOAL,
        )
    ]


def _peaks(place: Path, paths: list[Path]) -> tuple[str, float, float]:
    """What the receipt says, and the peaks of the adding process and of the largest reading process, in MB.

    They need not have been at their peak at the same moment, and they share libraries: the sum is an upper bound.
    `getrusage` would not do, since it counts what a process was before it became another program.
    """
    place.mkdir()
    (place / "paths.json").write_text(json.dumps([str(path) for path in paths]))
    command = [sys.executable, "-c", ADD, str(place / "library"), str(place / "paths.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        adding = reading = 0.0
        while process.poll() is None:
            adding = max(adding, _peak(process.pid))
            reading = max([reading, *(_peak(child) for child in _children(process.pid))])
            time.sleep(LOOK_EVERY)
        assert process.stdout is not None
        said = process.stdout.read().strip()
    if process.returncode != 0:
        raise SystemExit(f"adding pictures failed with status {process.returncode}")
    return said, adding, reading


def _children(process: int) -> list[int]:
    """The processes that this one started and that are still there."""
    lists = (PROCESSES / str(process) / "task").glob("*/children")
    return [int(child) for listed in lists for child in _text(listed).split()]


def _peak(process: int) -> float:
    """The largest resident set that the process has had, in MB; 0 when it has gone."""
    for line in _text(PROCESSES / str(process) / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has just ended
        return ""
