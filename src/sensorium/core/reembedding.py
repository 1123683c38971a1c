"""What passes between a store and what makes the vectors of its pieces anew, and the port between the two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sensorium.core.items import Item, Modality, Piece
from sensorium.core.receipts import Sighting
from sensorium.core.scopes import Scope
from sensorium.core.spaces import KnownSpace, Space, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedPiece:
    """A piece by the store's own number. lacks: it has no vector in the space that was asked for."""

    key: int
    piece: Piece
    lacks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """An item that has pieces without a vector in a space.

    number: the store's own. is_visible: whether the scope may see it; what is not may be told to nobody. pieces: all
    that it has, in order. sightings: where its files were seen, those of its content before those of parts of it.
    """

    number: int
    item: Item
    is_visible: bool
    pieces: tuple[KeyedPiece, ...]
    sightings: tuple[Sighting, ...]

    @property
    def wanting(self) -> tuple[KeyedPiece, ...]:
        """Those that lack a vector."""
        return tuple(one for one in self.pieces if one.lacks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What a switch to another space would leave behind, in pieces that have a vector in the present one.

    found, lost: of those that the scope may see, all, and those without a vector in the other space. others_found,
    others_lost: of the rest, which may be told to nobody.
    """

    found: int
    lost: int
    others_found: int
    others_lost: int

    @property
    def share(self) -> float:
        """Of what the scope may see, 0..1."""
        return self.lost / self.found if self.found else 0.0

    @property
    def others_share(self) -> float:
        """Of the rest, 0..1."""
        return self.others_lost / self.others_found if self.others_found else 0.0


class ModelStore(Protocol):
    """Which spaces a library has, and which one it searches by. `embed`, `switch_space` and `drop_space` are each one
    transaction."""

    def known_spaces(self) -> Sequence[KnownSpace]:
        """Every space with what it is to the library, in the order they were added."""
        ...

    def active_space(self) -> KnownSpace | None:
        """The space that searches are by; None while nothing was added. Cheap: asked before every search."""
        ...

    def begin_space(self, space: Space, encoder: str = "") -> None:
        """Registers the space of an encoder: a new library searches by it, another one has it to be built."""
        ...

    def embed(self, space_id: str, rows: Mapping[int, Vectors], details: Mapping[int, bytes]) -> int:
        """Adds vectors and details of pieces by key; returns how many were new. What was erased meanwhile gets none."""
        ...

    def switch_space(self, space_id: str) -> None:
        """Searches are by that space from now on; the one before is kept and remembered."""
        ...

    def drop_space(self, space_id: str) -> int:
        """Erases a space with all its vectors and details; returns the bytes of these."""
        ...

    def coverage(self, scope: Scope) -> Mapping[str, int]:
        """For each space, how many pieces that the scope may see have a vector in it."""
        ...

    def shortfall(self, scope: Scope, space_id: str) -> Shortfall:
        """What a switch to that space would leave behind."""
        ...

    def lacking(
        self, scope: Scope, space_id: str, modalities: Collection[Modality], after: int, limit: int
    ) -> Sequence[Lacking]:
        """The next items with pieces that have no vector in that space, whoever may see them, which each one says."""
        ...

    def count_lacking(self, scope: Scope, space_id: str, modalities: Collection[Modality]) -> tuple[int, int]:
        """How many pieces lack a vector in that space: of those that the scope may see, and of all."""
        ...

    def preview_bytes(self, keys: Sequence[int]) -> Mapping[int, bytes]:
        """The small pictures of these pieces, by key. Asks for no scope: for who makes their vectors."""
        ...
