"""Items, pieces and vectors made up for tests: the same number always gives the same specimen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from sensorium.core.contents import Addition
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Preview, Producer, Rights, item_id
from sensorium.core.receipts import Refusal, Sighting
from sensorium.core.results import Hit
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space, Vectors

WIDTH = 16
SPACE = Space(name="specimen", version="1", width=WIDTH, digest="5a" * 32)
OTHER_SPACE = Space(name="other", version="1", width=WIDTH * 2, digest="07" * 32)
READER = Producer(name="reader.specimen", version="1")
OWNER = Scope.local_owner()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a specimen is like. pieces: how many. rights: None gives those that the scope gives by default.

    details: whether each piece has details in every space.
    """

    modality: Modality = Modality.TEXT
    media_type: str = "text/plain"
    pieces: int = 1
    rights: Rights | None = None
    spaces: tuple[Space, ...] = (SPACE,)
    details: bool = False


TEXT = Kind()
PICTURE = Kind(modality=Modality.IMAGE, media_type="image/png")


def unit_vectors(count: int, width: int = WIDTH, seed: int = 0) -> Vectors:
    """float32 [count, width], pseudo-random, of unit length.

    >>> unit_vectors(2, width=3).shape
    (2, 3)
    """
    rows = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def specimen(number: int, kind: Kind = TEXT, *, scope: Scope = OWNER) -> Addition:
    """An item with its pieces, a preview of the first, and vectors, unlike that of any other number.

    >>> specimen(7).item.lineage.source
    '/specimens/7'
    """
    content_hash = hashlib.sha256(f"specimen {number}".encode()).hexdigest()
    rights = scope.private_rights() if kind.rights is None else kind.rights
    item = Item(
        id=item_id(scope.tenant, content_hash, rights),
        tenant=scope.tenant,
        modality=kind.modality,
        media_type=kind.media_type,
        title=f"title of {number}",
        rights=rights,
        lineage=Lineage(
            source=f"/specimens/{number}",
            content_hash=content_hash,
            size=1000 + number,
            modified_at=1.5,
            added_at=2.5 + number,
            reader=READER,
        ),
        attributes={"characters": str(number)},
    )
    pieces = tuple(_piece(item, number, ordinal) for ordinal in range(kind.pieces))
    preview = Preview(media_type="image/webp", width=8, height=6, data=f"preview of {number}".encode(), producer=READER)
    return Addition(
        item=item,
        pieces=pieces,
        previews={0: preview} if pieces else {},
        vectors={space.id: unit_vectors(kind.pieces, space.width, seed=number) for space in kind.spaces},
        covered={space.id: tuple(range(kind.pieces)) for space in kind.spaces},
        details={space.id: _details(item, space, kind.pieces) for space in kind.spaces} if kind.details else {},
    )


def specimens(numbers: Iterable[int], kind: Kind = TEXT, *, scope: Scope = OWNER) -> list[Addition]:
    """One specimen for each number."""
    return [specimen(number, kind, scope=scope) for number in numbers]


def sighting(addition: Addition, source: str | None = None) -> Sighting:
    """The item of `addition`, seen at `source`; None: where its lineage says."""
    lineage = addition.item.lineage
    return Sighting(
        source=lineage.source if source is None else source,
        item_id=addition.item.id,
        content_hash=lineage.content_hash,
        size=lineage.size,
        modified_ns=1_500_000_000,
        seen_at=lineage.added_at,
    )


def shown(number: int, text: str) -> Hit:
    """The first piece of a specimen as a search shows it, saying `text`.

    >>> shown(7, "Dogs bark.").words
    'Dogs bark.'
    """
    addition = specimen(number)
    return Hit(item=addition.item, piece=replace(addition.pieces[0], text=text), score=0.9, evidence=())


def refusal(source: str, scope: Scope = OWNER, *, code: str = "damaged") -> Refusal:
    """A file that was not added."""
    return Refusal(
        source=source, code=code, reason="the bytes make no picture", refused_at=4.5, rights=scope.private_rights()
    )


def _details(item: Item, space: Space, pieces: int) -> dict[int, bytes]:
    """32 bytes for each piece, unlike those of any other piece and space."""
    return {n: hashlib.sha256(f"details of {item.id}.{n} in {space.id}".encode()).digest() for n in range(pieces)}


def _piece(item: Item, number: int, ordinal: int) -> Piece:
    is_text = item.modality is Modality.TEXT
    whole = Piece(item_id=item.id, ordinal=ordinal, modality=item.modality, place=Place(), producer=READER)
    if not is_text:
        return whole
    return replace(whole, place=Place(characters=(ordinal, ordinal + 9)), text=f"text {ordinal} of {number}")
