"""Random rules, wishes, rights and questions: what is hidden moves nothing, and no arranging loses or invents a hit."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sensorium.core.arrangement import Arrangement, Sort
from sensorium.core.matching import holds, values_of
from sensorium.core.predicates import Compare, Predicate
from sensorium.core.queries import Query
from sensorium.core.results import SearchResults
from sensorium.core.rules import Boost, Bury, Decay, First, Hide, Pin, Quota, Rule, RuleBook, When
from sensorium.core.scopes import Scope
from sensorium.govern.policy import may_see
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.rerankers.hubness import HubnessReranker
from sensorium.search.arranging.stage import ArrangeChoice
from sensorium.search.closer import LookChoice
from sensorium.search.rules.file import fitted_book
from sensorium.search.searcher import Searcher, SearchPorts
from sensorium.stores.sqlite import SqliteStore

from .test_visibility import (
    BANKED,
    ENCODER,
    PRINCIPALS,
    Kept,
    addition,
    answerable,
    as_told,
    kept_items,
    named,
    queries,
    scopes,
    sighting,
    worlds,
)

DEPTH = 4
"""Hits that are arranged together: few, so that lists reach over several windows."""

thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

conditions: st.SearchStrategy[Predicate] = st.builds(
    Compare, st.sampled_from(["price", "size"]), st.sampled_from(["=", "<", ">="]), st.integers(0, 3)
) | st.builds(Compare, st.just("kind"), st.just("="), st.sampled_from(["text", "image"]))
when = st.just(When()) | st.builds(When, words=st.sampled_from([("red",), ("d*",), ("green snow",)]))
factors = st.floats(1.1, 100.0)
names = st.just("rule")

rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Boost, name=names, when=when, where=conditions, factor=factors),
    st.builds(Bury, name=names, when=when, where=conditions, factor=factors),
    st.builds(Decay, name=names, when=when, date=st.sampled_from(["added_at", "added", "price"]), half_life=factors),
    st.builds(First, name=names, when=when, where=conditions),
    st.builds(
        Quota, name=names, when=when, by=st.sampled_from(["price", "kind", "folder"]), most=st.just(1),
        of_first=st.integers(2, 4),
    ),
    st.builds(Pin, name=names, when=when, where=conditions, place=st.integers(1, 5), most=st.integers(1, 2)),
    st.builds(Hide, name=names, when=when, where=conditions),
)  # fmt: skip
books = st.lists(rules, max_size=4).map(
    lambda made: RuleBook(tuple(replace(rule, name=f"rule {n}") for n, rule in enumerate(made)), version="1")
)
sorts = st.none() | st.builds(Sort, attribute=st.sampled_from(["price", "score", "title"]), descending=st.booleans())
arrangements = st.builds(Arrangement, sort=sorts, diversity=st.just(0.0) | st.floats(0.0, 1.0), fold=st.booleans())


@contextmanager
def arranging(world: list[tuple[str, Kept]], book: RuleBook, *, closer: bool = False) -> Iterator[Searcher]:
    """A searcher over a library that holds the world and has these rules. closer: with a closer look at a few."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder), create=True) as store:
        store.add_space(ENCODER.space)
        for tenant, together in groupby(world, key=lambda entry: entry[1].tenant):
            batch = list(together)
            store.commit(
                Scope(tenant=tenant, principals=frozenset(PRINCIPALS)),
                additions=[addition(*entry) for entry in batch],
                sightings=[sighting(name) for name, _ in batch],
            )
        hubness = HubnessReranker(BANKED.space.id, store, BANKED.query_bank)
        ports = SearchPorts(
            items=store,
            indexes=IndexFolder(store, FaissFactory(), Path(folder) / "indexes"),
            encoders=(BANKED if closer else ENCODER,),
            rerankers=lambda scope: (hubness,) if closer else (),
            vectors=store.vectors_of,
            rules=lambda scope: fitted_book(book, scope, store),
            clock=lambda: 86_400.0 * 3,
        )
        yield Searcher(ports, LookChoice(hubness=closer, depth=3), ArrangeChoice(depth=DEPTH, sort_depth=2 * DEPTH))


def hidden_by(book: RuleBook, query: Query, name: str, kept: Kept) -> bool:
    values = values_of(addition(name, kept).item)
    return any(
        isinstance(rule, Hide) and rule.where is not None and holds(rule.where, values) for rule in book.of(query)
    )


def shown(results: SearchResults) -> list[str]:
    """All pieces of an answer, those in folds behind those they are folded under."""
    return [one.piece.id for hit in results for one in (hit, *hit.folded)]


