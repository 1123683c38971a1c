"""Which pieces of the published vocabulary are kept: those that the words of 42 languages are made of.

A word whose piece is missing falls into shorter pieces in whose company the trunk never met it. The vocabulary is
sorted by frequency on the web, where the largest languages lead; counting what whole words use loses less with fewer
pieces. The words come from the package wordfreq (Speer 2022), which knows how frequent each is in its language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.training.features import digest_of
from sensorium.training.trunks import e5

PIECES = 80_000
WORDS = 100_000
"""Of each language, the most frequent."""
FAVOURED = {"de": 4.0, "fr": 4.0, "cs": 4.0, "en": 2.0}
"""How much the languages count that the tower is taught; all others count 1."""
OWN = 8.0
"""How much the texts count that it is taught with."""

Use = npt.NDArray[np.float64]


def word_lists() -> Iterator[tuple[str, Mapping[str, float]]]:
    """Languages, and how frequent their words are."""
    import wordfreq

    for language in sorted(wordfreq.available_languages("best")):
        frequencies = wordfreq.get_frequency_dict(language, "best")
        words = sorted(frequencies, key=lambda word: (-frequencies[word], word))[:WORDS]
        yield language, {word: frequencies[word] for word in words}


def kept_pieces(published: e5.Published, texts: Sequence[str], work: Path, count: int = PIECES) -> e5.Pieces:
    """Ids of the `count` pieces that words and `texts` use most; kept in `work`, because counting takes a minute."""
    path = work / f"pieces-{digest_of([str(count).encode(), *map(str.encode, texts)])[:12]}.npy"
    if not path.exists():
        usable = e5.usable_pieces(published)
        kept = e5.most_used(published, usable, use_of_pieces(published, usable, texts), count)
        work.mkdir(parents=True, exist_ok=True)
        np.save(path, kept)
    found: e5.Pieces = np.load(path, allow_pickle=False)
    return found


def use_of_pieces(published: e5.Published, usable: e5.Pieces, texts: Sequence[str]) -> Use:
    """How often each of the usable pieces is met in words of all languages and in `texts`, each set in its weight."""
    tokenizer = e5.make_tokenizer(published, usable)
    use = np.zeros(len(usable))
    for language, words in word_lists():
        use += FAVOURED.get(language, 1.0) * _share(tokenizer, list(words), list(words.values()), len(usable))
    return use + OWN * _share(tokenizer, texts, np.ones(len(texts)), len(usable))


def _share(tokenizer: Any, texts: Sequence[str], weights: Sequence[float] | Use, size: int) -> Use:
    """The share that each piece has among those of the texts, each text counting by its weight."""
    rows = [found.ids for found in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    each = np.repeat(np.asarray(weights), [len(row) for row in rows])
    counted = np.bincount(np.array([piece for row in rows for piece in row], np.int64), weights=each, minlength=size)
    share: Use = counted / max(counted.sum(), 1e-12)
    return share
