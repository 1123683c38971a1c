"""What is kept, one by one: the calls that show items, pieces, previews, clips and files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sensorium.calls.base import Calls, of_one_model
from sensorium.core.errors import ItemNotFound
from sensorium.core.items import Clip, Item, Piece, Preview
from sensorium.core.receipts import CATALOGUE
from sensorium.core.reports import ItemView
from sensorium.core.scopes import Filter


class Kept(Calls):
    """Items as they are kept, for whoever may see them."""

    def show(self, item: str) -> ItemView:
        """One item whole, by its id or by a path it was added from. Raises ItemNotFound."""
        item_id = self._item_id(item)
        for found in self._store.items(self.scope, Filter(item_ids=frozenset({item_id}))):
            return ItemView(
                item=found,
                pieces=self._store.pieces_of(self.scope, item_id),
                sources=self._store.sources_of(self.scope, item_id),
            )
        raise _not_found(item)

    @of_one_model
    def describe(self, item: str) -> ItemView:
        """What `show` gives, and what is seen in the item: names with scores, first words, colours.

        The first call for a model takes seconds: it makes the vectors of 1,500 names and keeps them in the library.
        Raises ItemNotFound.
        """
        from sensorium.search.seeing import Seeing

        view = self.show(item)
        seeing = Seeing(store=self._store, encoder=self._machine.encoder, cache=self.path / "names")
        return replace(view, seen=seeing.seen(self.scope, view.item.id, view.pieces))

    def latest(self, *, before: str | None = None, most: int = 50) -> list[Item]:
        """The items that were added last, the latest first. before: go on after the item of this id.

        Raises ItemNotFound where there is none of that id.
        """
        if before is not None:
            self.show(before)
        return self._store.latest(self.scope, before, most)

    def preview(self, piece: str) -> Preview | None:
        """The small picture of a piece: its own, or of the page or the frame that it belongs to; None without one.

        Raises ItemNotFound.
        """
        from sensorium.search.views import shown_with

        found = self._piece(piece)
        return shown_with(self._store, self.scope, [found]).get(found.id)

    def clip(self, piece: str) -> Clip:
        """A moment of a recording or film to hear and see, cut out of its file; `piece`: an id that a search showed.

        Raises ItemNotFound, BadInput where it has no moment or the file is gone, ChangedWhileRead, a `Refused`.
        """
        from sensorium.readers.recognise import recognise
        from sensorium.search.clips import Cutting

        view, place = self.show(piece.rpartition(".")[0]), self._piece(piece).place
        cutting = Cutting(reader=self._machine.reader, recognise=recognise, longest=self.settings.clip_seconds)
        return cutting.cut(view.item, place)

    def picture(self, item: str, side: int) -> Preview:
        """A picture whole, encoded anew from its pixels. side: the longest, in pixels.

        Raises ItemNotFound, BadInput where it is no picture or its file is gone, ChangedWhileRead, a `Refused`.
        """
        from sensorium.readers.recognise import recognise
        from sensorium.search.clips import Cutting

        cutting = Cutting(reader=self._machine.reader, recognise=recognise, longest=self.settings.clip_seconds)
        return cutting.picture(self.show(item).item, side)

    def opened(self, item: str) -> int:
        """The file of an item, open for reading: a descriptor, which the caller closes.

        Raises ItemNotFound, BadInput where the file is gone, ChangedWhileRead where it is another one by now.
        """
        from sensorium.search.clips import opened_as_added

        with opened_as_added(self.show(item).item) as descriptor:
            return os.dup(descriptor)

    def _piece(self, piece: str) -> Piece:
        found = next((one for one in self.show(piece.rpartition(".")[0]).pieces if one.id == piece), None)
        if found is None:
            raise _not_found(piece)
        return found

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
