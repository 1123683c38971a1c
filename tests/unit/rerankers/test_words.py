"""Texts that hold the words of a question are set forward, the rarer the words the more."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter, Scope
from sensorium.rerankers.words import MEAN, WEIGHT, WordsByTheLetter

OWNER = Scope.local_owner()
TEXTS = {1: "the red bus", 2: "the red car", 3: "the blue bus", 4: "a heron", 5: "the sea"}


class Store:
    """Holds `TEXTS`; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 1

    def holding(self, scope: Scope, filter: Filter, phrase: str) -> np.ndarray:
        assert scope is OWNER
        self.asked.append(phrase)
        return np.array([key for key, text in TEXTS.items() if phrase in text.split()], np.int64)

    def text_count(self, scope: Scope, filter: Filter) -> int:
        return len(TEXTS)

    def generation(self) -> int:
        return self.now


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def reranker(store: Store) -> WordsByTheLetter:
    return WordsByTheLetter(OWNER, store)


def query(words: str, *more: str) -> Query:
    return Query(parts=tuple(QueryPart(modality=Modality.TEXT, content=text) for text in (words, *more)))


def added(reranker: WordsByTheLetter, words: str, keys: list[int]) -> list[float]:
    return reranker.rescore(query(words), Modality.TEXT, keys, [0.0] * len(keys))


def test_a_text_that_holds_every_word_gets_all_of_the_weight_and_one_that_holds_none_loses(reranker) -> None:
    assert added(reranker, "red bus", [1, 5]) == pytest.approx([WEIGHT * (1 - MEAN), -WEIGHT * MEAN])


def test_a_rare_word_counts_more_than_a_common_one(reranker) -> None:
    heron, bus = added(reranker, "heron bus", [4, 1])
    assert heron > bus > -WEIGHT * MEAN


def test_recall_names_what_holds_most_first(reranker) -> None:
    assert reranker.recall(query("a red bus"), Modality.TEXT, 10) == [1, 2, 3]
    assert reranker.recall(query("a red bus"), Modality.TEXT, 1) == [1]
    assert reranker.recall(query("a zebra"), Modality.TEXT, 10) == []


def test_words_are_looked_up_once_for_a_question_until_the_store_changes(reranker, store) -> None:
    for _ in range(2):
        reranker.recall(query("red bus"), Modality.TEXT, 10)
        added(reranker, "red bus", [1])
    assert store.asked == ["red", "bus"]
    store.now = 2
    added(reranker, "red bus", [1])
    assert store.asked == ["red", "bus"] * 2


def test_it_applies_to_one_text_that_looks_for_texts(reranker) -> None:
    assert reranker.applies(query("red bus"), Modality.TEXT)
    assert not reranker.applies(query("red bus"), Modality.IMAGE)
    assert not reranker.applies(query("red", "bus"), Modality.TEXT)
    assert not reranker.applies(query("where is it"), Modality.TEXT)
