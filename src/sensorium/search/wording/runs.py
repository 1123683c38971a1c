"""Words in scripts that put no blanks between them: what a question and a text share is found run by run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Han, kana and the scripts of Thai, Lao, Burmese and Khmer.
_UNSPACED = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
LEAST = 2
"""Characters of a run: one alone says too little."""


def shared_runs(words: Sequence[str], text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The longest runs of `words` that stand in `text`, each with every interval of characters where it does.

    >>> list(shared_runs(["京都の寺院"], "古い京都の地図と寺院"))
    [('京都の', (2, 5)), ('寺院', (8, 10))]
    """
    for word in words:
        for unspaced in _UNSPACED.findall(word):
            yield from _runs(unspaced, text)


def _runs(word: str, text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    start = 0
    while start + LEAST <= len(word):
        end = start
        while end < len(word) and word[start : end + 1] in text:
            end += 1
        if end - start >= LEAST:
            run = word[start:end]
            yield from ((run, found.span()) for found in re.finditer(re.escape(run), text))
            start = end
        else:
            start += 1
