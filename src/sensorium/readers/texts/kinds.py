"""What kind of text a text is, told from its first lines. When unsure it is plain: that loses nothing but structure.

Runs in the parent on untrusted text, so it compares and counts. The reader looks at the whole text and forms its own
opinion: a table whose rows do not fit, or records that are none, are read as plain texts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

PLAIN = "text/plain"

WORDS = {
    "text/csv": "a table of values separated by commas",
    "text/tab-separated-values": "a table of values separated by tabs",
    "application/jsonl": "a list of JSON records",
    "application/mbox": "a mailbox",
    "message/rfc822": "an e-mail",
    "text/x-rst": "a reStructuredText",
    "text/markdown": "a Markdown text",
    "text/x-source": "source code",
    PLAIN: "a text",
}
"""Kinds in words, for refusals."""

MAIL_FIELDS = frozenset(
    ["from", "to", "subject", "date", "message-id", "received", "return-path", "delivered-to", "mime-version", "cc"]
)
LEAST_MAIL_FIELDS = 3

LONGEST_CELL = 200
"""Code points on average: prose with commas has longer ones, or fewer of them on each line."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):(?: |\t|$)")
_MBOX = re.compile(r"From \S+ .{0,40}?\d\d:\d\d(:\d\d)? .{0,12}?\d{4}")
_RST = re.compile(r"\.\. (?:[a-z][a-z0-9:+_-]*::|_[^:\n]{1,80}:|\|[^|\n]{1,80}\|)|:[a-z]+:`[^`\n]+`|``[^`\n]+``_?")
_MARKDOWN = re.compile(r"#{1,6} \S|\s*[-*+] \S|```|\d{1,3}\. \S|> \S|\|.*\|\s*$")
_LINK = re.compile(r"\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)|\*\*\S")
_HEADING = re.compile(r"#{2,6} \S")
_FENCE = re.compile(r"```|~~~")
_DEFINES = re.compile(r"\s*(?:def \w+\(|class \w+[:(]|import \w+|from [\w.]+ import |#include [<\"]|func \w*\(|fn \w+)")
_SOURCE = re.compile(
    r"\s*(?:def \w+\(|async def |class \w+[:({ ]|import [\w.{*\"'<]|from [\w.]+ import |#include [<\"]|#!/|package \w+"
    r"|func \w*\(|fn \w+|pub (?:fn|struct|mod)|use \w+::|(?:export |public |private |static )+\w+|const \w+ ?[:=]"
    r"|let \w+ ?[:=]|var \w+ ?[:=]|function \w*\(|return\b.*;|@\w+|if \(.*\) ?\{|for \(.*\) ?\{|\}|.*[;{]$)"
)
"""How lines of code begin, in the languages that most code is written in, or end."""

SOURCE_SHARE = 0.3
"""Of the lines that are not empty; in prose hardly one does."""

DEFINED_SHARE = 0.1
"""Of lines that import or define something: programs that explain themselves at length have no more."""


def text_kind(start: str) -> str:
    """The media type of a text that begins so; a last line that is cut off is not judged.

    >>> text_kind("name,price\\nTea,3\\nMilk,1\\n"), text_kind("Dear Ann, how are you?\\n")
    ('text/csv', 'text/plain')
    """
    lines = start.lstrip("\ufeff").split("\n")
    whole = [line.rstrip("\r") for line in (lines[:-1] if len(lines) > 1 else lines)]
    if _MBOX.match(whole[0]) and any(_FIELD.match(line) for line in whole[1:3]):
        return "application/mbox"
    if _is_mail(whole):
        return "message/rfc822"
    filled = [line for line in whole if line.strip()]
    if len(filled) >= 2 and all(
        line.startswith("{") and line.rstrip().endswith("}") and '":' in line for line in filled
    ):
        return "application/jsonl"
    delimiter = delimiter_of(filled)
    if delimiter:
        return "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return _prose_kind(filled)


def _is_mail(lines: Sequence[str]) -> bool:
    """A block of fields from the first line on, among them those that every message has."""
    named = set()
    for line in lines:
        field = _FIELD.match(line)
        if field:
            named.add(field[1].lower())
        elif not line.startswith((" ", "\t")):
            break
    return len(named & MAIL_FIELDS) >= LEAST_MAIL_FIELDS and bool(named & {"from", "subject", "received"})


def delimiter_of(lines: Sequence[str]) -> str:
    """What separates the values of a table; "" where these lines are none.

    At least two rows with as many values each, three where they have only two: many texts have a comma in two lines.

    >>> delimiter_of(["a;b", "1;2", "3;4"]), delimiter_of(["Yes, it is.", "No, it is not."])
    (';', '')
    """
    for delimiter in ("\t", ",", ";", "|"):
        try:
            rows = [row for row in csv.reader(lines[:50], delimiter=delimiter, strict=False) if row]
        except csv.Error:
            continue
        # The last row may go on in a line that is not here.
        widths = [len(row) for row in rows[: len(rows) - (len(rows) > 3)]]
        if len(widths) < (2 if min(widths, default=0) > 2 or delimiter == "\t" else 3) or min(widths) < 2:
            continue
        if not any(row[-1].strip() for row in rows):  # lines of a poem, each with a comma at its end
            continue
        cells = [cell for row in rows for cell in row]
        if len(set(widths)) == 1 and sum(map(len, cells)) <= LONGEST_CELL * len(cells) and not _is_prose(rows):
            return delimiter
    return ""


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Sentences have a space behind each comma, and a full stop where they end."""
    spaced = sum(cell.startswith(" ") for row in rows for cell in row[1:])
    if not any(cell.strip() for row in rows for cell in row[1:]):
        return True  # lines that end with a comma
    ended = sum(row[-1].rstrip().endswith((".", "!", "?", ",", ";", "{", "}")) for row in rows)
    return spaced * 2 > sum(len(row) - 1 for row in rows) and ended * 3 >= len(rows)


def _prose_kind(lines: Sequence[str]) -> str:
    """Two signs of a kind make it that kind."""
    if not any(_FENCE.match(line) for line in lines):
        code = sum(bool(_SOURCE.match(line)) for line in lines)
        defined = sum(bool(_DEFINES.match(line)) for line in lines)
        if (code >= 3 and code >= SOURCE_SHARE * len(lines)) or (
            defined >= 4 and defined >= DEFINED_SHARE * len(lines)
        ):
            return "text/x-source"
    if sum(bool(_RST.search(line)) for line in lines) >= 2:
        return "text/x-rst"
    marks = sum(bool(_MARKDOWN.match(line) or _LINK.search(line)) for line in lines)
    # A single number sign opens comments in many languages; two of them hardly anywhere.
    sure = sum(bool(_FENCE.match(line) or _HEADING.match(line) or _LINK.search(line)) for line in lines)
    return "text/markdown" if marks >= 2 and sure else PLAIN
