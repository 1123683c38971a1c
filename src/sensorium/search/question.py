"""From what a caller says to a `Query`: words, a picture file, what to avoid."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sensorium.core.contents import HEAD_BYTES, ImageInput, ReadRequest
from sensorium.core.errors import BadInput, BadQuery, Refused
from sensorium.core.items import Modality, Preview
from sensorium.core.ports import GuardedReader
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.core.settings import Settings

NOT_LIKE = -0.5
"""Weight of each text to avoid, against 1 of what is wanted. At -1 hits are what is least like the text, on any
subject; at half of it they keep to the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words of a caller. image: path of a picture. exclude: texts that the hits should not be like.

    modalities: where to look, None for everywhere. The other fields are those of `Query`.
    """

    text: str | None = None
    image: str | Path | None = None
    text_weight: float = 1.0
    image_weight: float = 1.0
    exclude: Sequence[str] = ()
    modalities: Collection[Modality | str] | None = None
    k: int = 10
    per_item: int = 1
    rerank: bool | None = None
    hubness: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReading:
    """What turns a picture file into pixels: the guarded reader, and the input of the encoder that gets them."""

    reader: GuardedReader
    recognise: Callable[[bytes], str]
    image_input: ImageInput | None
    preview_side: int

    def read(self, path: Path) -> tuple[QueryPart, Preview | None]:
        """The picture as a part of a question, and its preview.

        Raises BadInput when there is no such file or it is no picture, BadQuery when the encoder takes none, a
        `Refused` when it can not be read.
        """
        if self.image_input is None:
            raise BadQuery("the encoder of this library takes no pictures", remedy="ask in words")
        with opened_file(path) as descriptor:
            media_type = self.recognise(os.pread(descriptor, HEAD_BYTES, 0))
            request = ReadRequest(image_inputs=(self.image_input,), preview_side=self.preview_side)
            document = self.reader.read(descriptor, media_type, request)
        piece = document.pieces[0]
        if piece.modality is not Modality.IMAGE:
            raise BadInput("this is no picture", subject=str(path), remedy="ask with a picture, or with its words")
        part = QueryPart(modality=Modality.IMAGE, content=piece.renditions[0], label=path.name)
        return part, piece.preview


def question(asked: Asked, reading: Callable[[], PictureReading], settings: Settings) -> tuple[Query, Preview | None]:
    """The query that `asked` stands for, and the preview of its picture.

    reading: called only when a picture has to be read. Raises BadQuery, and what `PictureReading.read` raises.
    """
    parts: list[QueryPart] = []
    preview = None
    if asked.text is not None:
        parts.append(_text(asked.text, asked.text_weight, settings))
    if asked.image is not None:
        picture, preview = reading().read(Path(asked.image))
        parts.append(replace(picture, weight=asked.image_weight))
    parts.extend(_text(words, NOT_LIKE, settings) for words in asked.exclude)
    if asked.k > settings.query_k:
        raise BadQuery(f"k is {asked.k}", remedy=f"ask for at most {settings.query_k}, or raise SENSORIUM_QUERY_K")
    query = Query(
        parts=tuple(parts),
        k=asked.k,
        per_item=asked.per_item,
        filter=_filter(asked.modalities),
        rerank=asked.rerank,
        hubness=asked.hubness,
    )
    return query, preview


def _text(words: str, weight: float, settings: Settings) -> QueryPart:
    if len(words) > settings.query_characters:
        raise BadQuery(
            f"a text of the question has {len(words):,} characters",
            remedy=f"give at most {settings.query_characters:,}, or add it as a file and ask for what is like it",
        )
    return QueryPart(modality=Modality.TEXT, content=words, weight=weight)


def _filter(modalities: Collection[Modality | str] | None) -> Filter:
    if modalities is None:
        return Filter()
    try:
        return Filter(kinds=frozenset(Modality(name) for name in modalities))
    except ValueError as error:
        raise BadQuery(str(error), remedy=f"look in: {', '.join(Modality)}") from None


@contextmanager
def opened_file(path: Path) -> Iterator[int]:
    """A regular file, open for reading, as a descriptor. What refuses it inside the block is told its name."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadInput(
            f"it can not be opened ({error.strerror})", subject=str(path), remedy="check its name"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadInput("it is not a file", subject=str(path), remedy="ask with one picture file")
        yield descriptor
    except Refused as refused:
        raise type(refused)(refused.what, subject=str(path), remedy=refused.remedy) from refused
    finally:
        os.close(descriptor)
