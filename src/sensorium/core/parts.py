"""Parts of long files, encoded and kept until the last one is there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPart:
    """start, next: where the part begins and where the following one does, in seconds or pages. state: what was made of
    it, as `ingest.parts` writes it."""

    start: float
    next: float
    state: bytes = field(repr=False)
