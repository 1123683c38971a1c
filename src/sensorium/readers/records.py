"""Tables of records, one row after another: each row is written so that it can be understood by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensorium.readers.flow import joined_cells

LONGEST_NAME = 60
"""Code points of a column's name; what is longer is no name."""


@dataclass(slots=True)
class Columns:
    """Names the cells of each row by the first row, where that is a row of names.

    >>> columns = Columns()
    >>> columns.written(["city", "people"]), columns.written(["Graz", "303 270"])
    ('city | people', 'city: Graz; people: 303 270')
    """

    names: Sequence[str] | None = None

    def written(self, cells: Sequence[str]) -> str:
        """The row as one line; "" for a row that is empty."""
        cells = [" ".join(cell.split()) for cell in cells]
        if not any(cells):
            return ""
        if self.names is None:
            self.names = cells if are_names(cells) else ()
            return joined_cells(cells)
        if not self.names:
            return joined_cells(cells)
        named = []
        for index, cell in enumerate(cells):
            name = self.names[index] if index < len(self.names) else ""
            if cell:
                named.append(f"{name}: {cell}" if name else cell)
        return "; ".join(named)


def are_names(cells: Sequence[str]) -> bool:
    """Whether a row names columns: at least two short words without a number among them, all different.

    >>> are_names(["city", "people"]), are_names(["Graz", "303 270"]), are_names(["a", "a"])
    (True, False, False)
    """
    named = [cell for cell in cells if cell]
    return (
        len(named) >= 2
        and len(named) * 2 >= len(cells)
        and len(set(named)) == len(named)
        and all(len(cell) <= LONGEST_NAME and not is_number(cell) for cell in named)
    )


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, a share or a sum.

    >>> is_number("1,234.5"), is_number("12 %"), is_number("No. 5")
    (True, True, False)
    """
    bare = cell.strip().strip("%$€£+-()").replace(",", "").replace(".", "").replace(" ", "").replace("'", "")
    return bare.isdecimal()
