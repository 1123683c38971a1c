"""How much words by the letter should count beside vectors: `python -m sensorium.training.words --data DIR`.

Each kept-out caption looks for the other captions of its picture among all of them, by the weight of the words.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.encoders.compact import CompactEncoder
from sensorium.evaluation.answered import Captioned
from sensorium.rerankers import words
from sensorium.rerankers.words import WordsByTheLetter
from sensorium.training.measures import recalls
from sensorium.training.pairs import hold_out

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0)
SCOPE = Scope.local_owner()


class Captions:
    """Texts as a `WordStore`: keys are their positions. Words are cut to five letters, about as a stemmer does."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._holders: dict[str, list[int]] = {}
        self._count = len(texts)
        for number, text in enumerate(texts):
            for word in {stem(found) for found in re.findall(r"\w+", text.lower())}:
                self._holders.setdefault(word, []).append(number)

    def holding(self, scope: Scope, filter: Filter, phrase: str) -> Keys:
        """Fits `WordStore`."""
        return np.array(self._holders.get(stem(phrase), []), np.int64)

    def text_count(self, scope: Scope, filter: Filter) -> int:
        """Fits `WordStore`."""
        return self._count

    def generation(self) -> int:
        """Fits `WordStore`."""
        return 1


def stem(word: str) -> str:
    """The start of a word.

    >>> stem("playing")
    'playi'
    """
    return word[:5]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table of recall by weight."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training.words", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds images/ and captions_train.tsv")
    parser.add_argument("--out", type=Path, help="the encoder's folder; by default the one that is shipped")
    chosen = parser.parse_args(arguments)
    everything = Captioned.read(chosen.data, "train")
    held = everything.take(hold_out(len(everything.pictures), 500, 0)[1])
    encoder = CompactEncoder.load(folder=chosen.out)
    vectors = encoder.encode(Modality.TEXT, held.captions, "query")
    owner = np.array(held.described)
    raw = vectors @ vectors.T
    shares = _shares(held.captions)
    right = (owner[:, None] == owner[None, :]) & ~np.eye(len(owner), dtype=bool)
    print("| weight | R@1/5/10 among kept-out captions |\n| --- | --- |")
    for weight in WEIGHTS:
        scores = raw + weight * shares
        np.fill_diagonal(scores, -np.inf)
        found = recalls(scores.astype(np.float32), right)
        mark = "**" if weight == words.WEIGHT else ""
        print(f"| {mark}{weight}{mark} | {found} |")


def _shares(captions: Sequence[str]) -> np.ndarray:
    """float64 [questions, captions]."""
    reranker = WordsByTheLetter(SCOPE, Captions(captions))
    rows = []
    everyone = list(range(len(captions)))
    for caption in captions:
        query = Query(parts=(QueryPart(modality=Modality.TEXT, content=caption),), filter=EVERYTHING)
        rows.append(np.array(reranker.rescore(query, Modality.TEXT, everyone, [0.0] * len(captions))) / words.WEIGHT)
    return np.array(rows)


if __name__ == "__main__":
    main()
