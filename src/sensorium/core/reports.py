"""What a library says of itself: one item whole, its state in numbers, and its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sensorium.core.items import Item, Modality, Piece
from sensorium.core.spaces import KnownSpace, Space

RULES_SCHEMA = "sensorium.rules/1"
"""Name and version of the JSON of a library's rules; `docs/json.md` describes it."""


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
class ModelState:
    """A space of a library, and how much of the library it covers: vectors, pieces, as far as the caller may see."""

    known: KnownSpace
    vectors: int
    pieces: int

    def __str__(self) -> str:
        made_by = f", made by {self.known.encoder}" if self.known.encoder not in ("", self.known.space.name) else ""
        return f"{self.known.space.id}, {self.known.standing}: {self.vectors:,} of {self.pieces:,} pieces{made_by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryInfo:
    """A library in numbers, as far as the caller may see it. models: its spaces, with how much each covers.

    bytes_on_disk: the whole folder.
    """

    path: str
    items: Mapping[Modality, int]
    pieces: Mapping[Modality, int]
    spaces: tuple[Space, ...]
    refused: int
    generation: int
    bytes_on_disk: int
    models: tuple[ModelState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """One rule of a library. says: what it does, for people. items: visible items that its condition holds of, None
    without a condition. warning: what makes it do nothing, "" for nothing.

    asked: whether it is for the question of a dry run, hits: how many hits it moved, or hid; None without a dry run.
    """

    name: str
    kind: str
    says: str
    items: int | None
    warning: str = ""
    asked: bool | None = None
    hits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The rules of a library, in the order of their file.

    path: of the file. problem: why it can not be used as it is now, "" where it can; the rules are then those that go
    on from before.
    """

    path: str
    rules: tuple[RuleView, ...]
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The schema `RULES_SCHEMA`."""
        return {"schema": RULES_SCHEMA, "problem": self.problem, "rules": [asdict(rule) for rule in self.rules]}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFigures:
    """How the index of one space does.

    vectors: in it. asked: pieces that it was asked with. recall: 0..1, the share of their true nearest neighbours that
    it finds; None where nothing could be asked. deleted_share: of the vectors in its file, those erased since then.
    lag, file_lag: changes of the library that the index in memory, and its file, have not seen.
    """

    space_id: str
    vectors: int
    asked: int
    recall: float | None
    deleted_share: float
    lag: int
    file_lag: int
