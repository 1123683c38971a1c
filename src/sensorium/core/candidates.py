"""What recall finds before the guard has looked: numbers only, no content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.core.items import Item, Modality, Piece, Rights
from sensorium.core.results import Evidence, RuleApplied
from sensorium.core.spaces import Keys, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The nearest pieces to each query vector, best first; rows are as long as what was found.

    keys: int64 [n, k]; scores: float32 [n, k], inner products. Where fewer than k were found the key is -1 and the
    score is -inf.
    """

    keys: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorChanges:
    """What happened to one space between two generations of the store.

    removed are applied before added. generation: the store's generation that an index has after both.
    """

    generation: int
    keys: Keys
    vectors: Vectors
    removed: Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStamp:
    """What the store remembers of an index file, so that a missing, truncated or foreign one is told apart.

    adapter: name and format version of the index. digest: sha256 (hex) of the file. size: its bytes. count: vectors.
    """

    space_id: str
    adapter: str
    generation: int
    count: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A piece that a route recalled. raw: the route's own score. rank: from 1, within the route."""

    key: int
    route: str
    modality: Modality
    raw: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A piece that a scope may see, before anything of its content is read. tenant, rights: of its item."""

    key: int
    item_id: str
    tenant: str
    rights: Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class VisiblePiece:
    """A piece that the guard has verified for this scope, with its item."""

    key: int
    piece: Piece
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A verified piece in a list that is being arranged.

    score, matches, evidence: as they will be shown; no arranging changes them. strength: what it is ordered by, in
    log-odds: those of the score at first. band: what stands before what, whatever its strength. pinned: the place, from
    1, that it is to have; 0 for none. rules: what moved it. folded: near duplicates that it stands for.
    """

    found: VisiblePiece
    score: float
    matches: bool
    evidence: tuple[Evidence, ...]
    strength: float
    band: int = 0
    pinned: int = 0
    rules: tuple[RuleApplied, ...] = ()
    folded: tuple[Ranked, ...] = ()
