"""The most memory that adding many pictures takes, the reading process included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Figure, Options

GOAL = 600
"""Million bytes."""

ADD = """
import json, resource, sys
import sensorium
paths = json.load(sys.stdin)
with sensorium.open(sys.argv[1]) as library:
    receipt = library.add(*paths)
parts = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({"said": str(receipt), "peaks": parts}))
"""

UNIT = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in: bytes on macOS, KiB elsewhere."""


def measure(options: Options) -> list[Figure]:
    """Many pictures against a few: the peak should not grow with their number."""
    many = list(options.pictures)
    few = many[: len(many) // 50]
    said, peak = _peak(options.scratch / "many.library", many)
    _, yardstick = _peak(options.scratch / "few.library", few)
    return [
        Figure(
            subject=f"peak memory of adding {len(many):,} pictures ({said})",
            product=f"{peak:.0f} MB, both processes at their largest",
            yardstick=f"{len(few):,} pictures: {yardstick:.0f} MB",
            ratio=f"{peak / yardstick:.2f}x",
            goal=f"< {GOAL} MB",
            met=peak < GOAL,
        )
    ]


def _peak(place: Path, paths: list[Path]) -> tuple[str, float]:
    """What the receipt says, and the sum of the peaks of the adding and of the largest reading process, in MB.

    They need not have been at their peak at the same moment, so this is an upper bound.
    """
    run = subprocess.run(
        [sys.executable, "-c", ADD, str(place)],
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    return answer["said"], sum(answer["peaks"]) * UNIT / 1e6
