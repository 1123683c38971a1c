"""Hubs are set back, by what the bank says of each piece alone."""

from typing import Any

import numpy as np
import pytest

from sensorium.core.banks import QueryBank
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.spaces import Vectors
from sensorium.rerankers.hubness import HubnessReranker, nearness

BANK = QueryBank(vectors=np.float32([[1, 0], [0.8, 0.6], [0.6, 0.8]]), beta=20.0)
PIECES = {7: np.float32([1, 0]), 8: np.float32([0, 1]), 9: np.float32([0.6, 0.8])}


class FewVectors:
    def vectors_of(self, space_id: str, keys: Any) -> dict[int, Vectors]:
        return {key: PIECES[key] for key in keys if key in PIECES}


def asked(*words: str) -> Query:
    return Query(parts=tuple(QueryPart(modality=Modality.TEXT, content=word) for word in words))


def reranker() -> HubnessReranker:
    store: Any = FewVectors()
    return HubnessReranker("space", store, {Modality.TEXT: BANK}.get)


def test_nearness_is_the_logarithm_of_the_mean_over_the_bank() -> None:
    expected = np.log(np.mean(np.exp(20 * BANK.vectors @ PIECES[9]))) / 20
    assert nearness(PIECES[9][None], BANK)[0] == pytest.approx(expected, abs=1e-6)


def test_nearness_does_not_overflow() -> None:
    sharp = QueryBank(vectors=BANK.vectors, beta=10_000.0)
    assert nearness(PIECES[7][None], sharp)[0] == pytest.approx(1.0, abs=1e-3)


def test_a_piece_that_is_near_to_every_question_falls_behind_one_that_is_not() -> None:
    hub, other = reranker().rescore(asked("a dog"), Modality.IMAGE, [7, 8], [0.50, 0.45])
    assert hub < other


def test_what_a_piece_gets_does_not_depend_on_the_others() -> None:
    together = reranker().rescore(asked("a dog"), Modality.IMAGE, [9, 7, 8], [0.1, 0.2, 0.3])
    alone = [reranker().rescore(asked("a dog"), Modality.IMAGE, [key], [raw])[0] for key, raw in ((9, 0.1), (7, 0.2))]
    assert together[:2] == pytest.approx(alone, abs=1e-9)


def test_a_piece_that_is_gone_keeps_its_own_score() -> None:
    assert reranker().rescore(asked("a dog"), Modality.IMAGE, [7, 1], [0.5, 0.4])[1] == 0.4
    assert reranker().rescore(asked("a dog"), Modality.IMAGE, [1], [0.4]) == [0.4]


def test_it_applies_to_questions_of_one_part_that_a_bank_knows_and_that_look_in_another_sense() -> None:
    picture = QueryPart(modality=Modality.IMAGE, content=np.zeros((2, 2, 3), np.uint8))
    assert reranker().applies(asked("a dog"), Modality.IMAGE)
    assert not reranker().applies(asked("a dog"), Modality.TEXT)
    assert not reranker().applies(asked("a dog", "a cat"), Modality.IMAGE)
    assert not reranker().applies(Query(parts=(picture,)), Modality.IMAGE)


@pytest.mark.parametrize(("vectors", "beta"), [(np.zeros((0, 2), np.float32), 20.0), (BANK.vectors, 0.0)])
def test_a_bank_of_nothing_is_refused(vectors: Vectors, beta: float) -> None:
    with pytest.raises(ValueError, match="bank"):
        QueryBank(vectors=vectors, beta=beta)
