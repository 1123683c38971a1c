"""Tables with a header, tab separated: what suites keep their rows in."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sensorium.core.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table. place: where it stands, for errors."""

    fields: Mapping[str, str]
    place: str

    def __getitem__(self, column: str) -> str:
        return self.fields[column]

    def filled(self, column: str) -> str:
        """What stands in that column. Raises BadInput where nothing does."""
        if not self.fields[column]:
            raise BadInput(f"the {column} is empty", subject=self.place, remedy="write one or take the row out")
        return self.fields[column]

    def file(self, column: str, folder: Path) -> Path:
        """The file in `folder` that is named there. Raises BadInput when there is none, or its name leads out of it."""
        name = self.filled(column)
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise BadInput(
                f"{name!r} is no name of a file", subject=self.place, remedy=f"name one that lies in {folder}"
            )
        if not (folder / name).is_file():
            raise BadInput(f"the file {name} is missing", subject=self.place, remedy="take its rows out of the table")
        return folder / name


def read_rows(table: Path, columns: Collection[str]) -> Iterator[Row]:
    """The rows of a table: UTF-8, tab separated, a header that names at least these columns, no quoting.

    White space around a field is not part of it. Raises BadInput when the file can not be read, lacks a column, or
    has a row with fields too many or too few for what was asked.
    """
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            # Texts hold plain quotation marks, so nothing in the table quotes anything.
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise BadInput(
                    f"its header lacks a column: {', '.join(missing)}",
                    subject=str(table),
                    remedy=f"name it, besides {', '.join(reader.fieldnames or ['none'])}",
                )
            for row in reader:
                yield _row(row, f"{table}, line {reader.line_num}")
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise BadInput(f"it can not be read ({error})", subject=str(table), remedy="give a table in UTF-8") from None


def _row(row: Mapping[str | None, str | list[str] | None], place: str) -> Row:
    if None in row:
        raise BadInput("it has more fields than the header", subject=place, remedy="take the tab out of its text")
    return Row(
        fields={str(name): (value or "").strip() for name, value in row.items() if isinstance(value, str | None)},
        place=place,
    )
