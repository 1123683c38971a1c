"""Which pictures show the same, told by their captions alone: no model has a say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

WORD = re.compile(r"\w+")


def agreement(captions: Sequence[str], described: Sequence[int]) -> npt.NDArray[np.float64]:
    """float64 [pictures, pictures], 0..1: cosines of the pictures' words, rare words counting more.

    described: the picture, 0.., of each caption. A picture's words are those of all its captions, weighed by
    `tf * log(pictures / df)` (Salton and Buckley 1988): a weak judge, which knows no synonyms.

    By hand: "a" stands in both pictures and counts nothing, so two of three share the same only word, "dog".

    >>> agreement(["a dog", "a dog", "a cat"], [0, 1, 2]).round(3)[0].tolist()
    [1.0, 1.0, 0.0]
    """
    pictures = max(described) + 1
    counts: list[Counter[str]] = [Counter() for _ in range(pictures)]
    for caption, picture in zip(captions, described, strict=True):
        counts[picture].update(WORD.findall(caption.lower()))
    spread = Counter(word for words in counts for word in words)
    column = {word: number for number, word in enumerate(sorted(spread))}
    rows = np.zeros((pictures, len(column)))
    for row, words in zip(rows, counts, strict=True):
        for word, count in words.items():
            row[column[word]] = count * np.log(pictures / spread[word])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1.0)
    return np.asarray(rows @ rows.T)


def agreeing(captions: Sequence[str], described: Sequence[int], share: float) -> npt.NDArray[np.bool_]:
    """bool [pictures, pictures]: the `share` (0..1) of all pairs of pictures, at least one, whose captions agree most.

    >>> agreeing(["a dog", "a dog", "a cat"], [0, 1, 2], share=0.3)[0].tolist()
    [False, True, False]
    """
    likeness = agreement(captions, described)
    upper = np.triu_indices(len(likeness), k=1)
    found = np.zeros_like(likeness, dtype=np.bool_)
    if len(upper[0]):
        wanted = max(1, round(share * len(upper[0])))
        best = np.argsort(-likeness[upper], kind="stable")[:wanted]
        found[upper[0][best], upper[1][best]] = True
    return found | found.T
