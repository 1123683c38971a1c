"""Connections to one SQLite file: a single writer behind a lock, and read-only ones for everybody else."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensorium.core.errors import LibraryBusy, SensoriumError, StoreDamaged, WriteFailed
from sensorium.stores.functions import define_functions

PAGE_BYTES = 16_384
"""A vector of 512 float32 leaves half of a page of 4 KiB empty; at 16 KiB seven of them fill 88 % of it."""

BUSY_MILLISECONDS = 5_000
"""Writers are kept apart by `WriterLock`; this covers the short moments of checkpoints and migrations."""

_BOTH = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",  # a sort must not leave texts in a temporary file
)
_READER = (*_BOTH, "PRAGMA query_only = ON")
_WRITER = (
    *_BOTH,
    f"PRAGMA page_size = {PAGE_BYTES}",  # takes effect in a new file only
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


class Database:
    """The connections to the database file at `path`. May be used from several threads.

    Reads never wait for a write: each takes an idle read-only connection, or opens one, for as long as the read
    lasts, and sees one state of the database throughout.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: deque[sqlite3.Connection] = deque()
        self._writer: sqlite3.Connection | None = None
        self._writing = threading.RLock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection inside one read transaction."""
        with translated(self.path):
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.rollback()
                self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection inside one transaction: committed at the end, undone by any exception."""
        with self.exclusive() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.rollback()

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection outside of any transaction, for pragmas, checkpoints and migrations."""
        with self._writing, translated(self.path):
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._writer is None:
                self._writer = _connect(self.path, "rwc", _WRITER)
            yield self._writer

    def recover(self) -> None:
        """Undoes what a process left half-written that was killed while it made the file.

        Before the file is in WAL mode SQLite keeps a rollback journal, which a read-only connection can not play back.
        """
        with translated(self.path):
            connection = _connect(self.path, "rw", _BOTH)
            try:
                connection.execute("SELECT count(*) FROM sqlite_schema")
            finally:
                connection.close()

    def close(self) -> None:
        """Closes every connection; one that is reading in another thread is closed when it ends. May be repeated."""
        with self._writing, translated(self.path):
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            # The writer goes last: it is the one that may fold the log into the database and remove it.
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _take_reader(self) -> sqlite3.Connection:
        if self._closed:
            raise RuntimeError("the store is closed")
        try:
            return self._idle.pop()
        except IndexError:
            return _connect(self.path, "ro", _READER)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            self.close()


def _connect(path: Path, mode: str, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    define_functions(connection)
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def rewrite(connection: sqlite3.Connection) -> None:
    """Builds the database anew from its live rows and empties the log. Raises LibraryBusy while a reader holds on."""
    connection.execute("PRAGMA temp_store = FILE")  # in memory the copy would take as much as the database
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise LibraryBusy("another process is reading", remedy="try again in a moment")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLite raises about the file, the disk or a lock into our own errors; the rest are bugs and pass."""
    try:
        yield
    except sqlite3.Error as error:
        ours = _translation(error, str(path))
        if ours is None:
            raise
        raise ours from error


def _translation(error: sqlite3.Error, subject: str) -> SensoriumError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code, without SQLite's extension
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusy("another process is writing", subject=subject, remedy="try again in a moment")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(
            f"the database can not be read ({error})",
            subject=subject,
            remedy="put back a copy of the library's folder, or add the files again to a new library",
        )
    if code == sqlite3.SQLITE_FULL:
        return WriteFailed(
            "the disk is full and nothing was changed", subject=subject, remedy="make room and run it again"
        )
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return WriteFailed(
            f"the disk did not do what was asked ({error}) and nothing was changed",
            subject=subject,
            remedy="check free space, quota and permissions of the folder and run it again",
        )
    return None
