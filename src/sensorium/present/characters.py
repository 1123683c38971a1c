"""Untrusted text made fit to be looked at: nothing hidden, nothing reordered, no wider than its room."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"

JOINERS = "\u200c\u200d"
"""Zero-width joiners spell Persian, Indic scripts and emoji; they hide and reorder nothing."""

LAYOUT = "\n\t"

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's controls, formats (bidi overrides, zero widths, tags), surrogates, line and paragraph separators."""


def visible(text: str, *, keep: str = "") -> str:
    r"""`text` with every control, bidi, tag and surrogate character shown as a mark that names it.

    keep: characters that stay as they are, such as `LAYOUT`. Without it the answer is a single line that can not
    move a cursor, recolour a terminal or turn the reading direction around.

    >>> visible("a\x1b[31mb\u202egpj.exe")
    'a␛[31mb⟨U+202E⟩gpj.exe'
    """
    if text.isprintable():  # true for nearly all text, and every hidden category is unprintable
        return text
    return "".join(char if char in keep or char in JOINERS else _shown(char) for char in text)


def one_line(text: str) -> str:
    r"""`text` in a single visible line: runs of white space become one blank.

    >>> one_line("two\n\n  dogs\t")
    'two dogs'
    """
    return visible(" ".join(text.split()))


def cells(text: str) -> int:
    """Columns that `text` takes in a terminal (Unicode Standard Annex #11): wide characters two, marks none.

    >>> cells("犬と雪"), cells("cafe\u0301")
    (6, 4)
    """
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def cut(text: str, width: int) -> str:
    """The start of `text` within `width` >= 1 columns, with an ellipsis where something is missing.

    >>> cut("two dogs in the snow", 10)
    'two dogs …'
    """
    if cells(text) <= width:
        return text
    return _head(text, width - 1) + ELLIPSIS


def cut_middle(text: str, width: int) -> str:
    """Start and end of `text` within `width` >= 1 columns: what tells paths apart is at both ends.

    The end gets two thirds, because it holds the name.

    >>> cut_middle("/home/ann/pictures/2024/winter/dogs.jpg", 24)
    '/home/a…/winter/dogs.jpg'
    """
    if cells(text) <= width:
        return text
    front = (width - 1) // 3
    return _head(text, front) + ELLIPSIS + _tail(text, width - 1 - front)


def wrapped(text: str, width: int, *, most: int | None = None) -> list[str]:
    """`text` in lines of at most `width` >= 2 columns, broken at blanks where there are any.

    most: lines; what does not fit into them is cut.

    >>> wrapped("two dogs in the snow", 10), wrapped("two dogs in the snow", 10, most=1)
    (['two dogs', 'in the', 'snow'], ['two dogs …'])
    """
    lines: list[str] = []
    text = text.strip()
    while cells(text) > width and len(lines) + 1 != most:
        head = _head(text, width + 1)  # the blank may stand just beyond the line
        head = head[: head.rindex(" ")] if " " in head else _head(text, width)
        lines.append(head.rstrip())
        text = text[len(head) :].lstrip()
    return [*lines, cut(text, width)] if text else lines


def padded(text: str, width: int) -> str:
    """`text` filled with blanks to `width` columns.

    >>> padded("犬", 4) + "|"
    '犬  |'
    """
    return text + " " * (width - cells(text))


def _shown(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN_CATEGORIES:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's own pictures of the controls
    if code == 0x7F:
        return "␡"
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a file name that is not UTF-8 (PEP 383)
        return f"⟨{code - 0xDC00:02X}⟩"
    return f"⟨U+{code:04X}⟩"


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _head(text: str, width: int) -> str:
    taken = 0
    for position, char in enumerate(text):
        taken += _cells_of(char)
        if taken > width:
            return text[:position]
    return text


def _tail(text: str, width: int) -> str:
    """The end of `text` within `width` columns; never starts with a mark that belongs to the character before."""
    taken = 0
    start = len(text)
    for position in range(len(text) - 1, -1, -1):
        taken += _cells_of(text[position])
        if taken > width:
            break
        if _cells_of(text[position]):
            start = position
    return text[start:]
