"""Everything that changes items, inside one transaction that the caller opens and ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from sensorium.core.contents import Addition
from sensorium.core.errors import ItemNotFound
from sensorium.core.items import Item, Preview, Rights
from sensorium.core.receipts import JOINED, Refusal, Sighting
from sensorium.core.scopes import Scope
from sensorium.stores import attributes, parts, vocabulary, voices, words
from sensorium.stores.details import add_details
from sensorium.stores.producers import producer_id
from sensorium.stores.rows import compact_json, path_bytes, rights_text
from sensorium.stores.vectors import add_vectors
from sensorium.stores.visibility import VISIBLE_RIGHTS, json_list, seen_by


class Writing:
    """One transaction's changes on behalf of one scope.

    generation: the one that the store will have when the transaction ends, if anything changed.
    """

    def __init__(self, connection: sqlite3.Connection, scope: Scope, generation: int) -> None:
        self.connection = connection
        self.scope = scope
        self.generation = generation
        self._added: dict[str, int] = {}
        self._lost_a_source: set[int] = set()

    # -- what a commit consists of -----------------------------------------------------------------------------------

    def add(self, addition: Addition) -> None:
        """Adds an item with its pieces, previews, vectors and details; one that is there already is left as it is."""
        if addition.item.tenant != self.scope.tenant:
            raise ValueError(f"item {addition.item.id} belongs to another tenant than the scope")
        number = self._insert_item(addition.item)
        if number is None:
            self._added[addition.item.id] = self._known_number(addition.item)
            return
        self._added[addition.item.id] = number
        parts.drop(self.connection, addition.item.id)
        attributes.add(self.connection, number, self.rights_id(addition.item.rights), addition.item.attributes)
        keys = self._insert_pieces(addition, number)
        words.add(self.connection, keys.values())
        vocabulary.add(self.connection, keys.values())
        for ordinal, preview in addition.previews.items():
            self._insert_preview(keys[ordinal], preview)
        for space_id, vectors in addition.vectors.items():
            ordinals = addition.covered.get(space_id, tuple(keys))
            pieces = [keys[ordinal] for ordinal in ordinals]
            add_vectors(self.connection, space_id, pieces, vectors, self.generation)
        for space_id, details in addition.details.items():
            add_details(self.connection, space_id, {keys[ordinal]: detail for ordinal, detail in details.items()})

    def see(self, sighting: Sighting) -> None:
        """Records where an item was seen. Other items that this scope can see lose that source to it."""
        number = self._added.get(sighting.item_id) or self._visible_number(sighting.item_id)
        if number is None:
            raise ItemNotFound("a file was seen of an item that is not there", subject=sighting.item_id)
        source = path_bytes(sighting.source)
        self._drop_source(source, keep=number)
        self._drop_refusal(source)
        self.connection.execute(
            "INSERT OR REPLACE INTO sources (source, item, content_hash, size, modified_ns, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (source, number, sighting.content_hash, sighting.size, sighting.modified_ns, sighting.seen_at),
        )

    def refuse(self, refusal: Refusal) -> None:
        """Records why a file was not added, in place of what was said of it before."""
        source = path_bytes(refusal.source)
        self._drop_refusal(source)
        self.connection.execute(
            "INSERT OR REPLACE INTO refusals (source, rights, code, reason, refused_at) VALUES (?, ?, ?, ?, ?)",
            (source, self.rights_id(refusal.rights), refusal.code, refusal.reason, refusal.refused_at),
        )

    def lose(self, source: str) -> None:
        """Takes a source that is no more from the items that this scope can see, and its refusal."""
        self._drop_source(path_bytes(source), keep=None)
        self._drop_refusal(path_bytes(source))

    def settle_sources(self) -> None:
        """Erases the items that lost their last source; the others name one of those they still have, and one that
        holds their content rather than a part of it."""
        lost = json.dumps(sorted(self._lost_a_source))
        left = "SELECT 1 FROM sources s WHERE s.item = items.number"
        orphans = self.connection.execute(
            f"SELECT number FROM items WHERE number IN (SELECT value FROM json_each(?)) AND NOT EXISTS ({left})",
            (lost,),
        ).fetchall()
        self._erase([number for (number,) in orphans])
        self.connection.execute(
            "UPDATE items SET source = (SELECT s.source FROM sources s WHERE s.item = number"
            f" ORDER BY s.content_hash GLOB '{JOINED}*', s.seen_at DESC, s.source LIMIT 1)"
            f" WHERE number IN (SELECT value FROM json_each(?)) AND NOT EXISTS ({left} AND s.source = items.source)",
            (lost,),
        )
        self.connection.execute(
            "UPDATE items SET file = file_name(source) WHERE number IN (SELECT value FROM json_each(?))", (lost,)
        )

    # -- erasure -----------------------------------------------------------------------------------------------------

    def forget(self, item_ids: Iterable[str]) -> int:
        """Erases the items among `item_ids` that this scope can see, and what was refused at their sources."""
        numbers = sorted({number for id in item_ids if (number := self._visible_number(id)) is not None})
        sources = self.connection.execute(
            "SELECT DISTINCT source FROM sources WHERE item IN (SELECT value FROM json_each(:items))"
            " UNION SELECT source FROM items WHERE number IN (SELECT value FROM json_each(:items))",
            {"items": json.dumps(numbers)},
        ).fetchall()
        for (source,) in sources:
            self._drop_refusal(source)
        self._erase(numbers)
        if numbers:
            self.connection.execute("UPDATE library SET scrub_due = 1")
        return len(numbers)

    def _erase(self, numbers: Sequence[int]) -> None:
        """Deletes items; pieces, previews, vectors, attributes and sources go with them by their foreign keys."""
        if not numbers:
            return
        chosen = json.dumps(numbers)
        self.connection.execute(
            "INSERT INTO removed (space, generation, piece)"
            " SELECT v.space, ?, v.piece FROM pieces p JOIN vectors v ON v.piece = p.key"
            " WHERE p.item IN (SELECT value FROM json_each(?))",
            (self.generation, chosen),
        )
        words.remove(self.connection, numbers)
        vocabulary.remove(self.connection, numbers)
        bereft = voices.taken_from(self.connection, numbers)
        self.connection.execute("DELETE FROM items WHERE number IN (SELECT value FROM json_each(?))", (chosen,))
        voices.take_anew(self.connection, bereft)
        # Names of principals are personal data too: rights that nothing refers to go as well.
        self.connection.execute(
            "DELETE FROM rights WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.rights = rights.id)"
            " AND NOT EXISTS (SELECT 1 FROM refusals WHERE refusals.rights = rights.id)"
            " AND NOT EXISTS (SELECT 1 FROM voices WHERE voices.rights = rights.id)"
        )

    # -- single rows -------------------------------------------------------------------------------------------------

    def _insert_item(self, item: Item) -> int | None:
        lineage = item.lineage
        cursor = self.connection.execute(
            "INSERT INTO items (id, rights, modality, media_type, title, attributes, source, content_hash, size,"
            " modified_at, added_at, reader, file)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, file_name(?)) ON CONFLICT (id) DO NOTHING",
            (
                item.id,
                self.rights_id(item.rights),
                item.modality,
                item.media_type,
                item.title,
                attributes.attributes_json(item.attributes),
                path_bytes(lineage.source),
                lineage.content_hash,
                lineage.size,
                lineage.modified_at,
                lineage.added_at,
                producer_id(self.connection, lineage.reader),
                path_bytes(lineage.source),
            ),
        )
        return cursor.lastrowid if cursor.rowcount else None

    def _insert_pieces(self, addition: Addition, item: int) -> dict[int, int]:
        """The keys of the new pieces, by ordinal."""
        rights = self.rights_id(addition.item.rights)
        keys: dict[int, int] = {}
        for piece in addition.pieces:
            if piece.item_id != addition.item.id:
                raise ValueError(f"piece {piece.id} belongs to another item than {addition.item.id}")
            cursor = self.connection.execute(
                "INSERT INTO pieces (item, rights, ordinal, modality, place, text, producer, aspect, attributes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    item,
                    rights,
                    piece.ordinal,
                    piece.modality,
                    compact_json(piece.place.as_json()),
                    piece.text,
                    producer_id(self.connection, piece.producer),
                    piece.aspect,
                    compact_json(dict(piece.attributes)),
                ),
            )
            assert cursor.lastrowid is not None
            keys[piece.ordinal] = cursor.lastrowid
        return keys

    def _insert_preview(self, key: int, preview: Preview) -> None:
        self.connection.execute(
            "INSERT INTO previews (piece, media_type, width, height, data, producer) VALUES (?, ?, ?, ?, ?, ?)",
            (
                key,
                preview.media_type,
                preview.width,
                preview.height,
                preview.data,
                producer_id(self.connection, preview.producer),
            ),
        )

    def rights_id(self, rights: Rights) -> int:
        """The number of these rights, made where they are new."""
        wanted = (self.scope.tenant, rights_text(rights))
        found = self.connection.execute("SELECT id FROM rights WHERE tenant = ? AND rights = ?", wanted).fetchone()
        if found is not None:
            return int(found[0])
        cursor = self.connection.execute("INSERT INTO rights (tenant, rights) VALUES (?, ?)", wanted)
        number = cursor.lastrowid
        assert number is not None
        self.connection.executemany(
            "INSERT INTO rights_names (role, name, rights) VALUES (?, ?, ?)",
            [(role, name, number) for role, names in rights.as_json().items() for name in names],
        )
        return number

    def _known_number(self, item: Item) -> int:
        found = self.connection.execute(
            "SELECT number FROM items WHERE id = ? AND rights = ?", (item.id, self.rights_id(item.rights))
        ).fetchone()
        if found is None:
            raise ValueError(f"item {item.id} is known with other rights")
        return int(found[0])

    def _visible_number(self, item_id: str) -> int | None:
        found = self.connection.execute(
            f"SELECT number FROM items WHERE id IN (SELECT value FROM json_each(:ids)) AND rights IN {VISIBLE_RIGHTS}",
            {"ids": json_list([item_id]), **seen_by(self.scope)},
        ).fetchone()
        return None if found is None else int(found[0])

    def _drop_source(self, source: bytes, *, keep: int | None) -> None:
        lost = self.connection.execute(
            "DELETE FROM sources WHERE source = :source AND item IS NOT :keep"
            f" AND item IN (SELECT number FROM items WHERE number = sources.item AND rights IN {VISIBLE_RIGHTS})"
            " RETURNING item",
            {"source": source, "keep": keep, **seen_by(self.scope)},
        ).fetchall()
        self._lost_a_source.update(number for (number,) in lost)

    def _drop_refusal(self, source: bytes) -> None:
        self.connection.execute(
            f"DELETE FROM refusals WHERE source = :source AND rights IN {VISIBLE_RIGHTS}",
            {"source": source, **seen_by(self.scope)},
        )
