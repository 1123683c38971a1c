"""What left the machine, for a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What left the machine. host: where to, with its port. piece: its id, "" for the question and our own words.

    medium: "text" or "picture". bytes: as they were sent, the encoding of a picture included.
    """

    host: str
    piece: str
    medium: str
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """One entry of `left` in the schema `ANSWER_SCHEMA`."""
        return {"host": self.host, "piece": self.piece, "medium": self.medium, "bytes": self.bytes}
