"""Lists of hits made up for tests of what puts them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sensorium.core.attributes import Value
from sensorium.core.calibration import logit
from sensorium.core.candidates import Ranked, VisiblePiece
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Evidence
from sensorium.testing.specimens import specimen


def asked(text: str = "a red dog") -> Query:
    """A question in words."""
    return Query(parts=(QueryPart(modality=Modality.TEXT, content=text),))


def ranked(
    number: int, text: str | None = "words", *, score: float = 0.5, attributes: Mapping[str, Value] | None = None
) -> Ranked:
    """The first piece of a specimen, whose key is its number, found by one route at the rank of its number.

    text: None for a picture. attributes: of its item.
    """
    addition = specimen(number)
    piece = replace(addition.pieces[0], text=text, modality=Modality.TEXT if text else Modality.IMAGE)
    return Ranked(
        found=VisiblePiece(key=number, piece=piece, item=replace(addition.item, attributes=attributes or {})),
        score=score,
        matches=score >= 0.5,
        evidence=(Evidence(route="vectors:a", raw=score / 2, rank=max(1, number)),),
        strength=logit(score),
    )


def keys(hits: Sequence[Ranked]) -> list[int]:
    """Which hits, in their order."""
    return [hit.found.key for hit in hits]
