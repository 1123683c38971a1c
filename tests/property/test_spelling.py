"""Random rights, random texts, random slips: what is hidden suggests no word and holds none back."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorium.core.contents import Addition
from sensorium.core.items import Rights
from sensorium.core.scopes import Scope
from sensorium.govern.policy import may_see
from sensorium.search.wording.spelling import Spelling
from sensorium.stores.sqlite import SqliteStore
from sensorium.stores.vocabulary import words_of
from sensorium.testing.specimens import SPACE, Kind, specimen

WORDS = ("harbour", "harbours", "harmony", "labour", "invoice", "invoices", "voice", "größe", "harbor", "haven")
PRINCIPALS = ("ann", "bob", "sales")
TENANTS = ("acme", "globex")
ALPHABET = "abcehinorsuvö"

names = st.frozensets(st.sampled_from(PRINCIPALS), max_size=2)
rights = st.builds(Rights, readers=names, denied=st.frozensets(st.sampled_from(PRINCIPALS), max_size=1))
scopes = st.builds(
    Scope,
    tenant=st.sampled_from(TENANTS),
    principals=st.frozensets(st.sampled_from(PRINCIPALS), min_size=1, max_size=2),
)


@dataclass(frozen=True)
class Kept:
    """One text of a random world."""

    tenant: str
    rights: Rights
    text: str


kept = st.builds(
    Kept,
    tenant=st.sampled_from(TENANTS),
    rights=rights,
    text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
)


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A word with up to two letters changed, left out or put in."""
    word = draw(st.sampled_from(WORDS))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(word) - 1))
        letter = draw(st.sampled_from(["", *ALPHABET]))
        word = word[:at] + letter + word[at + draw(st.integers(0, 1)) :]
    return word or "x"


questions = st.lists(slips(), min_size=1, max_size=3).map(" ".join)
thorough = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def added(store: SqliteStore, world: Sequence[tuple[int, Kept]]) -> None:
    for number, one in world:
        writer = Scope(tenant=one.tenant, principals=frozenset(PRINCIPALS))
        made: Addition = specimen(number, Kind(rights=one.rights), scope=writer)
        store.commit(writer, additions=[replace(made, pieces=(replace(made.pieces[0], text=one.text),))])


def told(world: Sequence[tuple[int, Kept]], scope: Scope, question: str) -> list[object]:
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder), create=True) as store:
        store.add_space(SPACE)
        added(store, world)
        spelling = Spelling(scope, store, None)
        return [one.as_json() for one in spelling.suggestions(question, spelling.language(question))]


@thorough
@given(st.lists(kept, max_size=6), st.lists(kept, max_size=6), scopes, questions)
def test_hidden_texts_change_no_suggestion(world: list[Kept], others: list[Kept], scope: Scope, question: str) -> None:
    numbered = list(enumerate(world))
    hidden = [(100 + n, one) for n, one in enumerate(others) if not may_see(scope, one.tenant, one.rights)]
    without = told(numbered, scope, question)
    assert told([*hidden[::2], *numbered, *hidden[1::2]], scope, question) == without


@thorough
@given(st.lists(kept, max_size=8), scopes, questions)
def test_every_word_that_is_suggested_stands_in_a_visible_text(world: list[Kept], scope: Scope, question: str) -> None:
    visible = {word for one in world if may_see(scope, one.tenant, one.rights) for word in words_of(one.text)}
    for suggestion in told(list(enumerate(world)), scope, question):
        assert isinstance(suggestion, dict)
        assert {meant for _, meant in suggestion["changed"]} <= visible


@thorough
@given(st.lists(kept, min_size=1, max_size=6), scopes, questions)
def test_what_was_forgotten_is_as_if_it_had_never_been(world: list[Kept], scope: Scope, question: str) -> None:
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder), create=True) as store:
        store.add_space(SPACE)
        added(store, list(enumerate(world)))
        for number, one in enumerate(world):
            writer = Scope(tenant=one.tenant, principals=frozenset(PRINCIPALS))
            made = specimen(number, Kind(rights=one.rights), scope=writer)
            store.forget(Scope(tenant=one.tenant, principals=one.rights.readers), [made.item.id])
        left = [
            (number, one)
            for number, one in enumerate(world)
            if not may_see(Scope(tenant=one.tenant, principals=one.rights.readers), one.tenant, one.rights)
        ]
        after = [one.as_json() for one in Spelling(scope, store, None).suggestions(question, None)]
    assert after == told(left, scope, question)
