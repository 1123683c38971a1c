"""Cuts what a hit found out of its file, to be heard and seen."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.contents import ReadRequest
from sensorium.core.errors import BadInput, ChangedWhileRead
from sensorium.core.items import Clip, Item, Modality, Place, Preview
from sensorium.core.ports import GuardedReader
from sensorium.core.receipts import WITHIN
from sensorium.search.asking.opening import opened_file, read_opened

BLOCK = 1 << 20
DRAWN = frozenset({"application/pdf"})
"""Types of documents whose reader draws pages."""
LEAST_SECONDS = 3.0
"""A moment that is shorter is cut with what is around it."""
WHOLE_SECONDS = 30.0
"""How much of a recording is cut out where no moment of it is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """What cuts clips. longest: seconds of one."""

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    longest: float

    def cut(self, item: Item, place: Place) -> Clip:
        """The moment `place` of a recording or film, read from where it lies.

        Raises BadInput where the item has no time or its file is not there or lies in an archive, ChangedWhileRead
        where the file is another one by now, a `Refused` where it can not be cut.
        """
        path = item.lineage.source
        if item.modality not in (Modality.AUDIO, Modality.VIDEO):
            raise BadInput(f"a {item.modality} has no moments", subject=path, remedy="name a recording or a film")
        with opened_as_added(item) as descriptor:
            request = ReadRequest(clip=self._stretch(place))
            clip = read_opened(descriptor, self.reader, self.recognise, request).clip
        if clip is None:
            raise BadInput("nothing can be cut out of it", subject=path, remedy="open the file itself")
        return clip

    def picture(self, item: Item, side: int) -> Preview:
        """A picture whole, encoded anew from its pixels. side: the longest, in pixels. Raises as `cut` does."""
        path = item.lineage.source
        if item.modality is not Modality.IMAGE:
            raise BadInput(f"a {item.modality} is no picture", subject=path, remedy="name a picture")
        with opened_as_added(item) as descriptor:
            document = read_opened(descriptor, self.reader, self.recognise, ReadRequest(preview_side=side))
        shown = next((piece.preview for piece in document.pieces if piece.preview is not None), None)
        if shown is None:
            raise BadInput("nothing can be seen in it", subject=path, remedy="open the file itself")
        return shown

    def page(self, item: Item, place: Place, side: int) -> Preview:
        """A page of a document, or the part of it that is `place.box`, drawn anew. side: the longest, in pixels.

        Raises as `cut` does.
        """
        path = item.lineage.source
        if item.media_type not in DRAWN or place.page is None:
            raise BadInput("it has no pages that can be drawn", subject=path, remedy="open the file itself")
        with opened_as_added(item) as descriptor:
            request = ReadRequest(preview_side=side, page=place.page, page_box=place.box)
            document = read_opened(descriptor, self.reader, self.recognise, request)
        shown = next((piece.preview for piece in document.pieces if piece.preview is not None), None)
        if shown is None:
            raise BadInput("nothing can be seen on it", subject=path, remedy="open the file itself")
        return shown

    def _stretch(self, place: Place) -> tuple[float, float]:
        start, end = place.seconds or (0.0, WHOLE_SECONDS)
        lacking = max(0.0, LEAST_SECONDS - (end - start)) / 2
        start = max(0.0, start - lacking)
        return start, min(end + lacking, start + self.longest)


@contextmanager
def opened_as_added(item: Item) -> Iterator[int]:
    """The file of an item, open as a descriptor.

    Raises BadInput where it is not there or lies in an archive, ChangedWhileRead where it is another one by now.
    """
    path = Path(item.lineage.source)
    if WITHIN in item.lineage.source and not path.exists():
        raise BadInput("it lies in an archive", subject=str(path), remedy="unpack it and add the file itself")
    with opened_file(path) as descriptor:
        if not _is_same(descriptor, item):
            raise ChangedWhileRead("it is not the file that was added", subject=str(path), remedy="add it again")
        yield descriptor


def _is_same(descriptor: int, item: Item) -> bool:
    status = os.fstat(descriptor)
    if status.st_size != item.lineage.size:
        return False
    if status.st_mtime_ns / 1e9 == item.lineage.modified_at:
        return True
    digest = hashlib.sha256()
    at = 0
    while block := os.pread(descriptor, BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest() == item.attributes.get("film_hash", item.lineage.content_hash)
