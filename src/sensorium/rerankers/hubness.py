"""Sets back hubs: pieces that are near to every question, and so first for questions that they do not answer.

In spaces of many dimensions some points are among the nearest of very many others (Radovanović et al. 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from sensorium.core.banks import HUBNESS, QueryBank
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, QueryBanks
from sensorium.core.queries import Query
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Vectors
from sensorium.core.store_ports import VectorStore


class HubnessReranker:
    """Inverted softmax over a bank of questions. Fits the port `Reranker`.

    bank: the questions of a modality, None where there are none.
    """

    name = HUBNESS

    def __init__(self, space_id: str, vectors: VectorStore, bank: Callable[[Modality], QueryBank | None]) -> None:
        self._space_id = space_id
        self._vectors = vectors
        self._bank = bank

    @classmethod
    def load(cls, scope: Scope, encoder: Encoder, store: VectorStore) -> HubnessReranker:
        """Fits the port `RerankerFactory`."""
        bank = encoder.query_bank if isinstance(encoder, QueryBanks) else _no_bank
        return cls(encoder.space.id, store, bank)

    def applies(self, query: Query, found: Modality) -> bool:
        """Whether a question of one part looks in another sense, and there is a bank of questions like it.

        Within one sense vectors of one tower are compared, and there hubs are not the trouble: taking them back lost
        more than it brought (`docs/decisions`).
        """
        if len(query.parts) != 1 or query.parts[0].modality is found:
            return False
        return self._bank(query.parts[0].modality) is not None

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        """`raw` less how near each piece is to the questions of the bank. A piece that is gone keeps its own."""
        bank = self._bank(query.parts[0].modality)
        vectors = self._vectors.vectors_of(self._space_id, keys)
        there = [key for key in keys if key in vectors]
        if bank is None or not there:
            return list(raw)
        pieces = np.stack([vectors[key] for key in there])
        near = dict(zip(there, nearness(pieces, bank).tolist(), strict=True))
        return [score - near.get(key, 0.0) for key, score in zip(keys, raw, strict=True)]


def _no_bank(asked: Modality) -> QueryBank | None:
    return None


def nearness(pieces: Vectors, bank: QueryBank) -> npt.NDArray[np.float64]:
    """float64 [pieces]: `log(mean over b of exp(beta * b . piece)) / beta`, a soft maximum over the bank.

    What is left of an inner product when it is taken away is, times beta, the logarithm of the inverted softmax (Smith
    et al. 2017, ICLR) over a bank of queries (Bogolin et al. 2022, CVPR).

    By hand: with a single question in the bank it is the product with that question.

    >>> bank = QueryBank(vectors=np.array([[0.6, 0.8]], np.float32), beta=20.0)
    >>> nearness(np.array([[1.0, 0.0]], np.float32), bank).round(4).tolist()
    [0.6]
    """
    scaled = bank.beta * (pieces @ bank.vectors.T).astype(np.float64)
    most = scaled.max(axis=1, keepdims=True)
    shares = np.exp(scaled - most).mean(axis=1)
    return np.asarray((np.log(shares) + most[:, 0]) / bank.beta)
