"""The part of the SQLite store that knows by which model a library is searched, and that changes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence

from sensorium.core.items import Modality
from sensorium.core.reembedding import Lacking, Shortfall
from sensorium.core.scopes import Scope
from sensorium.core.spaces import KnownSpace, Space, Vectors
from sensorium.stores import spaces, vectors
from sensorium.stores.connection import Database


class Modelling:
    """Fits `ModelStore`. `SqliteStore` inherits it, so that one object is the whole store."""

    _database: Database
    _faults: Callable[[str], None]

    def known_spaces(self) -> tuple[KnownSpace, ...]:
        """Every space with what it is to the library, in the order they were added."""
        with self._database.reading() as connection:
            return spaces.known(connection)

    def active_space(self) -> KnownSpace | None:
        """The space that searches are by; None while nothing was added."""
        with self._database.reading() as connection:
            return spaces.active(connection)

    def begin_space(self, space: Space, encoder: str = "") -> None:
        """Registers the space of an encoder: a new library searches by it, another one has it to be built.

        encoder: the setting that makes it. Raises StoreDamaged if the id is known with other values.
        """
        with self._database.writing() as connection:
            spaces.begin(connection, space, encoder)

    def embed(self, space_id: str, rows: Mapping[int, Vectors], details: Mapping[int, bytes]) -> int:
        """Adds vectors, float32 [width], and details of pieces by key, in one transaction; returns how many were new.

        What has one already keeps it, and a piece that was erased meanwhile gets none.
        """
        self._faults("embed:begin")
        with self._database.writing() as connection:
            before, rows_before = vectors.generation(connection), connection.total_changes
            added = spaces.embed(connection, space_id, rows, details, before + 1)
            advance(connection, before, rows_before)
            self._faults("embed:before")
        self._faults("embed:after")
        return added

    def switch_space(self, space_id: str) -> None:
        """Searches are by that space from now on, in one transaction; the one before is kept and remembered."""
        self._faults("switch:begin")
        with self._database.writing() as connection:
            before, rows_before = vectors.generation(connection), connection.total_changes
            spaces.switch(connection, space_id)
            advance(connection, before, rows_before)
            self._faults("switch:before")
        self._faults("switch:after")

    def drop_space(self, space_id: str) -> int:
        """Erases a space with all its vectors and details, in one transaction; returns the bytes of these.

        `scrub` has to follow. Raises BadInput for the one that searches are by.
        """
        self._faults("drop:begin")
        with self._database.writing() as connection:
            before, rows_before = vectors.generation(connection), connection.total_changes
            size = spaces.drop(connection, space_id)
            advance(connection, before, rows_before)
            self._faults("drop:before")
        self._faults("drop:after")
        return size

    def coverage(self, scope: Scope) -> dict[str, int]:
        """For each space, how many pieces that the scope may see have a vector in it."""
        with self._database.reading() as connection:
            return spaces.coverage(connection, scope)

    def shortfall(self, scope: Scope, space_id: str) -> Shortfall:
        """What a switch to that space would leave behind."""
        with self._database.reading() as connection:
            return spaces.shortfall(connection, scope, space_id)

    def lacking(
        self, scope: Scope, space_id: str, modalities: Collection[Modality], after: int, limit: int
    ) -> list[Lacking]:
        """The next items with pieces of these modalities that have no vector in that space, after the item `after`.

        Whoever may see them: a space is searched by all. What the scope may not see says so, and is told to nobody.
        """
        with self._database.reading() as connection:
            return spaces.lacking(connection, scope, space_id, modalities, after, limit)

    def count_lacking(self, scope: Scope, space_id: str, modalities: Collection[Modality]) -> tuple[int, int]:
        """How many pieces lack a vector in that space: of those that the scope may see, and of all."""
        with self._database.reading() as connection:
            return spaces.count_lacking(connection, scope, space_id, modalities)

    def preview_bytes(self, keys: Sequence[int]) -> dict[int, bytes]:
        """The small pictures of these pieces, by key. Asks for no scope: for who makes their vectors."""
        with self._database.reading() as connection:
            return spaces.preview_bytes(connection, keys)


def advance(connection: sqlite3.Connection, before: int, rows_before: int) -> int:
    """The generation after this transaction, which moves only if a row did."""
    if connection.total_changes == rows_before:
        return before
    connection.execute("UPDATE library SET generation = ?", (before + 1,))
    return before + 1
