"""What one commit will say, and the lines that may be told after it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sensorium.core.receipts import ReceiptLine, Refusal, Sighting
from sensorium.ingest.encode import Draft


@dataclass(slots=True)
class Batch:
    """drafts: by item id. again: sources that have to be read after all, because the item that they seemed to share is
    no longer there."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    lines: list[ReceiptLine] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
