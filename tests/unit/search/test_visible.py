"""What is remembered of visible keys depends on everything that the answer depends on."""

from typing import Any

import numpy as np

from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Keys
from sensorium.search.visible import VisibleKeys

ANN = Scope(tenant="acme", principals=frozenset({"ann"}))
BOB = Scope(tenant="acme", principals=frozenset({"bob"}))


class CountingStore:
    def __init__(self) -> None:
        self.asked: list[tuple[Scope, Filter, str]] = []

    def visible_keys(self, scope: Scope, filter: Filter, space_id: str) -> Keys:
        self.asked.append((scope, filter, space_id))
        return np.arange(len(self.asked))


def remembering() -> tuple[VisibleKeys, CountingStore]:
    store: Any = CountingStore()
    return VisibleKeys(store), store


def test_the_store_is_asked_once_a_generation() -> None:
    visible, store = remembering()
    for _ in range(3):
        visible.at(1, ANN, EVERYTHING, "space")
    visible.at(2, ANN, EVERYTHING, "space")
    assert len(store.asked) == 2


def test_another_scope_filter_or_space_is_another_question() -> None:
    visible, store = remembering()
    visible.at(1, ANN, EVERYTHING, "space")
    visible.at(1, BOB, EVERYTHING, "space")
    visible.at(1, Scope(tenant="acme", principals=ANN.principals, purpose="audit"), EVERYTHING, "space")
    visible.at(1, ANN, Filter(item_ids=frozenset({"a"})), "space")
    visible.at(1, ANN, EVERYTHING, "other")
    assert len(store.asked) == 5
