"""Cuts a text into chunks that overlap, at its own structure: headings, paragraphs, sentences, lines, words.

Every chunk is found in one window of bounded length, and every window starts a fair step after the one before, so
the time is linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADING = re.compile(r"\n(?=#{1,6}[ \t])")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE = re.compile(r"""[.!?…]["'”’»)\]]{0,3}\s+|[。！？]""")
_LINE = re.compile(r"\n")
_WORD = re.compile(r"\s+")

STRUCTURE = (_HEADING, _PARAGRAPH, _SENTENCE, _LINE, _WORD)
"""Where a text may be cut, best first. A cut is made behind the match."""

_SOLID = re.compile(r"\S")


def chunk(text: str, *, characters: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Half-open intervals of code points, in order, that start and end with a character that is not white space.

    characters: most of one chunk. overlap: what a chunk shares with the one before it, at most, so that a thought on
    the border is whole in one of the two; nothing is shared across a heading. Together they cover all of the text but
    white space. Raises ValueError unless `0 <= 2 * overlap <= characters`, `characters >= 1`.

    >>> text = "One thing. Another thing. A third."
    >>> [text[start:end] for start, end in chunk(text, characters=20, overlap=0)]
    ['One thing.', 'Another thing.', 'A third.']
    """
    if not 0 <= 2 * overlap <= characters or characters < 1:
        raise ValueError(f"characters={characters} and overlap={overlap} do not go together")
    stop = len(text.rstrip())
    start = _skip_space(text, 0)
    done = 0
    while start < stop:
        limit = start + characters
        if limit >= stop:
            yield start, stop
            return
        # At least a quarter of a chunk beyond the overlap: what keeps the number of windows linear.
        least = start + max(characters // 2, overlap + characters // 4, 1)
        cut, pattern = _best_cut(text, least, limit)
        end = start + len(text[start:cut].rstrip())
        if end > done:
            yield start, end
            done = end
        start = _skip_space(text, cut if pattern is _HEADING else _step_back(text, cut, overlap))


def _best_cut(text: str, least: int, limit: int) -> tuple[int, re.Pattern[str] | None]:
    """The last cut of the best kind in `[least, limit]`, and that kind; in the middle of a word if there is none."""
    for pattern in STRUCTURE:
        cut = 0
        for match in pattern.finditer(text, least - 1, limit):
            cut = match.end()
        if cut >= least:
            return cut, pattern
    return limit, None


def _step_back(text: str, cut: int, overlap: int) -> int:
    """Where the next chunk starts: at the first sentence, else word, within the overlap before `cut`."""
    for pattern in (_SENTENCE, _WORD):
        match = pattern.search(text, cut - overlap, cut)
        if match and match.end() < cut:
            return match.end()
    return cut - overlap


def _skip_space(text: str, start: int) -> int:
    match = _SOLID.search(text, start)
    return match.start() if match else len(text)
