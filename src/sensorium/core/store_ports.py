"""The ports of what keeps things: items, facts, vectors, words, voices, sources; `core.ports` has all others.

An adapter may fit several of them, as the built-in store does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from sensorium.core.attributes import Amendment, Kind
from sensorium.core.candidates import Admitted, IndexStamp, VectorChanges, VisiblePiece
from sensorium.core.contents import (
    Addition,
)
from sensorium.core.facets import Facet
from sensorium.core.items import Item, Modality, Piece, Preview, Rights
from sensorium.core.parts import KeptPart
from sensorium.core.receipts import Refusal, Sighting
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys, Space, Vectors


class ItemStore(Protocol):
    """The truth: items, pieces, previews, rights. Every call is bound to a scope."""

    def commit(
        self,
        scope: Scope,
        *,
        additions: Sequence[Addition] = (),
        sightings: Sequence[Sighting] = (),
        refusals: Sequence[Refusal] = (),
        gone: Sequence[str] = (),
    ) -> int:
        """All of it in ONE transaction; returns the store's new generation.

        A source belongs to one item: a sighting moves it. `gone` are sources that are no more. An item that lost its
        last source by this commit is erased in the same transaction. A sighting clears an older refusal of its source.
        """
        ...

    def forget(self, scope: Scope, item_ids: Sequence[str]) -> int:
        """Erases items with all that is derived; returns how many. What the scope can not see is not there."""
        ...

    def items(self, scope: Scope, filter: Filter) -> Iterator[Item]:
        """Visible items, in the order they were added."""
        ...

    def visible_keys(self, scope: Scope, filter: Filter, space_id: str) -> Keys:
        """Sorted keys of all pieces with a vector in that space that scope and filter allow."""
        ...

    def admitted(self, scope: Scope, filter: Filter, keys: Sequence[int]) -> dict[int, Admitted]:
        """Those of `keys` that scope and filter allow, now, in the order of `keys`. The guard's question."""
        ...

    def pieces(self, scope: Scope, filter: Filter, keys: Sequence[int]) -> dict[int, VisiblePiece]:
        """The same with what they hold."""
        ...

    def pieces_of(
        self, scope: Scope, item_id: str, filter: Filter = EVERYTHING, pages: Collection[int] = ()
    ) -> tuple[Piece, ...]:
        """The pieces of one visible item that the filter allows, in order; of these pages alone, where any are named.
        Empty when there is no such item to see."""
        ...

    def pieces_by_id(self, scope: Scope, piece_ids: Sequence[str]) -> Mapping[str, VisiblePiece]:
        """Visible pieces by their public ids, each with its item; what is not there to see is left out."""
        ...

    def previews(self, scope: Scope, piece_ids: Sequence[str]) -> Mapping[str, Preview]:
        """Previews of visible pieces, by piece id."""
        ...


class AttributeStore(Protocol):
    """Typed facts of items: `Filter.where` is asked of them, by the meaning that `core.matching` gives it."""

    def amend(self, scope: Scope, amendments: Sequence[Amendment]) -> int:
        """New facts for visible items, in one transaction; returns how many items there were. No vector changes."""
        ...

    def attribute_kinds(self, scope: Scope, names: Sequence[str] | None = None) -> Mapping[str, frozenset[Kind]]:
        """The kinds of visible attributes by name, of these names or of all that there are."""
        ...

    def facets(self, scope: Scope, filter: Filter, names: Sequence[str], most: int) -> tuple[int, list[Facet]]:
        """How many visible items the filter leaves, and what values they have of these names; `most` texts of each."""
        ...


class DetailStore(Protocol):
    """The details of pieces, kept and erased with them."""

    def details(self, scope: Scope, space_id: str, keys: Sequence[int]) -> dict[int, bytes]:
        """What `DetailForm.pack` made of those of `keys` that the scope may see now and that have details."""
        ...


class PartStore(Protocol):
    """Encoded parts of long files whose end is not read yet. Those of an item are gone with the commit that adds it."""

    def keep_part(self, item_id: str, recipe: str, part: KeptPart) -> None:
        """Keeps a part, durably, in place of one that starts there. recipe: what decides how parts are made."""
        ...

    def parts(self, item_id: str, recipe: str) -> tuple[KeptPart, ...]:
        """The parts that follow each other from the start, in order."""
        ...


class SourceStore(Protocol):
    """Which file was seen where, and which was refused."""

    def sightings(self, scope: Scope, under: str | None = None) -> Iterator[Sighting]:
        """Known sources of visible items, all or those at or below a path."""
        ...

    def refusals(self, scope: Scope) -> Iterator[Refusal]:
        """Files that were not added, by time."""
        ...

    def known(self, scope: Scope, content_hash: str, rights: Rights) -> str | None:
        """The id of the item that holds this content with these rights, if there is one."""
        ...

    def sources_of(self, scope: Scope, item_id: str) -> tuple[str, ...]:
        """Every source that one visible item was seen at; empty when there is no such item to see."""
        ...


