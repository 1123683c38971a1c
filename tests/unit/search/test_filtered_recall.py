"""However few items a filter leaves, the index finds the best of them: as many as an exact search of those alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import Addition
from sensorium.core.items import Modality, Piece
from sensorium.core.predicates import Compare
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.search.searcher import Searcher, SearchPorts
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.specimens import OWNER, sighting, specimen

ENCODER = HashEncoder(width=24)
ITEMS = 3_000
K = 10
QUESTIONS = 15
LEAST_RECALL = 0.99


def text_of(number: int) -> str:
    return f"word{number} word{number * 7 % 101} word{number * 13 % 53}"


def ranked(number: int) -> Addition:
    """An item whose attribute `place` is a permutation of the numbers, so that no filter follows the order of keys."""
    made = specimen(number)
    [piece] = made.pieces
    item = replace(made.item, attributes={"place": number * 1_009 % ITEMS})
    pieces: tuple[Piece, ...] = (replace(piece, text=text_of(number)),)
    vectors = {ENCODER.space.id: ENCODER.encode(Modality.TEXT, [text_of(number)], "piece")}
    return replace(made, item=item, pieces=pieces, vectors=vectors, covered={ENCODER.space.id: (0,)})


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("filtered")
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(ENCODER.space)
        additions = [ranked(number) for number in range(ITEMS)]
        store.commit(OWNER, additions=additions, sightings=[sighting(addition) for addition in additions])
        indexes = IndexFolder(store, FaissFactory(), Path(folder) / "indexes")
        yield Searcher(SearchPorts(items=store, indexes=indexes, encoders=(ENCODER,)))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.99, 1.0])
def test_recall_against_an_exact_search_of_what_the_filter_leaves(searcher: Searcher, share: float) -> None:
    wanted = round(share * ITEMS)
    left = [number for number in range(ITEMS) if number * 1_009 % ITEMS < wanted]
    assert len(left) == wanted
    vectors = ENCODER.encode(Modality.TEXT, [text_of(number) for number in left], "piece")
    recalled = 0
    for asked in range(QUESTIONS):
        words = f"word{asked * 3} word{asked}"
        part = QueryPart(modality=Modality.TEXT, content=words)
        query = Query(parts=(part,), k=K, filter=Filter(where=Compare("place", "<", wanted)))
        hits = searcher.search(OWNER, query)
        exact = np.sort(vectors @ ENCODER.encode(Modality.TEXT, [words], "query")[0])[::-1][:K]
        assert len(hits) == min(K, wanted)
        assert {hit.item.attributes["place"] < wanted for hit in hits} == {True}  # type: ignore[operator]
        recalled += sum(hit.evidence[0].raw >= exact[-1] - 1e-6 for hit in hits)
    assert recalled / (QUESTIONS * min(K, wanted)) >= LEAST_RECALL
