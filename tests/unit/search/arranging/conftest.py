"""Hits as they are arranged, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sensorium.core.attributes import Value
from sensorium.core.calibration import logit
from sensorium.core.candidates import Ranked, VisiblePiece
from sensorium.core.fingerprints import FINGERPRINT
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.results import Evidence

READER = Producer(name="reader.test", version="1")

Making = Callable[..., Ranked]


@pytest.fixture
def make() -> Making:
    """A hit: `make(7, score=0.5, price=3)` has the key 7 and an attribute."""
    return made


def made(  # noqa: PLR0913 - what may matter of a hit, each by its name
    key: int,
    *,
    score: float = 0.5,
    matches: bool = True,
    source: str = "",
    added_at: float = 0.0,
    text: str | None = None,
    fingerprint: str | None = None,
    item: str = "",
    pinned: int = 0,
    route: str = "vectors:test",
    **attributes: Value,
) -> Ranked:
    named = item or f"item{key}"
    lineage = Lineage(
        source=source or f"/files/{named}",
        content_hash="",
        size=1,
        modified_at=0.0,
        added_at=added_at,
        reader=READER,
    )
    piece: dict[str, Any] = {"attributes": {}} if fingerprint is None else {"attributes": {FINGERPRINT: fingerprint}}
    return Ranked(
        found=VisiblePiece(
            key=key,
            piece=Piece(
                item_id=named,
                ordinal=key,
                modality=Modality.IMAGE if text is None else Modality.TEXT,
                place=Place(),
                producer=READER,
                text=text,
                **piece,
            ),
            item=Item(
                id=named,
                tenant="local",
                modality=Modality.IMAGE,
                media_type="image/png",
                title=named,
                rights=Rights(),
                lineage=lineage,
                attributes=attributes,
            ),
        ),
        score=score,
        matches=matches,
        evidence=(Evidence(route=route, raw=0.1, rank=1),),
        strength=logit(score),
        pinned=pinned,
    )