class VectorStore(Protocol):
    """Vectors as the store keeps them: what an index is built from."""

    def generation(self) -> int:
        """Grows by one with every commit that changes something. Cheap: asked before every search."""
        ...

    def changes(self, space_id: str, since: int) -> Iterator[VectorChanges]:
        """Blocks that bring an index of generation `since` up to date; 0 gives everything. Empty when it is."""
        ...

    def vectors_of(self, space_id: str, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these pieces, float32 [width], by key; what is not there is left out.

        Asks for no scope: give keys that the guard has verified, and none else.
        """
        ...

    def add_space(self, space: Space) -> None:
        """Registers a space before the first vector in it. Raises StoreDamaged if the id is known with other values."""
        ...

    def stamp(self, space_id: str) -> IndexStamp | None:
        """What was last said of this space's index file."""
        ...

    def set_stamp(self, stamp: IndexStamp) -> None:
        """Remembers an index file after it was written."""
        ...


class VoiceStore(Protocol):
    """Voices by name, and who speaks in a piece."""

    def name_voice(
        self, scope: Scope, space_id: str, name: str, *, samples: Sequence[int], speaks_in: Sequence[int]
    ) -> None:
        """Gives the voice of some pieces a name, and says of others that it speaks in them, in one transaction.

        samples: keys of visible pieces that all have the same rights: the voice has them too, and is erased with them.
        """
        ...

    def voices(self, scope: Scope, space_id: str, told_to: Rights | None = None) -> Mapping[str, Vectors]:
        """The voices that the scope may see, by name; told_to: those that all readers of such rights may know."""
        ...

    def forget_voice(self, scope: Scope, name: str, instead: Mapping[int, str]) -> int:
        """Lets go of a name and its voices; returns how many voices and pieces had it. instead: for pieces, by key."""
        ...


class WordStore(Protocol):
    """Full text: which texts hold a word. Statistics are the caller's to make, of visible rows alone."""

    def holding(self, scope: Scope, filter: Filter, phrase: str) -> Keys:
        """Sorted keys of the visible texts that hold the words of `phrase` one after the other, by their stems.

        A star at its end stands for the rest of its last word.
        """
        ...

    def text_count(self, scope: Scope, filter: Filter) -> int:
        """How many text pieces scope and filter allow."""
        ...

    def generation(self) -> int:
        """As `VectorStore.generation`."""
        ...


class VocabularyStore(Protocol):
    """Words of visible texts, one by one: what explanations and corrections are made of."""

    def holds_word(self, scope: Scope, word: str) -> bool:
        """Whether a visible text holds it, by its stem."""
        ...

    def word_places(self, scope: Scope, word: str, keys: Sequence[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
        """Where it stands in those of these texts that are visible and hold it: intervals of characters."""
        ...

    def words_like(
        self, scope: Scope, beginning: str, lengths: tuple[int, int], most: int
    ) -> Sequence[tuple[str, int]]:
        """Words of visible texts that begin so, of a length in `lengths`, each with the number of texts that hold it.

        Small letters; at most `most`, the most frequent first. What is hidden changes neither words nor numbers.
        """
        ...


class PieceStore(ItemStore, DetailStore, VectorStore, WordStore, Protocol):
    """All that is kept of pieces: what a reranker may ask of a store."""


class StoreHealth(Protocol):
    """What `doctor` asks of a store."""

    def check(self) -> list[str]:
        """Everything that is wrong with the database, one sentence each; reads all of it."""
        ...

    def pieces_without_vectors(self) -> dict[str, int]:
        """For each space id, how many pieces have no vector in it."""
        ...

    def pieces_without_details(self, space_id: str, modality: Modality) -> int:
        """How many pieces of a modality have a vector in that space, and no details."""
        ...

    def is_scrub_due(self) -> bool:
        """Whether something was forgotten, and its bytes were not scrubbed to the end."""
        ...

    def scrub(self) -> None:
        """Writes the store anew, so that it holds no erased bytes. Raises LibraryBusy, WriteFailed."""
        ...


class FingerprintStore(Protocol):
    """Fingerprints of pictures that were added before pictures had them."""

    def pictures_without_fingerprints(self) -> int:
        """How many pictures with a preview have none."""
        ...

    def previews_without_fingerprints(self, after: int, most: int) -> list[tuple[int, str, bytes]]:
        """Key, media type and bytes of their previews, `most` of them behind the key `after`."""
        ...

    def put_fingerprints(self, marks: Mapping[int, str]) -> None:
        """Gives pictures their fingerprint, by key, in one transaction."""
        ...
