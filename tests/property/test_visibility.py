"""Random rights, random questions: nothing unauthorised shows, and never fewer than k hits while k are there."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorium.core.banks import HUBNESS, QueryBank
from sensorium.core.calibration import Calibration
from sensorium.core.contents import Addition
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.matching import holds, values_of
from sensorium.core.predicates import Compare, Has, OneOf, Predicate
from sensorium.core.queries import Query, QueryPart
from sensorium.core.receipts import Sighting
from sensorium.core.results import SearchResults
from sensorium.core.scopes import Filter, Scope
from sensorium.govern.policy import may_see
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.rerankers.hubness import HubnessReranker, nearness
from sensorium.search.closer import LookChoice
from sensorium.search.searcher import Searcher, SearchPorts
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import HashEncoder

ENCODER = HashEncoder(width=16)
READER = Producer(name="reader.test", version="1")
WORDS = ("red", "green", "blue", "dog", "cat", "snow")
PRINCIPALS = ("ann", "bob", "sales")
TENANTS = ("acme", "globex")
PURPOSES = ("search", "audit")

WHERES: tuple[Predicate, ...] = (
    Compare("price", "<", 2),
    Compare("price", "!=", 1),
    ~OneOf("price", (0, 3)),
    Compare("kind", "=", "image") | Compare("price", "=", 2),
    Has("price") & ~Compare("title", "=", "ITEM1"),
)

some_principals = st.frozensets(st.sampled_from(PRINCIPALS), max_size=2)
rights = st.builds(
    Rights,
    readers=some_principals,
    denied=st.frozensets(st.sampled_from(PRINCIPALS), max_size=1),
    purposes=st.frozensets(st.sampled_from(PURPOSES), max_size=1),
)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
scopes = st.builds(
    Scope,
    tenant=st.sampled_from(TENANTS),
    principals=st.frozensets(st.sampled_from(PRINCIPALS), min_size=1, max_size=2),
    purpose=st.sampled_from(PURPOSES),
)
queries = st.builds(
    Query,
    parts=st.tuples(texts.map(lambda words: QueryPart(modality=Modality.TEXT, content=words))),
    k=st.integers(1, 8),
    per_item=st.integers(0, 2),
    filter=st.builds(
        Filter,
        modalities=st.none() | st.frozensets(st.sampled_from([Modality.TEXT, Modality.IMAGE]), min_size=1),
        media_types=st.none() | st.just(frozenset({"text/plain"})),
        where=st.none() | st.sampled_from(WHERES),
    ),
)


@dataclass(frozen=True)
class Kept:
    """One item of a random world. texts: what its pieces say; modality: what they claim to be. price: None for an item
    that has none."""

    tenant: str
    rights: Rights
    modality: Modality
    texts: tuple[str, ...]
    price: int | None = None


kept_items = st.builds(
    Kept,
    tenant=st.sampled_from(TENANTS),
    rights=rights,
    modality=st.sampled_from([Modality.TEXT, Modality.IMAGE]),
    texts=st.lists(texts, min_size=1, max_size=3).map(tuple),
    price=st.none() | st.integers(0, 3),
)
worlds = st.lists(kept_items, min_size=1, max_size=12)

thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class BankedEncoder(HashEncoder):
    """A HashEncoder that can tell hubs, by the words of every question, and whose scores depend on how many pieces
    there are to see."""

    def query_bank(self, asked: Modality) -> QueryBank | None:
        return QueryBank(vectors=self.encode(Modality.TEXT, WORDS, "query"), beta=20.0)

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return replace(super().calibration(asked, found), gallery=10, cut=0.2)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        return replace(self.calibration(asked, found), bias=-1.0) if looks == (HUBNESS,) else None


BANKED = BankedEncoder(width=16)
DEPTH = 3
"""Candidates that are looked at closer: few, so that lists reach below them."""


@contextmanager
def searcher_over(world: list[tuple[str, Kept]], *, closer: bool = False) -> Iterator[Searcher]:
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder), create=True) as store:
        store.add_space(ENCODER.space)
        for tenant, together in groupby(world, key=lambda entry: entry[1].tenant):
            writer = Scope(tenant=tenant, principals=frozenset(PRINCIPALS))
            batch = list(together)
            store.commit(
                writer, additions=[addition(*entry) for entry in batch], sightings=[sighting(name) for name, _ in batch]
            )
        indexes = IndexFolder(store, FaissFactory(), Path(folder) / "indexes")
        if closer:
            hubness = HubnessReranker(BANKED.space.id, store, BANKED.query_bank)
            ports = SearchPorts(items=store, indexes=indexes, encoders=(BANKED,), rerankers=lambda scope: (hubness,))
            yield Searcher(ports, LookChoice(hubness=True, depth=DEPTH))
        else:
            yield Searcher(SearchPorts(items=store, indexes=indexes, encoders=(ENCODER,)))


def sighting(name: str) -> Sighting:
    return Sighting(source=f"/{name}", item_id=name, content_hash=name, size=1, modified_ns=0, seen_at=0.0)


def addition(name: str, kept: Kept) -> Addition:
    lineage = Lineage(source=f"/{name}", content_hash=name, size=1, modified_at=0.0, added_at=0.0, reader=READER)
    item = Item(
        id=name,
        tenant=kept.tenant,
        modality=kept.modality,
        media_type="text/plain" if kept.modality is Modality.TEXT else "image/png",
        title=name,
        rights=kept.rights,
        lineage=lineage,
        attributes={} if kept.price is None else {"price": kept.price},
    )
    pieces = tuple(
        Piece(item_id=name, ordinal=n, modality=kept.modality, place=Place(), producer=READER, text=text)
        for n, text in enumerate(kept.texts)
    )
    return Addition(
        item=item,
        pieces=pieces,
        previews={},
        vectors={ENCODER.space.id: ENCODER.encode(Modality.TEXT, kept.texts, "piece")},
        covered={ENCODER.space.id: tuple(range(len(pieces)))},
    )


def named(world: list[Kept]) -> list[tuple[str, Kept]]:
    return [(f"item{number}", kept) for number, kept in enumerate(world)]


def answerable(world: list[tuple[str, Kept]], scope: Scope, query: Query) -> list[tuple[str, int]]:
    """How many places each visible item could take in the list, by the reference rule."""
    wanted = query.filter.modalities
    kinds = query.filter.media_types
    where = query.filter.where
    return [
        (name, min(len(kept.texts), query.per_item or len(kept.texts)))
        for name, kept in world
        if may_see(scope, kept.tenant, kept.rights)
        and (wanted is None or kept.modality in wanted)
        and (kinds is None or kept.modality is Modality.TEXT)
        and (where is None or holds(where, values_of(addition(name, kept).item)))
    ]


def best_scores(world: list[tuple[str, Kept]], scope: Scope, query: Query) -> list[float]:
    """The scores of the right list, by brute force over what is visible."""
    asked = ENCODER.encode(Modality.TEXT, [query.parts[0].content], "query")[0]
    curve = ENCODER.calibration(Modality.TEXT, Modality.TEXT)
    visible = dict(answerable(world, scope, query))
    scores: list[float] = []
    for name, kept in world:
        products = ENCODER.encode(Modality.TEXT, kept.texts, "piece") @ asked
        best = sorted((curve.score(float(product)) for product in products), reverse=True)
        scores += best[: visible.get(name, 0)]
    return sorted(scores, reverse=True)[: query.k]


def closer_scores(world: list[tuple[str, Kept]], scope: Scope, query: Query) -> list[float]:
    """The scores of the right list with a closer look at the first pictures, by brute force."""
    asked = BANKED.encode(Modality.TEXT, [query.parts[0].content], "query")[0]
    bank = BANKED.query_bank(Modality.TEXT)
    plain = BANKED.calibration(Modality.TEXT, Modality.TEXT)
    curve = BANKED.calibration_after(Modality.TEXT, Modality.TEXT, (HUBNESS,))
    assert bank is not None
    assert curve is not None
    visible = dict(answerable(world, scope, query))
    scored: list[tuple[float, float, str]] = []
    for modality in (Modality.TEXT, Modality.IMAGE):
        found = [
            (float(row @ asked), row, name)
            for name, kept in world
            if kept.modality is modality and name in visible
            for row in BANKED.encode(Modality.TEXT, kept.texts, "piece")
        ]
        found.sort(key=lambda entry: -entry[0])
        depth = max(DEPTH, query.k) if modality is Modality.IMAGE else 0
        pieces = len(found)
        looked = [
            (curve.score(raw - float(nearness(row[None], bank)[0]), pieces), 0.0, name)
            for raw, row, name in found[:depth]
        ]
        lowest = min((score for score, _, _ in looked), default=1.0)
        scored += looked + [(min(plain.score(raw, pieces), lowest), -raw, name) for raw, _, name in found[depth:]]
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    taken: Counter[str] = Counter()
    kept_scores = []
    for score, _, name in scored:
        taken[name] += 1
        if not query.per_item or taken[name] <= query.per_item:
            kept_scores.append(score)
    return kept_scores[: query.k]


def as_told(results: SearchResults) -> str:
    """Everything of an answer that the caller sees, times excepted."""
    counts = [(stage.name, stage.counts) for stage in results.trace.stages]
    return json.dumps([results.as_json(), counts], sort_keys=True)


@thorough
@given(worlds, scopes, queries)
def test_only_visible_items_answer(world: list[Kept], scope: Scope, query: Query) -> None:
    allowed = dict(answerable(named(world), scope, query))
    with searcher_over(named(world)) as searcher:
        assert {hit.item.id for hit in searcher.search(scope, query)} <= allowed.keys()


@thorough
@given(worlds, scopes, queries)
def test_k_hits_come_back_while_k_are_visible(world: list[Kept], scope: Scope, query: Query) -> None:
    places = sum(count for _, count in answerable(named(world), scope, query))
    with searcher_over(named(world)) as searcher:
        assert len(searcher.search(scope, query)) == min(query.k, places)


@thorough
@given(worlds, scopes, queries)
def test_the_list_is_the_best_of_what_is_visible(world: list[Kept], scope: Scope, query: Query) -> None:
    with searcher_over(named(world)) as searcher:
        scores = [hit.score for hit in searcher.search(scope, query)]
    assert scores == pytest.approx(best_scores(named(world), scope, query), abs=1e-5)


@thorough
@given(worlds, st.lists(kept_items, max_size=8), scopes, queries)
def test_hidden_items_change_no_byte_of_an_answer(
    world: list[Kept], others: list[Kept], scope: Scope, query: Query
) -> None:
    hidden = [(f"hidden{n}", kept) for n, kept in enumerate(others) if not may_see(scope, kept.tenant, kept.rights)]
    with searcher_over(named(world)) as searcher:
        without = as_told(searcher.search(scope, query))
    # Hidden items come first and last, so that they shift the keys of all others.
    with searcher_over(hidden[::2] + named(world) + hidden[1::2]) as searcher:
        assert as_told(searcher.search(scope, query)) == without


@thorough
@given(worlds, scopes, queries)
def test_with_a_closer_look_the_list_is_the_best_of_what_was_looked_at_then_the_rest(
    world: list[Kept], scope: Scope, query: Query
) -> None:
    with searcher_over(named(world), closer=True) as searcher:
        scores = [hit.score for hit in searcher.search(scope, query)]
    assert scores == pytest.approx(closer_scores(named(world), scope, query), abs=1e-5)


@thorough
@given(worlds, st.lists(kept_items, max_size=8), scopes, queries)
def test_hidden_items_change_no_byte_of_an_answer_with_a_closer_look(
    world: list[Kept], others: list[Kept], scope: Scope, query: Query
) -> None:
    hidden = [(f"hidden{n}", kept) for n, kept in enumerate(others) if not may_see(scope, kept.tenant, kept.rights)]
    with searcher_over(named(world), closer=True) as searcher:
        without = as_told(searcher.search(scope, query))
    with searcher_over(hidden[::2] + named(world) + hidden[1::2], closer=True) as searcher:
        assert as_told(searcher.search(scope, query)) == without


@pytest.mark.parametrize("closer", [False, True])
def test_a_thousand_questions_of_a_restricted_caller_are_answered_the_same_with_hidden_items_around(
    closer: bool,
) -> None:
    random = np.random.default_rng(20261124)
    scope = Scope(tenant="acme", principals=frozenset({"ann"}))

    def draw(readers: str) -> Kept:
        words = tuple(" ".join(random.choice(WORDS, size=3)) for _ in range(2))
        return Kept("acme", Rights(readers=frozenset({readers})), Modality.TEXT, words)

    seen = [(f"seen{n}", draw("ann")) for n in range(150)]
    hidden = [(f"hidden{n}", draw("bob")) for n in range(300)]
    questions = [
        Query(parts=(QueryPart(modality=Modality.TEXT, content=" ".join(random.choice(WORDS, size=2))),), k=10)
        for _ in range(1000)
    ]
    with searcher_over(seen, closer=closer) as searcher:
        without = [as_told(searcher.search(scope, query)) for query in questions]
    with searcher_over(hidden[:200] + seen + hidden[200:], closer=closer) as searcher:
        assert [as_told(searcher.search(scope, query)) for query in questions] == without


def test_a_right_taken_away_takes_effect_at_the_next_question(tmp_path: Path) -> None:
    scope = Scope(tenant="acme", principals=frozenset({"ann"}))
    open_to_ann = Kept("acme", Rights(readers=frozenset({"ann"})), Modality.TEXT, ("red dog",))
    closed = Kept("acme", Rights(readers=frozenset({"bob"})), Modality.TEXT, ("red dog",))
    query = Query(parts=(QueryPart(modality=Modality.TEXT, content="red dog"),))
    with SqliteStore.open(tmp_path, create=True) as store:
        store.add_space(ENCODER.space)
        indexes = IndexFolder(store, FaissFactory(), tmp_path / "indexes")
        searcher = Searcher(SearchPorts(items=store, indexes=indexes, encoders=(ENCODER,)))
        everyone = Scope(tenant="acme", principals=frozenset(PRINCIPALS))
        store.commit(everyone, additions=[addition("a", open_to_ann)], sightings=[sighting("a")])
        assert [hit.item.id for hit in searcher.search(scope, query)] == ["a"]
        store.forget(everyone, ["a"])
        store.commit(everyone, additions=[addition("a", closed)], sightings=[sighting("a")])
        assert len(searcher.search(scope, query)) == 0
