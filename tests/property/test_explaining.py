"""Random rights, random texts and pictures: what is hidden changes no byte of an explanation."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorium.core.calibration import Calibration
from sensorium.core.contents import Addition, Content
from sensorium.core.items import Modality, Rights
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Scope
from sensorium.govern.policy import may_see
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.rerankers.late import LateInteraction
from sensorium.rerankers.words import WordsByTheLetter
from sensorium.search.closer import LookChoice
from sensorium.search.explaining.explainer import Explainer
from sensorium.search.searcher import Searcher, SearchPorts
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import DetailedHashEncoder
from sensorium.testing.specimens import PICTURE, TEXT, specimen

WORDS = ("red", "green", "blue", "dog", "snow")
COLOURS = {"red": (200, 10, 10), "green": (10, 200, 10), "blue": (10, 10, 200)}
PRINCIPALS = ("ann", "bob", "sales")
TENANTS = ("acme", "globex")


class Curves(DetailedHashEncoder):
    """Has a curve for each look, and scores that depend on how many pieces there are to see."""

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return replace(super().calibration(asked, found), gallery=10, cut=0.2)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        return replace(self.calibration(asked, found), bias=-1.0) if looks in (("late",), ("words",)) else None


ENCODER = Curves()


@dataclass(frozen=True)
class Kept:
    """One item of a random world: a text, or a picture of two colours."""

    tenant: str
    rights: Rights
    text: str | None
    colours: tuple[str, str]

    @property
    def content(self) -> Content:
        if self.text is not None:
            return self.text
        pixels = np.full((8, 8, 3), COLOURS[self.colours[0]], np.uint8)
        pixels[:, 4:] = COLOURS[self.colours[1]]
        return pixels


names = st.frozensets(st.sampled_from(PRINCIPALS), max_size=2)
said = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
colours = st.sampled_from(sorted(COLOURS))
kept = st.builds(
    Kept,
    tenant=st.sampled_from(TENANTS),
    rights=st.builds(Rights, readers=names, denied=st.frozensets(st.sampled_from(PRINCIPALS), max_size=1)),
    text=st.none() | said,
    colours=st.tuples(colours, colours),
)
scopes = st.builds(
    Scope,
    tenant=st.sampled_from(TENANTS),
    principals=st.frozensets(st.sampled_from(PRINCIPALS), min_size=1, max_size=2),
)
away = said.map(lambda words: QueryPart(modality=Modality.TEXT, content=words, weight=-0.5))
queries = st.builds(
    lambda words, more, k: Query(parts=(QueryPart(modality=Modality.TEXT, content=words), *more), k=k, per_item=0),
    said,
    st.lists(away, max_size=1),
    st.integers(1, 5),
)


def addition(number: int, one: Kept) -> Addition:
    writer = Scope(tenant=one.tenant, principals=frozenset(PRINCIPALS))
    kind = replace(TEXT if one.text is not None else PICTURE, rights=one.rights, spaces=(ENCODER.space,))
    made = specimen(number, kind, scope=writer)
    sense = made.pieces[0].modality
    vectors, details = ENCODER.encode_detailed(sense, [one.content], "piece")
    form = ENCODER.details
    assert form is not None
    return replace(
        made,
        pieces=(replace(made.pieces[0], text=one.text),),
        vectors={ENCODER.space.id: vectors},
        details={ENCODER.space.id: {0: form.pack(details[0])}} if details else {},
    )


def told(world: Sequence[tuple[int, Kept]], scope: Scope, query: Query) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder), create=True) as store:
        store.add_space(ENCODER.space)
        for number, one in world:
            writer = Scope(tenant=one.tenant, principals=frozenset(PRINCIPALS))
            store.commit(writer, additions=[addition(number, one)])

        def looks(scope: Scope) -> Sequence[LateInteraction | WordsByTheLetter]:
            return LateInteraction(scope, ENCODER, store), WordsByTheLetter(scope, store)

        indexes = IndexFolder(store, FaissFactory(), Path(folder) / "indexes")
        ports = SearchPorts(
            items=store, indexes=indexes, encoders=(ENCODER,), rerankers=looks, vectors=store.vectors_of
        )
        hits = Searcher(ports, LookChoice(rerank=True)).search(scope, query).hits
        explained = Explainer(store=store, encoders=(ENCODER,), rerankers=looks).explained(scope, query, hits)
        assert all(hit.explanation is not None for hit in explained)
        return [json.dumps(hit.as_json(), sort_keys=True) for hit in explained]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(kept, min_size=1, max_size=6), st.lists(kept, max_size=6), scopes, queries)
def test_hidden_items_change_no_byte_of_an_explanation(
    world: list[Kept], others: list[Kept], scope: Scope, query: Query
) -> None:
    numbered = list(enumerate(world))
    hidden = [(100 + n, one) for n, one in enumerate(others) if not may_see(scope, one.tenant, one.rights)]
    # Hidden items come first and last, so that they shift the keys of all others.
    assert told([*hidden[::2], *numbered, *hidden[1::2]], scope, query) == told(numbered, scope, query)
