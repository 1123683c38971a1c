"""Words by the letter: a text that holds words of the question is likelier to answer it, the rarer they are the more.

Vectors know what a text is about, and blur names, numbers and codes. A piece's share of the question is the sum of the
weights of its words that the piece holds over that of all its words; a word weighs as BM25 weighs it, by how few of the
visible pieces hold it (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", 3.1). What stands in
quotation marks is one word, and `begin*` any word that begins so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sensorium.core.explanations import Told
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.queries import Query
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.core.store_ports import WordStore
from sensorium.core.terms import sought

WEIGHT = 0.6
"""What holding all words of a question adds to an inner product. Chosen on one half of the judged questions and told on
the other: `python -m benchmarks.judged fusion`."""
MEAN = 0.1
"""The share that a piece is taken to hold that was chosen by its vector alone."""


@dataclass(frozen=True, slots=True)
class Held:
    """Which visible pieces hold each word of a question. weights: float64 [words], adding up to 1."""

    holders: tuple[Keys, ...]
    weights: npt.NDArray[np.float64]

    def shares(self, keys: Sequence[int] | Keys) -> npt.NDArray[np.float64]:
        """float64 [keys], 0..1."""
        wanted = np.asarray(keys, np.int64)
        total = np.zeros(len(wanted))
        for weight, holder in zip(self.weights, self.holders, strict=True):
            if len(holder):  # sorted, so that a word which a million pieces hold costs no more than a rare one
                at = np.minimum(np.searchsorted(holder, wanted), len(holder) - 1)
                total += weight * (holder[at] == wanted)
        return total

    def best(self, count: int) -> list[int]:
        """The keys with the largest shares, best first."""
        everyone = _merged(self.holders)
        shares = self.shares(everyone)
        if len(everyone) > count:  # half of a million texts may hold a word, and few of them are among the best
            least = np.partition(shares, -count)[-count]
            everyone, shares = everyone[shares >= least], shares[shares >= least]
        order = np.argsort(-shares, kind="stable")[:count]
        return [int(key) for key in everyone[order]]


def _merged(sorted_sets: Sequence[Keys]) -> Keys:
    """The keys of all sets, each once, sorted.

    >>> _merged([np.array([1, 4]), np.array([2, 4])]).tolist()
    [1, 2, 4]
    """
    if not sorted_sets:
        return np.empty(0, np.int64)
    merged = np.concatenate(sorted_sets)
    merged.sort(kind="stable")  # which makes use of the runs that are sorted, as `np.unique` does not
    return merged[np.append(True, merged[1:] != merged[:-1])] if len(merged) else merged


class WordsByTheLetter:
    """Adds `WEIGHT * (share - MEAN)` to the raw scores of texts. Fits the ports `Reranker` and `Recaller`.

    Reads on behalf of `scope` alone, so that shares are of what the caller may see. May be shared by threads.
    """

    name = "words"

    def __init__(self, scope: Scope, store: WordStore) -> None:
        self._scope = scope
        self._store = store
        self._last: tuple[tuple[str, Filter, int] | None, Held] = (None, Held((), np.empty(0)))

    @classmethod
    def load(cls, scope: Scope, encoder: Encoder, store: WordStore) -> WordsByTheLetter:
        """Fits the port `RerankerFactory`."""
        return cls(scope, store)

    def applies(self, query: Query, found: Modality) -> bool:
        """Whether a question of one text, with at least one word that tells something, looks for texts."""
        if found is not Modality.TEXT or [part.modality for part in query.parts] != [Modality.TEXT]:
            return False
        return bool(sought(str(query.parts[0].content)))

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        """`raw` with what the words add."""
        if not self.applies(query, found):
            return list(raw)
        shares = self._held(query).shares(keys)
        return [score + WEIGHT * (float(share) - MEAN) for score, share in zip(raw, shares, strict=True)]

    def recall(self, query: Query, found: Modality, count: int) -> list[int]:
        """The visible pieces that hold most of the question, best first."""
        return self._held(query).best(count) if self.applies(query, found) else []

    def tell(self, query: Query, found: Modality, keys: Sequence[int]) -> dict[int, Told]:
        """Fits `TellingReranker`: the share that each held word has of the question, and of all of them together."""
        if not self.applies(query, found):
            return {}
        held, words = self._held(query), sought(str(query.parts[0].content))
        told: dict[int, Told] = {}
        for key, share in zip(keys, held.shares(keys), strict=True):
            own = {
                f"word {word.pattern}": float(weight)
                for word, weight, holder in zip(words, held.weights, held.holders, strict=True)
                if key in holder
            }
            told[key] = Told(numbers={**own, "words share": float(share)})
        return told

    def _held(self, query: Query) -> Held:
        """Looked up once for all calls about one question and one state of the store."""
        text = str(query.parts[0].content)
        asked = (text, query.filter, self._store.generation())
        if self._last[0] != asked:
            filter = replace(query.filter, modalities=frozenset({Modality.TEXT}))
            words = sought(text)
            holders = tuple(self._store.holding(self._scope, filter, word.pattern) for word in words)
            total = self._store.text_count(self._scope, filter)
            weights = np.array(
                [word.weight * _weight(total, len(holder)) for word, holder in zip(words, holders, strict=True)]
            )
            self._last = (asked, Held(holders, weights / weights.sum()))
        return self._last[1]


def _weight(total: int, holders: int) -> float:
    """`ln(1 + (N - n + 1/2) / (n + 1/2))`, above 0; a word that nobody holds weighs most.

    By hand: of 9 pieces one holds it, so ln(1 + 8.5 / 1.5).

    >>> round(_weight(9, 1), 4)
    1.8971
    """
    return math.log(1 + (max(total, holders) - holders + 0.5) / (holders + 0.5))
