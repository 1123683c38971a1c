"""What a library says of itself: one item whole, its state in numbers, and its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sensorium.core.items import Item, Modality, Piece
from sensorium.core.spaces import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item with its pieces in order and every source it was seen at."""

    item: Item
    pieces: tuple[Piece, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryInfo:
    """A library in numbers, as far as the caller may see it. bytes_on_disk: the whole folder."""

    path: str
    items: Mapping[Modality, int]
    pieces: Mapping[Modality, int]
    spaces: tuple[Space, ...]
    refused: int
    generation: int
    bytes_on_disk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that `doctor` looked at. remedy: what mends it. mended: it was broken and is not any more."""

    check: str
    healthy: bool
    message: str
    remedy: str = ""
    mended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All findings of one look."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.healthy or finding.mended for finding in self.findings)
