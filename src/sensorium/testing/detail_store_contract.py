"""What every store promises of details: kept with a piece's vector, shown to whom may see the piece, gone with it.

Run it beside `StoreContract`, over the same fixture `store`.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Protocol

import pytest

from sensorium.core.contents import Addition
from sensorium.core.items import Rights
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.store_ports import DetailStore
from sensorium.govern.policy import may_see
from sensorium.testing.specimens import OTHER_SPACE, OWNER, SPACE, Kind, sighting, specimen
from sensorium.testing.store_contract import Store, add, ids, keys

DETAILED = Kind(pieces=3, details=True)


class StoreWithDetails(Store, DetailStore, Protocol):
    """What the suite needs."""


def expected(addition: Addition) -> list[bytes]:
    """The details of a specimen in `SPACE`, by ordinal."""
    return [addition.details[SPACE.id][piece.ordinal] for piece in addition.pieces]


class DetailStoreContract:
    """Details as they are kept, shown and erased."""

    @pytest.fixture(autouse=True)
    def _both_spaces(self, store: StoreWithDetails) -> None:
        store.add_space(SPACE)
        store.add_space(OTHER_SPACE)

    def test_details_come_back_byte_for_byte_by_key(self, store: StoreWithDetails) -> None:
        added = specimen(1, DETAILED)
        add(store, added)
        assert store.details(OWNER, SPACE.id, keys(store)) == dict(zip(keys(store), expected(added), strict=True))

    def test_only_what_was_asked_for_is_answered(self, store: StoreWithDetails) -> None:
        added = specimen(1, DETAILED)
        add(store, added, specimen(2))
        first, second, third, plain = keys(store)
        found = store.details(OWNER, SPACE.id, [third, plain, -1, 10**15, first])
        assert found == {third: expected(added)[2], first: expected(added)[0]}
        assert second not in found

    def test_nothing_asked_is_nothing_answered(self, store: StoreWithDetails) -> None:
        add(store, specimen(1, DETAILED))
        assert store.details(OWNER, SPACE.id, []) == {}

    def test_details_of_two_spaces_are_kept_apart(self, store: StoreWithDetails) -> None:
        added = specimen(1, Kind(spaces=(SPACE, OTHER_SPACE), details=True))
        add(store, added)
        (key,) = keys(store)
        for space in (SPACE, OTHER_SPACE):
            assert store.details(OWNER, space.id, [key]) == {key: added.details[space.id][0]}
        assert store.details(OWNER, "unheard-of", [key]) == {}

    def test_details_without_a_vector_are_refused_and_nothing_is_kept(self, store: StoreWithDetails) -> None:
        added = specimen(1, DETAILED)
        with pytest.raises(ValueError):
            add(store, replace(added, vectors={SPACE.id: added.vectors[SPACE.id][:1]}, covered={SPACE.id: (0,)}))
        assert ids(store) == []

    def test_adding_twice_keeps_what_was_there(self, store: StoreWithDetails) -> None:
        added = specimen(1, DETAILED)
        add(store, added)
        add(store, replace(added, details={SPACE.id: {0: b"other"}}))
        assert list(store.details(OWNER, SPACE.id, keys(store)).values()) == expected(added)

    @pytest.mark.parametrize("seed", range(3))
    def test_a_scope_is_shown_details_of_what_it_may_see_alone(self, store: StoreWithDetails, seed: int) -> None:
        chance = random.Random(seed)
        names, purposes = ["a", "b", "c"], ["search", "audit"]

        def some(most: int, of: list[str]) -> frozenset[str]:
            return frozenset(chance.sample(of, chance.randint(0, most)))

        world: list[Addition] = []
        for number in range(30):
            tenant = Scope(tenant=chance.choice(["local", "elsewhere"]), principals=frozenset())
            rights = Rights(readers=some(2, names), denied=some(1, names), purposes=some(1, purposes))
            added = specimen(number, Kind(rights=rights, details=True), scope=tenant)
            store.commit(tenant, additions=[added], sightings=[sighting(added)])
            world.append(added)
        for _ in range(20):
            asked = Scope(tenant=chance.choice(["local", "elsewhere"]), principals=some(2, names))
            allowed = [added for added in world if may_see(asked, added.item.tenant, added.item.rights)]
            found = store.details(asked, SPACE.id, range(1, 200))
            assert list(found) == list(store.pieces(asked, EVERYTHING, range(1, 200)))
            assert list(found.values()) == [added.details[SPACE.id][0] for added in allowed]

    def test_what_is_forgotten_has_no_details(self, store: StoreWithDetails) -> None:
        kept, lost = specimen(1, DETAILED), specimen(2, DETAILED)
        add(store, kept, lost)
        before = keys(store)
        store.forget(OWNER, [lost.item.id])
        assert list(store.details(OWNER, SPACE.id, before).values()) == expected(kept)

    def test_content_that_was_replaced_has_no_details(self, store: StoreWithDetails) -> None:
        old, new = specimen(1, DETAILED), specimen(2, DETAILED)
        add(store, old)
        before = keys(store)
        store.commit(OWNER, additions=[new], sightings=[sighting(new, old.item.lineage.source)])
        assert store.details(OWNER, SPACE.id, before) == {}
