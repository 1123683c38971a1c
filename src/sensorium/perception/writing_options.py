"""What reading writing may cost, and what is taken for writing."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sensorium.core.errors import BadSetting

GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingOptions:
    """Sides in pixels, times in seconds, memory in bytes, confidences 0..1.

    threads: of the process that reads. seconds: on the clock, for one picture. memory: address space of the process.
    pictures: read before the process is replaced. side: the longest one that is looked at; larger pictures are scaled
    down. find_side: of the copy on which lines are looked for. glance_side: of the copy that is looked at first; where
    nothing shows on it, the work is over; 0 looks at once. confidence: the least of a line that is kept;
    short_confidence: the same for lines of fewer than `short` letters and digits, because patterns on photographs are
    read as short lines.

    >>> WritingOptions(threads=0)
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadSetting: threads: 0 is out of range; give a number from 1 to 64
    """

    threads: int = 2
    seconds: float = 60.0
    memory: int = 3 * GIB
    pictures: int = 500
    side: int = 1_600
    find_side: int = 960
    glance_side: int = 480
    confidence: float = 0.6
    short_confidence: float = 0.9
    short: int = 3

    def __post_init__(self) -> None:
        for entry in fields(self):
            value, (low, high) = getattr(self, entry.name), RANGES[entry.name]
            if not low <= value <= high:
                remedy = f"give a number from {low} to {high}"
                raise BadSetting(f"{value} is out of range", subject=entry.name, remedy=remedy)


RANGES: dict[str, tuple[float, float]] = {
    "threads": (1, 64),
    "seconds": (0.05, 36_000),
    "memory": (GIB, 2**38),
    "pictures": (1, 1_000_000),
    "side": (64, 8_192),
    "find_side": (64, 8_192),
    "glance_side": (0, 8_192),
    "confidence": (0, 1),
    "short_confidence": (0, 1),
    "short": (0, 100),
}
