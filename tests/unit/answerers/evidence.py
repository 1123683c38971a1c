"""Hits and packs for tests of answers."""

from __future__ import annotations

from collections.abc import Sequence

from sensorium.core.answers import Exhibit, Pack
from sensorium.core.items import Aspect, Item, Lineage, Modality, Piece, Place, Preview, Producer, Rights
from sensorium.core.results import Hit, SearchResults
from sensorium.core.trace import Trace

PRODUCER = Producer(name="reader.text", version="1")


def item(name: str, modality: Modality = Modality.TEXT) -> Item:
    return Item(
        id=f"it_{name}",
        tenant="local",
        modality=modality,
        media_type="text/plain",
        title=name,
        rights=Rights(readers=frozenset({"owner"})),
        lineage=Lineage(
            source=f"/kept/{name}", content_hash="0" * 64, size=1, modified_at=0.0, added_at=0.0, reader=PRODUCER
        ),
    )


def hit(  # noqa: PLR0913 - what a test may set, each by its name
    text: str | None,
    *,
    name: str = "note",
    ordinal: int = 0,
    place: Place | None = None,
    aspect: Aspect = Aspect.CONTENT,
    score: float = 0.9,
    matches: bool = True,
) -> Hit:
    picture = text is None
    piece = Piece(
        item_id=f"it_{name}",
        ordinal=ordinal,
        modality=Modality.IMAGE if picture else Modality.TEXT,
        place=place or Place(),
        producer=PRODUCER,
        text=text,
        aspect=aspect,
    )
    preview = Preview(media_type="image/webp", width=4, height=4, data=b"pixels", producer=PRODUCER)
    return Hit(
        item=item(name, Modality.IMAGE if picture else Modality.TEXT),
        piece=piece,
        score=score,
        evidence=(),
        matches=matches,
        preview=preview if picture else None,
    )


def pack(*texts: str) -> Pack:
    """One exhibit a text, each of an item of its own."""
    return Pack(
        exhibits=tuple(
            Exhibit(number=number, hit=hit(text, name=f"note{number}"), text=text)
            for number, text in enumerate(texts, start=1)
        )
    )


def results(hits: Sequence[Hit], question: str = "?") -> SearchResults:
    return SearchResults(question=question, hits=tuple(hits), trace=Trace())
