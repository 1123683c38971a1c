"""Passages of plain text and Markdown made to flow: files are wrapped for an editor, a card has its own width."""

from __future__ import annotations

import re

HEADING = re.compile(r"#{1,6} |(?:=+|-+)\s*$")
"""A heading, or the line below one that underlines it (CommonMark 4.2, 4.3): what follows begins anew."""

BEGINS = re.compile(r"\s*(?:[-*+•] |\d{1,3}[.)] |>|\||```)")
"""A list item, a quotation, a row of a table, a fence: a line that is never the rest of the one above."""


def flowing(text: str) -> str:
    r"""`text` with the line breaks that mean something: between paragraphs, items and headings.

    A single break within a paragraph becomes a blank.

    >>> flowing("Wipe it out\nwith hot water.\n\n- dry\n- oil, inside\n  and out")
    'Wipe it out with hot water.\n\n- dry\n- oil, inside and out'
    """
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and _continues(lines[-1], line):
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)


def below_title(title: str, text: str) -> str:
    r"""`text` without its first line where that is the title, which stands above it already.

    >>> below_title("Snow", "Snow\n====\n\nIt fell.")
    'It fell.'
    """
    first, _, rest = text.lstrip().partition("\n")
    return rest.lstrip("=-\n") if title and first.strip("# ") == title else text


def _continues(above: str, line: str) -> bool:
    """Whether `line` is the rest of the paragraph or item that `above` belongs to."""
    if not above.strip() or not line.strip():
        return False
    return not (HEADING.match(above) or HEADING.match(line) or BEGINS.match(line))
