"""A catalogue -> items: one a row, with typed attributes, its pictures and its text.

A row is known by its key. What it says and shows decides its identity, like the content of a file: where that changes,
it is read and encoded anew; where only facts change, as a price or the stock, they are changed in place.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sensorium.core.attributes import COLLECTIONS, Amendment, Kind, Value, name_of
from sensorium.core.contents import Addition
from sensorium.core.errors import BadInput
from sensorium.core.items import Item, Lineage, Modality, Producer, item_id
from sensorium.core.receipts import CATALOGUE, Outcome, Receipt, ReceiptLine, Sighting
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import AttributeStore
from sensorium.ingest.catalogue_pictures import Picture, Pictures
from sensorium.ingest.catalogue_rows import Row, Table, read_table
from sensorium.ingest.catalogue_texts import document_of, words_of
from sensorium.ingest.catalogue_types import Column, columns_of, place_of
from sensorium.ingest.encode import Draft, Stopped, addition, read_request
from sensorium.ingest.making import Making
from sensorium.ingest.options import IngestOptions, IngestPorts

MEDIA_TYPE = "application/x-catalogue-row"
READER = Producer(name="ingest.catalogue", version="1")
PLACE = "place"
"""The attribute that a column of latitudes and one of longitudes make together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueForm:
    """What the columns of a catalogue mean; each is named by its title or by its name in filters.

    key: the column that tells rows apart. images: columns of paths of pictures, several in a cell parted by "|". title:
    the column that names a row, by default its key. texts: columns that make the text that is found by meaning, by
    default all texts. types: kinds of columns, inferred where none is given. name: of the catalogue, by default its
    path: rows of equal name and key are the same row. folder: where pictures lie, by default where the catalogue does.
    """

    key: str
    images: tuple[str, ...] = ()
    title: str | None = None
    texts: tuple[str, ...] | None = None
    types: Mapping[str, Kind | str] = field(default_factory=dict)
    name: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A row, understood. hash: of what is encoded. reasons: what was left out of it and why."""

    source: str
    item_id: str
    hash: str
    title: str
    attributes: Mapping[str, Value]
    words: str
    pictures: tuple[Picture, ...]
    reasons: tuple[str, ...]


def add_catalogue(
    scope: Scope, ports: IngestPorts, facts: AttributeStore, path: Path, form: CatalogueForm, options: IngestOptions
) -> Receipt:
    """Adds the rows of a catalogue, and changes those that are known by their key.

    Rows that are not there any more are told as vanished, and forgotten only where `options.prune` says so. Raises
    BadInput before anything is changed for a file or a column that is not as it has to be.
    """
    return _Run(scope, ports, facts, path, form, options).receipt()


class _Run:
    """One call of `add_catalogue`."""

    def __init__(
        self,
        scope: Scope,
        ports: IngestPorts,
        facts: AttributeStore,
        path: Path,
        form: CatalogueForm,
        options: IngestOptions,
    ) -> None:
        self._scope, self._ports, self._facts, self._options = scope, ports, facts, options
        self._path = path.resolve()
        self._table: Table = read_table(self._path, options.settings, ports.records)
        self._columns = columns_of(self._table, self._kinds(form))
        self._key = self._column(form.key)
        self._title = self._column(form.title) if form.title else self._key
        self._images = tuple(self._column(name) for name in form.images)
        self._texts = self._text_columns(form)
        for title in form.types:
            self._column(title)
        self._name = form.name or str(self._path)
        request = read_request(ports.encoders, ports.perceivers, options.settings)
        folder = (form.folder or self._path.parent).resolve()
        self._pictures = Pictures(ports=ports, request=request, folder=folder, largest=options.settings.file_bytes)
        self._making = Making(ports, request, options.stop)
        self._request = request
        self._rights = scope.private_rights()
        self._modified_at = self._path.stat().st_mtime
        self._receipt = Receipt(notes=[_told(self._columns)])

    def receipt(self) -> Receipt:
        start = time.perf_counter()
        self._options.progress.discovered(len(self._table.rows))
        known = {seen.source: seen for seen in self._ports.sources.sightings(self._scope, f"{CATALOGUE}{self._name}")}
        try:
            present = self._all_rows(known)
            self._settle_absent([source for source in known if source not in present])
        except Stopped:
            self._receipt.interrupted = True
        self._receipt.seconds = time.perf_counter() - start
        return self._receipt

    # -- columns -----------------------------------------------------------------------------------------------------

    def _column(self, wanted: str) -> Column:
        for column in self._columns:
            if wanted == column.title or name_of(wanted) == column.name:
                return column
        titles = ", ".join(column.title for column in self._columns[:20])
        raise BadInput(f"no column is titled {wanted!r}", subject=str(self._path), remedy=f"name one of: {titles}")

    def _text_columns(self, form: CatalogueForm) -> tuple[Column, ...]:
        if form.texts is not None:
            return tuple(self._column(name) for name in form.texts)
        apart = {self._key, self._title, *self._images}
        return tuple(c for c in self._columns if c.kind in (Kind.TEXT, Kind.LIST) and c not in apart)

    def _kinds(self, form: CatalogueForm) -> dict[str, Kind]:
        """The kinds that the caller gives. Raises BadInput for one that there is not."""
        try:
            return {title: Kind(kind) for title, kind in form.types.items()}
        except ValueError as error:
            raise BadInput(str(error), subject=str(self._path), remedy=f"say one of: {', '.join(Kind)}") from None

    # -- rows --------------------------------------------------------------------------------------------------------

    def _all_rows(self, known: Mapping[str, Sighting]) -> set[str]:
        """Settles every row; returns the sources that the file has."""
        present: set[str] = set()
        rows = self._understood(present)
        while batch := list(islice(rows, self._options.settings.batch_files)):
            if self._options.stop.is_set():
                raise Stopped
            self._settle(batch, known)
        return present

    def _understood(self, present: set[str]) -> Iterator[_Read]:
        """The rows one by one; what has no key, or one that was there before, is refused."""
        for number, row in enumerate(self._table.rows, start=1):
            key = words_of(row.get(self._key.title))
            source = f"{CATALOGUE}{self._name}/{key}"
            if not key:
                self._refuse(f"{CATALOGUE}{self._name}#{number}", "no-key", f"row {number} has no {self._key.title}")
            elif source in present:
                self._refuse(source, "same-key", f"row {number} has a key that an earlier row has")
            else:
                present.add(source)
                yield self._understand(row, key, source)

    def _understand(self, row: Row, key: str, source: str) -> _Read:
        attributes, reasons = self._attributes(row)
        title = words_of(row.get(self._title.title)) or key
        words = document_of(title, [(c, row.get(c.title)) for c in self._texts])
        pictures, missing = self._pictures.named([row.get(column.title) for column in self._images])
        content = json.dumps(["catalogue", self._name, key, words, [picture.hash for picture in pictures]])
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        return _Read(
            source=source,
            item_id=item_id(self._scope.tenant, digest, self._rights),
            hash=digest,
            title=title,
            attributes=attributes,
            words=words,
            pictures=pictures,
            reasons=(*reasons, *missing),
        )

    def _attributes(self, row: Row) -> tuple[dict[str, Value], list[str]]:
        attributes: dict[str, Value] = {}
        reasons = []
        for column in self._columns:
            if column in self._images:
                continue
            try:
                value = column.value(row.get(column.title))
            except ValueError:
                reasons.append(f"{column.title}: {str(row.get(column.title))[:40]!r} is no {column.kind}, left out")
                continue
            if value is not None and not (column is self._title and column.name == "title"):
                attributes[column.name] = value
        if PLACE not in attributes and (place := place_of(self._columns, row)) is not None:
            attributes[PLACE] = place
        return attributes, reasons

    # -- what becomes of them ----------------------------------------------------------------------------------------

    def _settle(self, batch: Sequence[_Read], known: Mapping[str, Sighting]) -> None:
        """Adds what is new or says or shows something else, amends what has other facts, and tells of each."""
        held = self._held([row.item_id for row in batch])
        fresh = [row for row in batch if row.source not in known or row.item_id not in held]
        amended = [row for row in batch if row not in fresh and _differs(row, held[row.item_id])]
        refused = self._add(fresh)
        if amended:
            self._facts.amend(self._scope, [self._amendment(row, held[row.item_id]) for row in amended])
        for row in batch:
            if row in fresh:
                outcome = Outcome.CHANGED if row.source in known else Outcome.ADDED
            else:
                outcome = Outcome.CHANGED if row in amended else Outcome.KNOWN
            if row.source not in refused:
                reason = "; ".join(row.reasons)
                self._tell(ReceiptLine(source=row.source, outcome=outcome, item_id=row.item_id, reason=reason))

    def _held(self, ids: Sequence[str]) -> dict[str, Item]:
        return {item.id: item for item in self._ports.items.items(self._scope, Filter(item_ids=frozenset(ids)))}

    def _add(self, rows: Sequence[_Read]) -> set[str]:
        """Reads, encodes and commits; returns the sources of which nothing can be found."""
        refused: set[str] = set()
        drafts, seen = [], []
        for row in rows:
            document = self._pictures.document(row.pictures, row.title, row.words, READER, self._request)
            if not document.pieces:
                refused.add(row.source)
                self._refuse(row.source, "empty", "nothing in it can be found: it has neither text nor a picture")
                continue
            reasons = "; ".join(document.notes)
            drafts.append(Draft(item=self._item(row, document.modality), document=document))
            seen.append(self._sighting(row))
            if reasons:
                self._receipt.notes.append(f"{row.source}: {reasons}")
        additions: list[Addition] = [
            addition(draft.item, part, self._ports.spaces) for draft, part in self._making.make(drafts)
        ]
        if additions:
            self._ports.items.commit(self._scope, additions=additions, sightings=seen)
        self._receipt.pieces += sum(len(added.pieces) for added in additions)
        return refused

    def _item(self, row: _Read, modality: Modality) -> Item:
        now = self._options.clock()
        lineage = Lineage(
            source=row.source,
            content_hash=row.hash,
            size=len(row.words.encode("utf-8", "replace")) + sum(picture.size for picture in row.pictures),
            modified_at=self._modified_at,
            added_at=now,
            reader=READER,
        )
        return Item(
            id=row.item_id,
            tenant=self._scope.tenant,
            modality=modality,
            media_type=MEDIA_TYPE,
            title=row.title,
            rights=self._rights,
            lineage=lineage,
            attributes=row.attributes,
        )

    def _sighting(self, row: _Read) -> Sighting:
        return Sighting(
            source=row.source,
            item_id=row.item_id,
            content_hash=row.hash,
            size=len(row.words),
            modified_ns=int(self._modified_at * 1e9),
            seen_at=self._options.clock(),
        )

    def _amendment(self, row: _Read, item: Item) -> Amendment:
        return Amendment(
            item_id=row.item_id,
            title=row.title,
            attributes=_with_collections(row, item),
            modified_at=self._modified_at,
        )

    def _settle_absent(self, sources: Sequence[str]) -> None:
        if sources and self._options.prune:
            self._ports.items.commit(self._scope, gone=sources)
        outcome = Outcome.FORGOTTEN if self._options.prune else Outcome.VANISHED
        for source in sources:
            self._tell(ReceiptLine(source=source, outcome=outcome))

    def _refuse(self, source: str, code: str, reason: str) -> None:
        self._tell(ReceiptLine(source=source, outcome=Outcome.REFUSED, reason=reason, code=code))

    def _tell(self, line: ReceiptLine) -> None:
        self._receipt.lines.append(line)
        self._options.progress.settled(line)


def _differs(row: _Read, item: Item) -> bool:
    held = {name: (type(value), value) for name, value in item.attributes.items()}
    wanted = {name: (type(value), value) for name, value in _with_collections(row, item).items()}
    return row.title != item.title or held != wanted


def _with_collections(row: _Read, item: Item) -> dict[str, Value]:
    """The facts of a row, and the collections that people put it into, unless it has a column of that name."""
    kept = {name: value for name, value in item.attributes.items() if name == COLLECTIONS}
    return {**kept, **row.attributes}


def _told(columns: Sequence[Column]) -> str:
    """What each column was taken for."""
    inferred = ", ".join(f"{column.name}: {column.kind}" for column in columns if not column.declared)
    declared = ", ".join(f"{column.name}: {column.kind}" for column in columns if column.declared)
    return "; ".join(
        f"columns {how}: {which}" for how, which in (("taken for", inferred), ("declared", declared)) if which
    )
