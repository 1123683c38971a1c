"""From what a caller says to a `Query`: words, files to look like, what to avoid."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sensorium.core.arrangement import AS_FOUND, Arrangement
from sensorium.core.contents import ImageInput, ReadRequest
from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Aspect, Modality, Preview
from sensorium.core.ports import GuardedReader
from sensorium.core.predicates import Predicate
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.core.settings import Settings
from sensorium.search.asking.likeness import FileReading
from sensorium.search.asking.opening import opened_file, read_opened

NOT_LIKE = -0.5
"""Weight of each text to avoid, against 1 of what is wanted. At -1 hits are what is least like the text, on any
subject; at half of it they keep to the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words of a caller. image: path of a picture. like: paths of files of any kind that the hits should be like.
    exclude: texts that they should not be like. known: parts that were made already, of pieces that are kept.

    modalities: kinds of items, aspects: of their pieces, speakers: names of who speaks, where: what must hold of the
    items, where to look; None for everywhere. The other fields are those of `Query`.
    """

    text: str | None = None
    image: str | Path | None = None
    like: Sequence[str | Path] = ()
    text_weight: float = 1.0
    image_weight: float = 1.0
    exclude: Sequence[str] = ()
    known: Sequence[QueryPart] = ()
    modalities: Collection[Modality | str] | None = None
    aspects: Collection[Aspect | str] | None = None
    speakers: Collection[str] | None = None
    where: Predicate | None = None
    k: int = 10
    per_item: int = 1
    rerank: bool | None = None
    hubness: bool | None = None
    arrangement: Arrangement = AS_FOUND


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
            request = ReadRequest(image_inputs=(self.image_input,), preview_side=self.preview_side)
            document = read_opened(descriptor, self.reader, self.recognise, request)
        piece = document.pieces[0]
        if piece.modality is not Modality.IMAGE:
            raise BadInput("this is no picture", subject=str(path), remedy="ask with a picture, or with its words")
        part = QueryPart(modality=Modality.IMAGE, content=piece.renditions[0], label=path.name)
        return part, piece.preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """How files of a question are read; called only when one has to be."""

    picture: Callable[[], PictureReading]
    file: Callable[[], FileReading]


def question(asked: Asked, readings: Readings, settings: Settings) -> tuple[Query, Preview | None]:
    """The query that `asked` stands for, and the preview of its picture.

    Raises BadQuery, and what `PictureReading.read` and `FileReading.read` raise.
    """
    parts: list[QueryPart] = []
    preview = None
    if asked.text is not None:
        parts.append(_text(asked.text, asked.text_weight, settings))
    if asked.image is not None:
        picture, preview = readings.picture().read(Path(asked.image))
        parts.append(replace(picture, weight=asked.image_weight))
    for path in asked.like:
        likeness, shown = readings.file().read(Path(path))
        parts += [replace(part, weight=part.weight * asked.image_weight) for part in likeness]
        preview = preview or shown
    parts.extend(asked.known)
    parts.extend(_text(words, NOT_LIKE, settings) for words in asked.exclude)
    if asked.k > settings.query_k:
        raise BadQuery(f"k is {asked.k}", remedy=f"ask for at most {settings.query_k}, or raise SENSORIUM_QUERY_K")
    query = Query(
        parts=tuple(parts),
        k=asked.k,
        per_item=asked.per_item,
        filter=_filter(asked),
        rerank=asked.rerank,
        hubness=asked.hubness,
        arrangement=asked.arrangement,
    )
    return query, preview


def _text(words: str, weight: float, settings: Settings) -> QueryPart:
    if len(words) > settings.query_characters:
        raise BadQuery(
            f"a text of the question has {len(words):,} characters",
            remedy=f"give at most {settings.query_characters:,}, or add it as a file and ask for what is like it",
        )
    return QueryPart(modality=Modality.TEXT, content=words, weight=weight)


def kinds_of(modalities: Collection[Modality | str] | None) -> frozenset[Modality] | None:
    """Kinds of items by their names. Raises BadQuery."""
    try:
        return None if modalities is None else frozenset(map(Modality, modalities))
    except ValueError as error:
        raise BadQuery(str(error), remedy=f"look in: {', '.join(Modality)}") from None


def _filter(asked: Asked) -> Filter:
    try:
        return Filter(
            kinds=kinds_of(asked.modalities),
            aspects=None if asked.aspects is None else frozenset(map(Aspect, asked.aspects)),
            speakers=None if asked.speakers is None else frozenset(asked.speakers),
            where=asked.where,
        )
    except ValueError as error:
        raise BadQuery(str(error), remedy=f"aspects: {', '.join(Aspect)}") from None
