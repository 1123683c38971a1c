"""What is kept, one by one: the calls that show items, pieces, previews, clips and files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.calls.base import Calls, of_one_model
from sensorium.core.candidates import VisiblePiece
from sensorium.core.errors import BadInput, ItemNotFound, Refused
from sensorium.core.items import Aspect, Clip, Item, Modality, Piece, Place, Preview
from sensorium.core.receipts import CATALOGUE
from sensorium.core.reports import ItemView
from sensorium.core.scopes import Filter

if TYPE_CHECKING:
    from sensorium.search.showing.clips import Cutting

FIRST_PIECES = 4
"""Pieces of an item that are looked at for the picture that stands for it."""


class Kept(Calls):
    """Items as they are kept, for whoever may see them."""

    def show(self, item: str) -> ItemView:
        """One item whole, by its id or by a path it was added from. Raises ItemNotFound."""
        found = self._item(item)
        return ItemView(
            item=found,
            pieces=self._store.pieces_of(self.scope, found.id),
            sources=self._store.sources_of(self.scope, found.id),
        )

    @of_one_model
    def describe(self, item: str) -> ItemView:
        """What `show` gives, and what is seen in the item: names with scores, first words, colours.

        The first call for a model takes seconds: it makes the vectors of 1,500 names and keeps them in the library.
        Raises ItemNotFound.
        """
        from sensorium.search.showing.seeing import Seeing

        view = self.show(item)
        seeing = Seeing(store=self._store, encoder=self._machine.encoder, cache=self.path / "names")
        return replace(view, seen=seeing.seen(self.scope, view.item.id, view.pieces))

    def latest(self, *, before: str | None = None, most: int = 50) -> list[Item]:
        """The items that were added last, the latest first. before: go on after the item of this id.

        Raises ItemNotFound where there is none of that id.
        """
        if before is not None:
            self._item(before)
        return self._store.latest(self.scope, before, most)

    def preview(self, piece: str, side: int = 0) -> Preview | None:
        """The small picture of a piece: its own, or of the page or the frame that it belongs to; None without one.

        side: of a page, a figure and a picture one that is larger, its longest side so many pixels, made anew from the
        file; the small one where the file is not there any more or can not be read. Raises ItemNotFound.
        """
        from sensorium.search.showing.views import shown_with

        found = self._found(piece)
        kept = shown_with(self._store, self.scope, [found.piece]).get(piece)
        if kept is None or side <= max(kept.width, kept.height):
            return kept
        with suppress(BadInput, Refused):
            return self._drawn(found, side) or kept
        return kept

    def faces(self, items: Sequence[str]) -> Mapping[str, tuple[Piece, Preview]]:
        """For each of these items the first piece that has a preview, and that; none where its first ones have none."""
        from sensorium.search.showing.views import shown_with

        first = [f"{item}.{ordinal}" for item in items for ordinal in range(FIRST_PIECES)]
        pieces = [found.piece for found in self._store.pieces_by_id(self.scope, first).values()]
        shown = shown_with(self._store, self.scope, pieces)
        faces: dict[str, tuple[Piece, Preview]] = {}
        for piece in sorted(pieces, key=lambda piece: piece.ordinal):
            if piece.id in shown:
                faces.setdefault(piece.item_id, (piece, shown[piece.id]))
        return faces

    def clip(self, piece: str) -> Clip:
        """A moment of a recording or film to hear and see, cut out of its file; `piece`: an id that a search showed.

        Raises ItemNotFound, BadInput where it has no moment or the file is gone, ChangedWhileRead, a `Refused`.
        """
        found = self._found(piece)
        return self._cutting().cut(found.item, found.piece.place)

    def picture(self, item: str, side: int) -> Preview:
        """A picture whole, encoded anew from its pixels. side: the longest, in pixels.

        Raises ItemNotFound, BadInput where it is no picture or its file is gone, ChangedWhileRead, a `Refused`.
        """
        return self._cutting().picture(self._item(item), side)

    def opened(self, item: str) -> int:
        """The file of an item, open for reading: a descriptor, which the caller closes.

        Raises ItemNotFound, BadInput where the file is gone, ChangedWhileRead where it is another one by now.
        """
        from sensorium.search.showing.clips import opened_as_added

        with opened_as_added(self._item(item)) as descriptor:
            return os.dup(descriptor)

    def _drawn(self, found: VisiblePiece, side: int) -> Preview | None:
        """What a piece stands on, larger than it is kept; None where nothing larger is to be had."""
        if found.item.modality is Modality.IMAGE:
            return self._cutting().picture(found.item, side)
        if found.piece.place.page is None:
            return None
        # A figure is shown by itself; what else stands on a page, by the whole page.
        alone = found.piece.place.box if found.piece.aspect is Aspect.FIGURE else None
        return self._cutting().page(found.item, Place(page=found.piece.place.page, box=alone), side)

    def _cutting(self) -> Cutting:
        from sensorium.readers.recognise import recognise
        from sensorium.search.showing.clips import Cutting

        return Cutting(reader=self._machine.reader, recognise=recognise, longest=self.settings.clip_seconds)

    def _found(self, piece: str) -> VisiblePiece:
        """One piece and its item, and nothing else of it. Raises ItemNotFound."""
        found = self._store.pieces_by_id(self.scope, [piece]).get(piece)
        if found is None:
            raise _not_found(piece)
        return found

    def _piece(self, piece: str) -> Piece:
        return self._found(piece).piece

    def _item(self, item: str) -> Item:
        item_id = self._item_id(item)
        for found in self._store.items(self.scope, Filter(item_ids=frozenset({item_id}))):
            return found
        raise _not_found(item)

    def _item_id(self, item: str) -> str:
        """The id itself, or that of the item which has this path as a source."""
        source = item if item.startswith(CATALOGUE) else str(Path(item).resolve())
        for sighting in self._store.sightings(self.scope, source):
            if sighting.source == source:
                return sighting.item_id
        return item


def _not_found(item: str) -> ItemNotFound:
    return ItemNotFound(
        "no such item", subject=item, remedy="give an id that a search showed, or the path of a file that was added"
    )
