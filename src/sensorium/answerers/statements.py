"""Texts taken apart into what each says by itself: sentences of prose, rows of tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CELL = " | "
"""What stands between the cells of a table's row in a piece of the aspect `table`."""

LONGEST = 600
"""Characters of one sentence; a longer one is cut at a blank."""

_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[¿¡]?[A-ZÀ-ÞĀ-Ž0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-zÀ-ž]|Mr|Mrs|Ms|Dr|Prof|St|No|Nos|Nr|Fig|Figs|Tab|Sec|Vol|Inc|Ltd|Co|Corp|Jr|Sr|Lieut|Capt|Gen"
    r"|Col|vs|etc|approx|ca|cf|Bd|Abs|bzw|usw|vgl|al|pp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\be\.g|\bi\.e"
    r"|\bz\.\s?B)\.$"
)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that a text says. cells: of a row of a table, whose heads are `columns`; both empty for prose."""

    text: str
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def plain(text: str) -> str:
    r"""`text` without controls, reading directions, tags and other characters that hide or reorder; lines stay lines.

    >>> plain("a\x1b[31mb\u202egpj.exe\U000E0041")
    'a[31mbgpj.exe'
    """
    if text.isprintable():
        return text
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in _HIDDEN)


def statements(text: str) -> list[Statement]:
    r"""Everything that `text` says, in order.

    >>> [one.text for one in statements("Dr. Low came. He\nstayed! 3 left")]
    ['Dr. Low came.', 'He stayed!', '3 left']
    >>> statements("Ducks\n| Lake | Sea\n2019 | 120 | 80")[-1].text
    '2019: Lake 120, Sea 80'
    """
    found: list[Statement] = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        first = next((place for place, line in enumerate(lines) if _is_row(line)), len(lines))
        prose = " ".join(" ".join(lines[:first]).split())
        found += [Statement(text=sentence) for sentence in sentences(prose)]
        found += _rows(lines[first:], prose)
    return found


def sentences(prose: str) -> Iterator[str]:
    """The sentences of a paragraph.

    >>> list(sentences("It cost 5.2 bn. in U.S. money. Who paid?"))
    ['It cost 5.2 bn. in U.S. money.', 'Who paid?']
    """
    start = 0
    for end in _END.finditer(prose):
        if _ABBREVIATED.search(prose[start : end.start()].rstrip("\"'”’)]")):
            continue
        yield from _cut(prose[start : end.start()] + end[0].rstrip())
        start = end.end()
    yield from _cut(prose[start:])


def _is_row(line: str) -> bool:
    return CELL in line or line.startswith("| ")


def _cells(line: str) -> tuple[str, ...]:
    line = " " + line if line.startswith("| ") else line
    return tuple(" ".join(cell.split()) for cell in line.split(CELL))


def _rows(lines: Sequence[str], caption: str) -> Iterator[Statement]:
    """Rows below a head. A line without cells, such as a note, is a sentence of its own."""
    if not lines:
        return
    head = _cells(lines[0])
    if len(lines) == 1:
        yield Statement(text=": ".join(filter(None, head)), cells=head, columns=head)
    for line in lines[1:]:
        cells = _cells(line) if _is_row(line) else ()
        if not cells:
            yield from (Statement(text=sentence) for sentence in sentences(line))
        elif any(cells):
            yield Statement(text=_told(cells, head), cells=cells, columns=head)


def _told(cells: Sequence[str], head: Sequence[str]) -> str:
    """A row in words: its first cell, then each other with its head where they stand below each other."""
    heads = head if len(head) == len(cells) else [""] * len(cells)
    rest = [" ".join(filter(None, pair)) for pair in zip(heads[1:], cells[1:], strict=True) if pair[1]]
    return ": ".join(filter(None, (cells[0], ", ".join(rest))))


def _cut(sentence: str) -> Iterator[str]:
    sentence = sentence.strip()
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", LONGEST // 2, LONGEST)
        end = end if end > 0 else LONGEST
        yield sentence[:end]
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence
