"""The reranker contract over every reranker that we ship, over a real store."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.banks import QueryBank
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.rerankers.hubness import HubnessReranker
from sensorium.rerankers.late import LateInteraction
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import DetailedHashEncoder
from sensorium.testing.reranker_contract import RerankerContract
from sensorium.testing.specimens import OWNER, PICTURE, sighting, specimen


class LookingEncoder(DetailedHashEncoder):
    """Gives details, and can tell hubs by a bank of three questions."""

    def query_bank(self, asked: Modality) -> QueryBank | None:
        return QueryBank(vectors=self.encode(Modality.TEXT, ["red", "green", "blue"], "query"), beta=20.0)


ENCODER = LookingEncoder(width=16)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Twelve pictures with vectors and details, two with vectors alone."""
    folder = tmp_path_factory.mktemp("reranked")
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(ENCODER.space)
        for number in range(14):
            pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
            vectors, details = ENCODER.encode_detailed(Modality.IMAGE, [pixels], "piece")
            assert details is not None
            assert ENCODER.details is not None
            kept = {ENCODER.space.id: {0: ENCODER.details.pack(details[0])}} if number < 12 else {}
            added = replace(
                specimen(number, replace(PICTURE, spaces=())),
                vectors={ENCODER.space.id: vectors},
                covered={ENCODER.space.id: (0,)},
                details=kept,
            )
            store.commit(OWNER, additions=[added], sightings=[sighting(added)])
        yield store


@pytest.fixture(scope="module")
def keys(store: SqliteStore) -> list[int]:
    return [int(key) for key in store.visible_keys(OWNER, EVERYTHING, ENCODER.space.id)]


@pytest.fixture
def query() -> Query:
    return Query(parts=(QueryPart(modality=Modality.TEXT, content="a red bus"),))


class TestHubnessReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, store: SqliteStore) -> HubnessReranker:
        return HubnessReranker.load(OWNER, ENCODER, store)


class TestLateInteraction(RerankerContract):
    @pytest.fixture
    def reranker(self, store: SqliteStore) -> LateInteraction:
        return LateInteraction.load(OWNER, ENCODER, store)

    def test_another_scope_gets_every_score_back_as_it_was(
        self, store: SqliteStore, query: Query, keys: list[int]
    ) -> None:
        stranger = Scope(tenant="local", principals=frozenset({"user:stranger"}))
        reranker = LateInteraction.load(stranger, ENCODER, store)
        assert reranker.rescore(query, Modality.IMAGE, keys, [0.25] * len(keys)) == [0.25] * len(keys)

    def test_pictures_with_vectors_alone_keep_their_scores(
        self, reranker: LateInteraction, query: Query, keys: list[int]
    ) -> None:
        found = reranker.rescore(query, Modality.IMAGE, keys, [0.25] * len(keys))
        assert [score == 0.25 for score in found] == [False] * 12 + [True] * 2
