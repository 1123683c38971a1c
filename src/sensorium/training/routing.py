"""Which tower a text belongs to: how much likelier each word piece is in English than in other languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

SMOOTHING = 0.5
WORD_COUNT = 3
"""How often each English word that the tokenizer knows whole counts as seen, beside the texts."""
FOREIGN = -2.0
"""At most this for pieces of other scripts, and for what the tokenizer does not know."""


def english_odds(
    tokenizer: Any, english: Sequence[str], foreign: Sequence[str], words: Sequence[str]
) -> npt.NDArray[np.float16]:
    """float16 [pieces]: ln of the odds that a text with this piece is English, all texts counting alike (naive Bayes).

    tokenizer: that of the English tower. A text is English where the sum over its pieces is not below 0.
    """
    size = tokenizer.get_vocab_size()
    ours, theirs = (_counts(tokenizer, texts, size) for texts in (english, foreign))
    ours += WORD_COUNT * _counts(tokenizer, words, size)
    shares = [(count + SMOOTHING) / (count.sum() + SMOOTHING * size) for count in (ours, theirs)]
    odds = np.log(shares[0] / shares[1])
    for piece, number in tokenizer.get_vocab().items():
        if not any(character.isalpha() for character in piece):
            odds[number] = 0.0  # digits and marks tell nothing
        elif not piece.isascii() or piece == "[UNK]":
            odds[number] = min(odds[number], FOREIGN)
    return np.asarray(odds, np.float16)


def _counts(tokenizer: Any, texts: Sequence[str], size: int) -> npt.NDArray[np.float64]:
    found = [number for row in tokenizer.encode_batch(list(texts), add_special_tokens=False) for number in row.ids]
    return np.bincount(np.array(found, np.int64), minlength=size).astype(np.float64)
