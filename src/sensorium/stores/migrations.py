"""The numbered steps that bring a database of any earlier version to the present one.

`schema/0001.sql`, `schema/0002.sql` and so on are never edited once released: a change is one more file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from importlib import resources

APPLICATION_ID = 0x53454E53
"""Written into the header of the file ("SENS"), so that another program's database is told apart."""


def released_steps() -> tuple[str, ...]:
    """The SQL of every step, the first one first; their number is the present version.

    >>> len(released_steps()) >= 1
    True
    """
    files = sorted(
        (file for file in resources.files(__package__).joinpath("schema").iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return tuple(file.read_text(encoding="utf-8") for file in files)


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the schema; 0 for a database that holds nothing yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether the file is another program's database."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application == APPLICATION_ID:
        return False
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    return application != 0 or tables > 0


def migrate(connection: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Applies the steps that are missing, each with its version number in one transaction.

    A step that another process took in the meantime is seen inside the transaction and left out.
    """
    for number, step in enumerate(steps, start=1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) < number:
                for statement in statements(step):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        finally:
            connection.rollback()


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one (`executescript` would commit before it starts).

    >>> list(statements("SELECT 1;\\nSELECT\\n2;"))
    ['SELECT 1;', 'SELECT\\n2;']
    """
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        statement = "\n".join(lines).strip()
        if sqlite3.complete_statement(statement):
            yield statement
            lines.clear()