@thorough
@given(worlds, st.lists(kept_items, max_size=8), scopes, queries, books, arrangements)
def test_hidden_items_change_no_byte_of_an_arranged_answer(
    world: list[Kept], others: list[Kept], scope: Scope, query: Query, book: RuleBook, arrangement: Arrangement
) -> None:
    query = replace(query, arrangement=arrangement)
    hidden = [(f"hidden{n}", kept) for n, kept in enumerate(others) if not may_see(scope, kept.tenant, kept.rights)]
    with arranging(named(world), book) as searcher:
        without = as_told(searcher.search(scope, query))
    with arranging(hidden[::2] + named(world) + hidden[1::2], book) as searcher:
        assert as_told(searcher.search(scope, query)) == without


@thorough
@given(worlds, scopes, queries, books, arrangements)
def test_no_rule_shows_what_its_caller_may_not_see_or_the_question_leaves_out(
    world: list[Kept], scope: Scope, query: Query, book: RuleBook, arrangement: Arrangement
) -> None:
    allowed = {
        name
        for name, _ in answerable(named(world), scope, query)
        if not hidden_by(book, query, name, dict(named(world))[name])
    }
    with arranging(named(world), book) as searcher:
        pieces = shown(searcher.search(scope, replace(query, arrangement=arrangement)))
    assert {piece.partition(".")[0] for piece in pieces} <= allowed
    assert not [piece for piece, count in Counter(pieces).items() if count > 1]


@thorough
@given(worlds, scopes, queries, books, sorts, st.floats(0.0, 1.0))
def test_while_k_are_visible_and_not_hidden_k_come_back(
    world: list[Kept], scope: Scope, query: Query, book: RuleBook, sort: Sort | None, diversity: float
) -> None:
    places = [
        count
        for name, count in answerable(named(world), scope, query)
        if not hidden_by(book, query, name, dict(named(world))[name])
    ]
    with arranging(named(world), book) as searcher:
        found = searcher.search(scope, replace(query, arrangement=Arrangement(sort=sort, diversity=diversity)))
    assert len(found) == min(query.k, sum(places))


@thorough
@given(worlds, scopes, queries, books, arrangements)
def test_no_arranging_changes_a_score(
    world: list[Kept], scope: Scope, query: Query, book: RuleBook, arrangement: Arrangement
) -> None:
    book = RuleBook(book.ordering, version="1")
    whole = replace(query, k=100)
    with arranging(named(world), book) as searcher:
        plain = {
            hit.piece.id: hit.score
            for hit in searcher.search(scope, replace(whole, arrangement=Arrangement(rules=False)))
        }
        found = searcher.search(scope, replace(query, arrangement=arrangement))
    for hit in (one for head in found for one in (head, *head.folded)):
        assert hit.score == pytest.approx(plain.get(hit.piece.id, hit.score), abs=1e-6)


@thorough
@given(worlds, scopes, queries)
def test_rules_that_hold_of_nothing_leave_the_list_as_it_is(world: list[Kept], scope: Scope, query: Query) -> None:
    nothing = Compare("price", "=", 99)
    book = RuleBook(
        (
            Boost(name="a", where=nothing, factor=9),
            Bury(name="b", where=nothing, factor=9),
            Pin(name="c", where=nothing, place=1),
            Hide(name="d", where=nothing),
            Decay(name="e", date="no_date", half_life=1),
            Quota(name="f", by="no_attribute", most=1, of_first=9),
        ),
        version="1",
    )
    with arranging(named(world), RuleBook()) as searcher:
        without = searcher.search(scope, query).as_json()
    with arranging(named(world), book) as searcher:
        assert searcher.search(scope, query).as_json() == without


@thorough
@given(worlds, scopes, queries, books, arrangements, st.integers(1, 8), st.booleans())
def test_a_shorter_list_is_the_beginning_of_a_longer_one(  # noqa: PLR0913 - each a part of what is drawn
    world: list[Kept],
    scope: Scope,
    query: Query,
    book: RuleBook,
    arrangement: Arrangement,
    k: int,
    closer: bool,
) -> None:
    assume(arrangement.asked or book.of(query).ordering)
    arranged = replace(query, arrangement=arrangement, k=12)
    with arranging(named(world), book, closer=closer) as searcher:
        whole = [hit.piece.id for hit in searcher.search(scope, arranged)]
        assert [hit.piece.id for hit in searcher.search(scope, replace(arranged, k=k))] == whole[:k]
