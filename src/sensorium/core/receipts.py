"""What `add` and `forget` did, file by file, and what the store keeps of files that were not added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sensorium.core.items import Rights

CATALOGUE = "catalogue:"
"""What the source of a catalogue's row begins with; then the catalogue's name, "/", and the row's key."""


class Outcome(StrEnum):
    """What became of one file."""

    ADDED = "added"
    KNOWN = "known"
    CHANGED = "changed"
    MOVED = "moved"
    REFUSED = "refused"
    VANISHED = "vanished"
    FORGOTTEN = "forgotten"


WITHIN = "!/"
"""Stands in a source between an archive and the path of what lies in it: "/photos/2024.zip!/dogs/a.jpg"."""

JOINED = "joined:"
"""Stands before the hash in a sighting of a file that is a part of an item, as subtitles are of their film."""


PENDING_NS, ABSENT_NS = 0, -1
"""The time of what was seen in an archive that was not seen to its end; and of what was in it, and is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A file as it was last seen at its source: what lets the next `add` skip it without reading.

    source: absolute path; of what lies in an archive, its path within after `WITHIN`. content_hash: sha256 (hex), after
    `JOINED` where the item holds more than this file. size: bytes. modified_ns: modification time in nanoseconds. Of
    what lies in an archive, size and time are those of the archive, so that it can be told whether all of it was seen.
    seen_at: Unix seconds.
    """

    source: str
    item_id: str
    content_hash: str
    size: int
    modified_ns: int
    seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that was not added, and why. code: a stable word from `core.errors`. reason: what to do, for people."""

    source: str
    code: str
    reason: str
    refused_at: float
    rights: Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """What happened to one source. item_id: the item that holds it now, None when none does.

    reason: why, for people, where the outcome does not say it all. code: of the refusal, "" for other outcomes.
    """

    source: str
    outcome: Outcome
    item_id: str | None = None
    reason: str = ""
    code: str = ""


@dataclass(slots=True)
class Receipt:
    """What `add` did. A line is written only after the store acknowledged the commit that holds it.

    interrupted: the work was stopped before its end; running the same call again continues. notes: what was decided for
    all of it, one sentence each.
    """

    lines: list[ReceiptLine] = field(default_factory=list)
    pieces: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[ReceiptLine]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many sources ended in each outcome."""
        return Counter(line.outcome for line in self.lines)

    def of(self, outcome: Outcome) -> list[ReceiptLine]:
        """The lines with this outcome, in the order they were written."""
        return [line for line in self.lines if line.outcome is outcome]

    def __str__(self) -> str:
        order = [outcome for outcome in Outcome if self.counts[outcome]]
        counted = ", ".join(f"{self.counts[outcome]} {outcome}" for outcome in order) or "nothing to do"
        return counted + ("; interrupted, run it again to continue" if self.interrupted else "")
