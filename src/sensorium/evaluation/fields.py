"""The fields of a suite file, taken one by one and checked: nothing unknown, nothing of another type."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sensorium.core.errors import BadInput
from sensorium.evaluation.tables import Row, read_rows


@dataclass(slots=True, kw_only=True)
class Fields:
    """What a suite file says. Each name is taken once; `end` complains of those that nobody took.

    Every path is taken as relative to the file's own folder, and may not lead out of it.
    """

    path: Path
    values: dict[str, Any]
    taken: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> Fields:
        """Raises BadInput when the file can not be read or is no TOML."""
        try:
            return cls(path=path, values=tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(
                f"it can not be read ({error})",
                subject=str(path),
                remedy="give a TOML file as docs/evaluation.md shows",
            ) from None

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it must be there."""
        value = self._take(name, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "has to be a text")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number from 1."""
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(name, "has to be a whole number from 1")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A text or a list of texts; none where it is not there."""
        value = self._take(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(entry, str) and entry.strip() for entry in values):
            raise self.wrong(name, "has to be a text or a list of texts")
        return tuple(values)

    def names(self, name: str) -> Mapping[str, str]:
        """A table of texts; empty where it is not there."""
        value = self._take(name, {})
        if not isinstance(value, dict) or not all(isinstance(entry, str) and entry.strip() for entry in value.values()):
            raise self.wrong(name, "has to be a table of texts")
        return value

    def place(self, name: str, default: str | None = None) -> Path:
        """A file or folder that is there."""
        value = self.text(name, default)
        if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts:
            raise self.wrong(name, f"is {value!r} and leads out of the suite's folder")
        if not (self.path.parent / value).exists():
            raise self.wrong(name, f"names {value}, which is not there")
        return self.path.parent / value

    def rows(self, table: Path, columns: list[str]) -> list[Row]:
        """The rows of a table that `where` lets through. Raises BadInput where none is left."""
        where = {column: _wanted(values) for column, values in self._where().items()}
        rows = [row for row in read_rows(table, [*columns, *where]) if all(row[c] in where[c] for c in where)]
        if not rows:
            raise BadInput(
                "no row is left of it", subject=str(table), remedy="add rows, or let more through by `where`"
            )
        return rows

    def end(self) -> None:
        """Raises BadInput when something was said that this kind of suite does not know."""
        unknown = sorted(set(self.values) - self.taken)
        if unknown:
            raise self.wrong(unknown[0], f"is unknown; this kind knows {', '.join(sorted(self.taken))}")

    def wrong(self, name: str, what: str) -> BadInput:
        """The complaint about one field."""
        return BadInput(f"`{name}` {what}", subject=str(self.path), remedy="docs/evaluation.md describes each field")

    def _take(self, name: str, default: Any) -> Any:
        self.taken.add(name)
        value = self.values.get(name, default)
        if value is None:
            raise self.wrong(name, "is missing")
        return value

    def _where(self) -> dict[str, Any]:
        value = self._take("where", {})
        if not isinstance(value, dict) or not all(_wanted(values) for values in value.values()):
            raise self.wrong("where", "has to name columns, each with a text or a list of texts")
        return value


def _wanted(values: Any) -> frozenset[str]:
    given = [values] if isinstance(values, str) else values
    return (
        frozenset(given) if isinstance(given, list) and all(isinstance(value, str) for value in given) else frozenset()
    )


def grouped(names: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Each name once, in order of appearance, with the positions where it stands.

    >>> list(grouped(["a", "b", "a"]))
    [('a', [0, 2]), ('b', [1])]
    """
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        positions.setdefault(name, []).append(position)
    yield from positions.items()
