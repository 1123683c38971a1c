"""What a library says of itself: one item whole, its state in numbers, and its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sensorium.core.items import Item, Modality, Piece
from sensorium.core.spaces import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that something in an item is near to. sense: it looks or sounds so. score: 0..1, as of a search."""

    name: str
    sense: Modality
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the system sees in an item.

    names: best first, of pictures, then of sounds. speech, writing: the first words. colours: the commonest ones, with
    their shares.
    """

    names: tuple[Named, ...] = ()
    speech: str = ""
    writing: str = ""
    colours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item with its pieces in order, every source it was seen at, and what is seen in it where that was asked."""

    item: Item
    pieces: tuple[Piece, ...]
    sources: tuple[str, ...]
    seen: Seen | None = None


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
