"""The SQLite store: one file in the library's folder, WAL, synchronous=FULL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from sensorium.core.attributes import Amendment, Kind
from sensorium.core.candidates import Admitted, IndexStamp, VectorChanges, VisiblePiece
from sensorium.core.contents import Addition
from sensorium.core.errors import LibraryBusy, LibraryNotFound, LibraryTooNew, PluginBroken, StoreDamaged, WriteFailed
from sensorium.core.facets import Facet
from sensorium.core.items import Item, Modality, Piece, Preview, Rights
from sensorium.core.parts import KeptPart
from sensorium.core.receipts import Refusal, Sighting
from sensorium.core.remembering import UntilChanged
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.stores import (
    attributes,
    details,
    facets,
    fingerprints,
    health,
    parts,
    reading,
    sources,
    vectors,
    vocabulary,
    voices,
    words,
)
from sensorium.stores.connection import Database, rewrite
from sensorium.stores.migrations import is_foreign, migrate, released_steps, version_of
from sensorium.stores.modelling import Modelling
from sensorium.stores.modelling import advance as _advance
from sensorium.stores.visibility import needs_items
from sensorium.stores.writing import Writing

STORE_FILE = "store.sqlite3"

WORDS_REMEMBERED = 4_096
"""Words and phrases whose texts are remembered: with rare ones a kilobyte each."""

OLDEST_SQLITE = (3, 38, 0)
"""Strict tables came with 3.37, JSON in every build with 3.38."""

PAGE = 512
"""Records that a listing reads at once; no transaction stays open while the caller looks at them."""


def no_faults(point: str) -> None:
    """What happens at the named points of a commit when no test looks on: nothing."""


class SqliteStore(Modelling):
    """The truth in `folder/store.sqlite3`. Fits `ItemStore`, `AttributeStore`, `DetailStore`, `ModelStore`,
    `PartStore`, `SourceStore`, `VectorStore`, `WordStore`.

    May be used from several threads and from several processes at once: reads never wait for writes. Writes of this
    process follow each other; those of several processes are kept apart by `WriterLock`, which the caller takes.

    Every call may raise StoreDamaged, LibraryBusy or WriteFailed; after each of them the state is the one before.

    >>> import tempfile
    >>> with SqliteStore.open(Path(tempfile.mkdtemp()) / "my.library", create=True) as store:
    ...     store.generation()
    0
    """

    def __init__(self, database: Database, faults: Callable[[str], None]) -> None:
        self._database = database
        self._faults = faults
        # Common words are asked for again and again, and half of all texts may hold one.
        self._holders: UntilChanged[Keys] = UntilChanged(len, values=WORDS_REMEMBERED)
        self._text_counts: UntilChanged[int] = UntilChanged(lambda count: 0)

    # -- opening and closing -----------------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path, *, create: bool, faults: Callable[[str], None] = no_faults) -> Self:
        """The store of the library in `folder`, brought to the present version of the schema.

        create: make the folder and the store if they are not there. faults: told the name of each point that a
        change passes, so that tests can fail or kill there. Raises LibraryNotFound, LibraryTooNew, StoreDamaged, and
        PluginBroken where SQLite itself is too old.
        """
        _require_sqlite(sqlite3.sqlite_version_info)
        path = folder / STORE_FILE
        if not path.is_file():
            if not create:
                raise _not_found(folder)
            _make_folder(folder)
        database = Database(path)
        try:
            _bring_up_to_date(database, create=create)
        except BaseException:
            database.close()
            raise
        return cls(database, faults)

    def close(self) -> None:
        """Lets go of the file; may be called twice. The last process to close folds the log into the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- ItemStore ---------------------------------------------------------------------------------------------------

    def commit(
        self,
        scope: Scope,
        *,
        additions: Sequence[Addition] = (),
        sightings: Sequence[Sighting] = (),
        refusals: Sequence[Refusal] = (),
        gone: Sequence[str] = (),
    ) -> int:
        """All of it in one transaction; returns the store's generation after it.

        `gone` comes first, then additions, sightings, refusals. A sighting takes its source from the other items
        that this scope can see, from no others. An item that keeps other sources names one of them in its lineage.
        Raises ItemNotFound for a sighting of an item that is neither there nor added here, ValueError for an addition
        that does not fit the scope's tenant or its space.
        """
        self._faults("commit:begin")
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            writing = Writing(connection, scope, before + 1)
            for source in gone:
                writing.lose(source)
            for addition in additions:
                writing.add(addition)
                self._faults("commit:addition")
            for sighting in sightings:
                writing.see(sighting)
            self._faults("commit:sightings")
            for refusal in refusals:
                writing.refuse(refusal)
            writing.settle_sources()
            generation = _advance(connection, before, rows_before)
            self._faults("commit:before")
        self._faults("commit:after")
        return generation

    def forget(self, scope: Scope, item_ids: Sequence[str]) -> int:
        """Erases items with all that is derived; returns how many. What the scope can not see is not there.

        Nothing of them is left in the database and its log. The index file is rewritten by whoever owns it.
        Raises what `scrub` raises; then the items are forgotten all the same.
        """
        self._faults("forget:begin")
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            forgotten = Writing(connection, scope, before + 1).forget(item_ids)
            _advance(connection, before, rows_before)
            self._faults("forget:before")
        self._faults("forget:after")
        if forgotten:
            self.scrub()
        return forgotten

    def scrub(self) -> None:
        """Writes the database anew and empties its log, so that neither holds bytes of what was erased.

        SQLite overwrites deleted rows, but not the copies that it left behind when it moved rows between pages. Takes
        about 4 seconds and twice the space for each GB. Raises LibraryBusy while another process reads for long, and
        WriteFailed when there is no room; both can be tried again.
        """
        try:
            with self._database.exclusive() as connection:
                words.merge(connection)
                rewrite(connection)
                connection.execute("UPDATE library SET scrub_due = 0")
        except (LibraryBusy, WriteFailed) as error:
            raise type(error)(
                f"what was erased can not be found any more, but its bytes may still lie on the disk ({error.what})",
                subject=str(self._database.path),
                remedy="close other searches, make room, and run `sensorium doctor --mend`",
            ) from error

    def is_scrub_due(self) -> bool:
        """Whether something was forgotten, and its bytes were not scrubbed to the end."""
        with self._database.reading() as connection:
            return bool(connection.execute("SELECT scrub_due FROM library").fetchone()[0])

    def items(self, scope: Scope, filter: Filter) -> Iterator[Item]:
        """Visible items, in the order they were added."""
        after = 0
        while True:
            with self._database.reading() as connection:
                page = reading.items_after(connection, scope, filter, after, PAGE)
            yield from (item for _, item in page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def latest(self, scope: Scope, before: str | None, limit: int) -> list[Item]:
        """Visible items, the one that was added last first. before: the id of a visible item, to go on after it."""
        with self._database.reading() as connection:
            return reading.latest(connection, scope, before, limit)

    def visible_keys(self, scope: Scope, filter: Filter, space_id: str) -> Keys:
        """Sorted keys of all pieces with a vector in that space that scope and filter allow; read-only."""
        with self._database.reading() as connection:
            return reading.visible_keys(connection, scope, filter, space_id)

    def admitted(self, scope: Scope, filter: Filter, keys: Sequence[int]) -> dict[int, Admitted]:
        """As `ItemStore.admitted`."""
        with self._database.reading() as connection:
            return reading.admitted(connection, scope, filter, keys)

    def pieces(self, scope: Scope, filter: Filter, keys: Sequence[int]) -> dict[int, VisiblePiece]:
        """As `ItemStore.pieces`."""
        with self._database.reading() as connection:
            return reading.pieces(connection, scope, filter, keys)

    def pieces_of(
        self, scope: Scope, item_id: str, filter: Filter = EVERYTHING, pages: Collection[int] = ()
    ) -> tuple[Piece, ...]:
        """As `ItemStore.pieces_of`."""
        with self._database.reading() as connection:
            return reading.pieces_of(connection, scope, item_id, filter, pages)

    def pieces_by_id(self, scope: Scope, piece_ids: Sequence[str]) -> dict[str, VisiblePiece]:
        """As `ItemStore.pieces_by_id`."""
        with self._database.reading() as connection:
            return reading.pieces_by_id(connection, scope, piece_ids)

    def previews(self, scope: Scope, piece_ids: Sequence[str]) -> dict[str, Preview]:
        """Previews of visible pieces, by piece id."""
        with self._database.reading() as connection:
            return reading.previews(connection, scope, piece_ids)

    # -- DetailStore -------------------------------------------------------------------------------------------------

    def details(self, scope: Scope, space_id: str, keys: Sequence[int]) -> dict[int, bytes]:
        """The details of those of `keys` that the scope may see now and that have some in that space."""
        with self._database.reading() as connection:
            return details.details(connection, scope, space_id, keys)

    # -- VoiceStore --------------------------------------------------------------------------------------------------

    def name_voice(
        self, scope: Scope, space_id: str, name: str, *, samples: Sequence[int], speaks_in: Sequence[int]
    ) -> None:
        """Gives the voice of some pieces a name, and says of others that it speaks in them, in one transaction.

        Raises ValueError unless the scope sees all samples, and all have one and the same rights.
        """
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            voices.keep(connection, scope, space_id, name, samples)
            voices.set_speakers(connection, scope, dict.fromkeys(speaks_in, name))
            _advance(connection, before, rows_before)

    def voices(self, scope: Scope, space_id: str, told_to: Rights | None = None) -> dict[str, Vectors]:
        """The voices that the scope may see, by name; told_to: those that all readers of such rights may know."""
        with self._database.reading() as connection:
            return voices.known(connection, scope, space_id, told_to)

    def forget_voice(self, scope: Scope, name: str, instead: Mapping[int, str]) -> int:
        """Lets go of a name and its voices; returns how many voices and pieces had it. instead: for pieces, by key.

        Raises what `scrub` raises; then it is forgotten all the same.
        """
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            forgotten = voices.drop(connection, scope, name) + voices.set_speakers(connection, scope, instead)
            if forgotten:
                connection.execute("UPDATE library SET scrub_due = 1")
            _advance(connection, before, rows_before)
        if forgotten:
            self.scrub()
        return forgotten

    # -- WordStore ---------------------------------------------------------------------------------------------------

    def holding(self, scope: Scope, filter: Filter, phrase: str) -> Keys:
        """Sorted keys of the visible texts that hold the words of `phrase` one after the other, by their stems."""
        with self._database.reading() as connection:
            make = partial(words.holding, connection, scope, filter, phrase)
            if needs_items(filter) or filter.speakers is not None:  # it may be large, and is hardly asked for twice
                return make()
            return self._holders.at(vectors.generation(connection), (scope, filter, phrase), make)

    def text_count(self, scope: Scope, filter: Filter) -> int:
        """How many text pieces scope and filter allow."""
        with self._database.reading() as connection:
            make = partial(words.count, connection, scope, filter)
            return self._text_counts.at(vectors.generation(connection), (scope, filter), make)

    # -- VocabularyStore ---------------------------------------------------------------------------------------------

    def holds_word(self, scope: Scope, word: str) -> bool:
        """Whether a visible text holds it, by its stem."""
        with self._database.reading() as connection:
            return words.holds(connection, scope, word)

    def word_places(self, scope: Scope, word: str, keys: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        """Where it stands in those of these texts that are visible and hold it: intervals of characters."""
        with self._database.reading() as connection:
            return words.places(connection, scope, word, keys)

    def words_like(self, scope: Scope, beginning: str, lengths: tuple[int, int], most: int) -> list[tuple[str, int]]:
        """Words of visible texts that begin so, each with the number of texts that hold it."""
        with self._database.reading() as connection:
            return vocabulary.words_like(connection, scope, beginning, lengths, most)

    # -- AttributeStore ----------------------------------------------------------------------------------------------

    def amend(self, scope: Scope, amendments: Sequence[Amendment]) -> int:
        """New facts for visible items, in one transaction; returns how many items there were. No vector changes."""
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            amended = attributes.amend(connection, scope, amendments)
            _advance(connection, before, rows_before)
        return amended

    def attribute_kinds(self, scope: Scope, names: Sequence[str] | None = None) -> dict[str, frozenset[Kind]]:
        """The kinds of visible attributes by name, of these names or of all that there are."""
        with self._database.reading() as connection:
            if names is None:
                return attributes.all_kinds(connection, scope)
            return attributes.kinds(connection, scope, names)

    def facets(self, scope: Scope, filter: Filter, names: Sequence[str], most: int) -> tuple[int, list[Facet]]:
        """How many visible items the filter leaves, and what values they have of these names; `most` texts of each."""
        with self._database.reading() as connection:
            return facets.facets(connection, scope, filter, names, most)

    # -- FingerprintStore --------------------------------------------------------------------------------------------

    def pictures_without_fingerprints(self) -> int:
        """How many pictures with a preview have none."""
        with self._database.reading() as connection:
            return fingerprints.count_lacking(connection)

    def previews_without_fingerprints(self, after: int, most: int) -> list[tuple[int, str, bytes]]:
        """Key, media type and bytes of their previews, `most` of them behind the key `after`."""
        with self._database.reading() as connection:
            return fingerprints.lacking(connection, after, most)

    def put_fingerprints(self, marks: Mapping[int, str]) -> None:
        """Gives pictures their fingerprint, by key, in one transaction. No vector changes."""
        with self._database.writing() as connection:
            before = vectors.generation(connection)
            rows_before = connection.total_changes
            fingerprints.put(connection, marks)
            _advance(connection, before, rows_before)

    # -- PartStore ---------------------------------------------------------------------------------------------------

    def keep_part(self, item_id: str, recipe: str, part: KeptPart) -> None:
        """Keeps a part of a long file, durably; moves no generation, because nothing of it can be found yet."""
        with self._database.writing() as connection:
            parts.keep(connection, item_id, recipe, part)

    def parts(self, item_id: str, recipe: str) -> tuple[KeptPart, ...]:
        """The parts that follow each other from the start, in order."""
        with self._database.reading() as connection:
            return parts.kept(connection, item_id, recipe)

    # -- SourceStore -------------------------------------------------------------------------------------------------

    def sightings(self, scope: Scope, under: str | None = None) -> Iterator[Sighting]:
        """Known sources of visible items by path, all or those at or below a path."""
        after = sources.START
        while True:
            with self._database.reading() as connection:
                page = sources.sightings_after(connection, scope, under, after, PAGE)
            yield from (sighting for _, sighting in page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def sources_of(self, scope: Scope, item_id: str) -> tuple[str, ...]:
        """Every source that one visible item was seen at; empty when there is no such item to see."""
        with self._database.reading() as connection:
            return sources.sources_of(connection, scope, item_id)

    def refusals(self, scope: Scope) -> Iterator[Refusal]:
        """Files that were not added, by time."""
        with self._database.reading() as connection:
            found = sources.refusals(connection, scope)
        return iter(found)

    def known(self, scope: Scope, content_hash: str, rights: Rights) -> str | None:
        """The id of the item that holds this content with these rights, if there is one to see."""
        with self._database.reading() as connection:
            return sources.known(connection, scope, content_hash, rights)

    # -- VectorStore -------------------------------------------------------------------------------------------------

    def generation(self) -> int:
        """Grows by one with every commit that changes something."""
        with self._database.reading() as connection:
            return vectors.generation(connection)

    def changes(self, space_id: str, since: int) -> Iterator[VectorChanges]:
        """Blocks that bring an index of generation `since` up to date; 0 gives everything.

        Raises IndexDamaged when the store can not tell any more what was removed since: such an index is loaded
        again from its file, or rebuilt.
        """
        return vectors.changes(self._database, space_id, since)

    def vectors_of(self, space_id: str, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these pieces, float32 [width], by key; what is not there is left out."""
        with self._database.reading() as connection:
            return vectors.vectors_of(connection, space_id, keys)

    def add_space(self, space: Space) -> None:
        """Registers a space before the first vector in it. Raises StoreDamaged if the id is known with other values."""
        with self._database.writing() as connection:
            vectors.add_space(connection, space)

    def spaces(self) -> tuple[Space, ...]:
        """Every space, in the order they were added."""
        with self._database.reading() as connection:
            return vectors.spaces(connection)

    def stamp(self, space_id: str) -> IndexStamp | None:
        """What was last said of this space's index file."""
        with self._database.reading() as connection:
            return vectors.stamp(connection, space_id)

    def set_stamp(self, stamp: IndexStamp) -> None:
        """Remembers an index file after it was written; indexes older than that can not be caught up any more."""
        with self._database.writing() as connection:
            vectors.set_stamp(connection, stamp)

    # -- for `info` and `doctor` -------------------------------------------------------------------------------------

    def counts(self, scope: Scope) -> health.Counts:
        """How many items and pieces of each modality this scope may see."""
        with self._database.reading() as connection:
            return health.counts(connection, scope)

    def check(self) -> list[str]:
        """Everything that is wrong with the database, one sentence each; reads all of it."""
        try:
            with self._database.reading() as connection:
                return list(health.findings(connection))
        except StoreDamaged as error:
            return [error.what]

    def pieces_without_vectors(self) -> dict[str, int]:
        """For each space id, how many pieces have no vector in it."""
        with self._database.reading() as connection:
            return health.pieces_without_vectors(connection)

    def pieces_without_details(self, space_id: str, modality: Modality) -> int:
        """How many pieces of a modality have a vector in that space, and no details."""
        with self._database.reading() as connection:
            return details.pieces_without_details(connection, space_id, modality)


def _bring_up_to_date(database: Database, *, create: bool) -> None:
    steps = released_steps()
    subject = str(database.path.parent)
    if database.path.is_file():
        if database.path.with_name(f"{STORE_FILE}-journal").exists():
            database.recover()
        with database.reading() as connection:
            version, foreign = version_of(connection), is_foreign(connection)
        if foreign:
            raise StoreDamaged(
                f"{STORE_FILE} is a database of another program", subject=subject, remedy="name another folder"
            )
        if version == 0 and not create:
            raise _not_found(database.path.parent)
        if version > len(steps):
            raise LibraryTooNew(
                f"the library has version {version}; this Sensorium knows up to {len(steps)}",
                subject=subject,
                remedy="install a later Sensorium",
            )
        if version == len(steps):
            return
    with database.exclusive() as connection:
        migrate(connection, steps)


def _require_sqlite(version: tuple[int, ...]) -> None:
    if version < OLDEST_SQLITE:
        raise PluginBroken(
            f"this Python comes with SQLite {'.'.join(map(str, version))}",
            subject="sqlite",
            remedy=f"use a Python with SQLite {'.'.join(map(str, OLDEST_SQLITE))} or later",
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)
    except OSError as error:
        raise WriteFailed(
            f"the folder can not be made ({error.strerror})",
            subject=str(folder),
            remedy="name another folder or change its permissions",
        ) from error


def _sync(folder: Path) -> None:
    """Makes a new name in `folder` survive power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_found(folder: Path) -> LibraryNotFound:
    return LibraryNotFound("no library here", subject=str(folder), remedy="run `sensorium add PATH` first")
