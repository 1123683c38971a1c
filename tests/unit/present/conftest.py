"""Hits made by hand, as kind or as hostile as a test wants them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Preview, Producer, Rights
from sensorium.core.results import Evidence, Hit, SearchResults
from sensorium.core.trace import Trace

PRODUCER = Producer(name="reader.fake", version="1")

Make = Callable[..., SearchResults]


def preview(width: int = 200, height: int = 100, media_type: str = "image/png") -> Preview:
    return Preview(media_type=media_type, width=width, height=height, data=b"not looked at", producer=PRODUCER)


def hit(
    *,
    path: str = "/photos/dog.png",
    title: str = "",
    text: str | None = None,
    score: float = 0.5,
    place: Place | None = None,
    shown: Preview | None = None,
) -> Hit:
    modality = Modality.IMAGE if text is None else Modality.TEXT
    lineage = Lineage(source=path, content_hash="00" * 32, size=1, modified_at=0.0, added_at=0.0, reader=PRODUCER)
    item = Item(
        id="it_1",
        tenant="local",
        modality=modality,
        media_type="image/png" if text is None else "text/plain",
        title=title,
        rights=Rights(),
        lineage=lineage,
    )
    piece = Piece(item_id=item.id, ordinal=0, modality=modality, place=place or Place(), producer=PRODUCER, text=text)
    evidence = (Evidence(route="vectors:fake", raw=0.25, rank=1),)
    return Hit(item=item, piece=piece, score=score, evidence=evidence, preview=shown)


def results(*hits: Hit, question: str = "two dogs", picture: Preview | None = None) -> SearchResults:
    return SearchResults(question=question, hits=hits, picture=picture, trace=Trace())


@pytest.fixture
def make_hit() -> Callable[..., Hit]:
    return hit


@pytest.fixture
def make_results() -> Make:
    return results


@pytest.fixture
def make_preview() -> Callable[..., Preview]:
    return preview
