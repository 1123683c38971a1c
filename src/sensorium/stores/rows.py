"""Records to columns and back. A path is bytes in the store, because a file name need not be text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Item, Lineage, Modality, Piece, Place, Preview, Producer, Rights
from sensorium.core.receipts import Refusal, Sighting
from sensorium.stores.attributes import attributes_of
from sensorium.stores.visibility import is_storable

ITEM_COLUMNS = """i.number AS item_number, i.id AS item_id, ir.tenant AS item_tenant, ir.rights AS item_rights,
    i.modality AS item_modality, i.media_type AS item_media_type, i.title, i.attributes, i.source, i.content_hash,
    i.size, i.modified_at, i.added_at, r.name AS reader_name, r.version AS reader_version, r.digest AS reader_digest"""
ITEM_TABLES = "items i JOIN rights ir ON ir.id = i.rights JOIN producers r ON r.id = i.reader"

PIECE_COLUMNS = """p.key, i.id AS item_id, p.ordinal, p.modality AS piece_modality, p.place, p.text,
    p.aspect, p.attributes AS piece_attributes,
    c.name AS producer_name, c.version AS producer_version, c.digest AS producer_digest"""
PIECE_TABLES = "pieces p JOIN items i ON i.number = p.item JOIN producers c ON c.id = p.producer"


def path_bytes(path: str) -> bytes:
    """The bytes of a path, undecodable ones included (PEP 383)."""
    return path.encode("utf-8", "surrogateescape")


def path_text(path: bytes) -> str:
    """The inverse of `path_bytes`."""
    return path.decode("utf-8", "surrogateescape")


def item_of(row: sqlite3.Row) -> Item:
    """The item in a row of `ITEM_COLUMNS`."""
    return Item(
        id=row["item_id"],
        tenant=row["item_tenant"],
        modality=Modality(row["item_modality"]),
        media_type=row["item_media_type"],
        title=row["title"],
        rights=rights_of(row["item_rights"]),
        lineage=Lineage(
            source=path_text(row["source"]),
            content_hash=row["content_hash"],
            size=row["size"],
            modified_at=row["modified_at"],
            added_at=row["added_at"],
            reader=_producer_of(row, "reader"),
        ),
        attributes=attributes_of(row["attributes"]),
    )


def piece_of(row: sqlite3.Row) -> Piece:
    """The piece in a row of `PIECE_COLUMNS`."""
    return Piece(
        item_id=row["item_id"],
        ordinal=row["ordinal"],
        modality=Modality(row["piece_modality"]),
        place=_place_of(row["place"]),
        producer=_producer_of(row, "producer"),
        text=row["text"],
        aspect=Aspect(row["aspect"]),
        attributes=_parsed(row["piece_attributes"]),
    )


def preview_of(row: sqlite3.Row) -> Preview:
    """The preview in a row that has the columns of `previews` and those of its producer."""
    return Preview(
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        data=row["data"],
        producer=_producer_of(row, "producer"),
    )


def sighting_of(row: sqlite3.Row) -> Sighting:
    """The sighting in a row of `sources` with the item's id."""
    return Sighting(
        source=path_text(row["source"]),
        item_id=row["item_id"],
        content_hash=row["content_hash"],
        size=row["size"],
        modified_ns=row["modified_ns"],
        seen_at=row["seen_at"],
    )


def refusal_of(row: sqlite3.Row) -> Refusal:
    """The refusal in a row of `refusals` with its rights."""
    return Refusal(
        source=path_text(row["source"]),
        code=row["code"],
        reason=row["reason"],
        refused_at=row["refused_at"],
        rights=rights_of(row["rights"]),
    )


def rights_text(rights: Rights) -> str:
    """The canonical JSON of rights. Raises BadInput for a name that could not be compared exactly later."""
    for name in rights.readers | rights.denied | rights.purposes:
        if not is_storable(name):
            raise BadInput(
                "a name in the rights holds NUL or a lone surrogate", subject=ascii(name), remedy="rename it"
            )
    return compact_json(rights.as_json())


def compact_json(value: Mapping[str, Any]) -> str:
    """JSON without spaces and with sorted names, so that equal values have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _parsed(written: str) -> dict[str, Any]:
    """An object of JSON; most are empty."""
    return {} if written == "{}" else dict(json.loads(written))


# Rows of thousands of pieces hold few rights, places and producers, and these records can not be changed: each is made
# once and shared. A question looks at some hundred rows, and making these anew was a third of its time.


@lru_cache(maxsize=1_024)
def rights_of(written: str) -> Rights:
    """The inverse of `rights_text`."""
    return Rights.from_json(json.loads(written))


@lru_cache(maxsize=4_096)
def _place_of(written: str) -> Place:
    return Place.from_json(json.loads(written))


@lru_cache(maxsize=1_024)
def _producer(name: str, version: str, digest: str) -> Producer:
    return Producer(name=name, version=version, digest=digest)


def _producer_of(row: sqlite3.Row, prefix: str) -> Producer:
    return _producer(row[f"{prefix}_name"], row[f"{prefix}_version"], row[f"{prefix}_digest"])
