"""What every store promises to who changes the model of a library.

Run it beside `StoreContract`, over the same fixture `store`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality, Rights
from sensorium.core.reembedding import ModelStore, Shortfall
from sensorium.core.scopes import EVERYTHING
from sensorium.core.spaces import Space, SpaceRole, Vectors
from sensorium.core.store_ports import DetailStore
from sensorium.testing.specimens import OTHER_SPACE, OWNER, PICTURE, SPACE, Kind, specimen, specimens, unit_vectors
from sensorium.testing.store_contract import ANN, BOB, Store, add, ids, keys

TEXTS = frozenset({Modality.TEXT})


class Modelled(Store, ModelStore, DetailStore, Protocol):
    """What the suite needs of one store."""


def rows_of(found: list[int], seed: int = 0) -> dict[int, Vectors]:
    """A vector in the other space for each key."""
    return dict(zip(found, unit_vectors(len(found), OTHER_SPACE.width, seed), strict=True))


def standings(store: Modelled) -> dict[str, str]:
    """What each space is, by its id."""
    return {one.space.id: one.standing for one in store.known_spaces()}


class ModelStoreContract:
    """Spaces and what they are, vectors that are made later, the switch, and what is dropped."""

    @pytest.fixture(autouse=True)
    def _begun(self, store: Modelled) -> None:
        store.begin_space(SPACE, "first")
        add(store, *specimens(range(4)))

    def test_the_first_space_is_searched_and_the_next_one_is_built(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE, "second")
        assert standings(store) == {SPACE.id: "active", OTHER_SPACE.id: "unfinished"}
        active = store.active_space()
        assert active is not None
        assert (active.space, active.encoder, active.role) == (SPACE, "first", SpaceRole.SEARCHED)

    def test_a_space_that_pieces_bring_along_is_none_to_search(self, store: Modelled) -> None:
        store.add_space(OTHER_SPACE)
        assert standings(store)[OTHER_SPACE.id] == "of voices"
        with pytest.raises(BadInput):
            store.drop_space(OTHER_SPACE.id)

    def test_beginning_again_changes_nothing_but_the_setting(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE, "second")
        generation = store.generation()
        store.begin_space(OTHER_SPACE, "second, from elsewhere")
        store.begin_space(OTHER_SPACE)
        assert [one.encoder for one in store.known_spaces()] == ["first", "second, from elsewhere"]
        assert store.generation() == generation

    def test_vectors_that_are_made_later_come_as_changes_of_their_space_alone(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        before, found = store.generation(), keys(store)
        assert store.embed(OTHER_SPACE.id, rows_of(found[:2]), {found[0]: b"detail"}) == 2
        assert store.generation() == before + 1
        [changes] = store.changes(OTHER_SPACE.id, before)
        assert changes.keys.tolist() == found[:2]
        [others] = store.changes(SPACE.id, before)
        assert others.keys.size == others.removed.size == 0
        np.testing.assert_array_equal(store.vectors_of(OTHER_SPACE.id, found)[found[1]], rows_of(found[:2])[found[1]])
        assert store.details(OWNER, OTHER_SPACE.id, found) == {found[0]: b"detail"}

    def test_what_has_a_vector_keeps_it_and_what_was_erased_gets_none(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        found = keys(store)
        store.embed(OTHER_SPACE.id, rows_of(found[:1]), {})
        store.forget(OWNER, [ids(store)[-1]])
        rows = rows_of(found, seed=1)
        assert store.embed(OTHER_SPACE.id, rows, {found[-1]: b"detail"}) == 2
        held = store.vectors_of(OTHER_SPACE.id, found)
        assert sorted(held) == found[:-1]
        np.testing.assert_array_equal(held[found[0]], rows_of(found[:1])[found[0]])

    def test_vectors_that_do_not_fit_the_space_are_refused(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        generation, [key, *_] = store.generation(), keys(store)
        with pytest.raises(ValueError, match="shape"):
            store.embed(OTHER_SPACE.id, {key: unit_vectors(1, 3)[0]}, {})
        with pytest.raises(ValueError, match="has to be added"):
            store.embed("unknown-1-000000000000", rows_of([key]), {})
        assert store.generation() == generation

    def test_what_lacks_a_vector_is_listed_item_by_item_with_all_its_pieces(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        found = keys(store)
        store.embed(OTHER_SPACE.id, rows_of(found[1:2]), {})
        first, second = store.lacking(OWNER, OTHER_SPACE.id, TEXTS, 0, 2)
        assert [one.key for one in (*first.wanting, *second.wanting)] == [found[0], found[2]]
        assert [piece.piece for piece in first.pieces] == list(store.pieces_of(OWNER, first.item.id))
        assert [seen.source for seen in first.sightings] == [first.item.lineage.source]
        [last] = store.lacking(OWNER, OTHER_SPACE.id, TEXTS, second.number, 2)
        assert store.lacking(OWNER, OTHER_SPACE.id, TEXTS, last.number, 2) == []
        assert store.lacking(OWNER, OTHER_SPACE.id, frozenset({Modality.IMAGE}), 0, 2) == []
        assert store.count_lacking(OWNER, OTHER_SPACE.id, TEXTS) == (3, 3)

    def test_what_the_scope_may_not_see_is_listed_and_says_so(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        add(store, specimen(9, Kind(rights=Rights(readers=BOB.principals))), scope=BOB)
        listed = store.lacking(OWNER, OTHER_SPACE.id, TEXTS, 0, 9)
        assert [one.is_visible for one in listed] == [True] * 4 + [False]
        assert store.count_lacking(OWNER, OTHER_SPACE.id, TEXTS) == (4, 5)
        assert store.coverage(ANN) == {SPACE.id: 0, OTHER_SPACE.id: 0}
        assert store.coverage(BOB)[SPACE.id] == 1
        assert store.shortfall(BOB, OTHER_SPACE.id) == Shortfall(found=1, lost=1, others_found=4, others_lost=4)

    def test_pieces_of_senses_that_are_not_asked_for_do_not_lack(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        add(store, specimen(9, PICTURE))
        assert store.count_lacking(OWNER, OTHER_SPACE.id, frozenset({Modality.IMAGE})) == (1, 1)
        assert store.count_lacking(OWNER, OTHER_SPACE.id, frozenset()) == (0, 0)

    def test_a_switch_moves_the_generation_and_remembers_the_space_before(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        before = store.generation()
        store.switch_space(OTHER_SPACE.id)
        assert standings(store) == {SPACE.id: "previous", OTHER_SPACE.id: "active"}
        assert store.generation() == before + 1
        store.switch_space(SPACE.id)
        assert standings(store) == {SPACE.id: "active", OTHER_SPACE.id: "previous"}

    def test_a_switch_to_what_is_searched_forgets_no_way_back(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        store.switch_space(OTHER_SPACE.id)
        store.switch_space(OTHER_SPACE.id)
        assert standings(store) == {SPACE.id: "previous", OTHER_SPACE.id: "active"}

    def test_a_space_that_is_not_there_can_not_be_searched(self, store: Modelled) -> None:
        with pytest.raises(BadInput, match="no such space"):
            store.switch_space("unknown-1-000000000000")
        assert standings(store) == {SPACE.id: "active"}

    def test_a_space_that_is_dropped_leaves_the_others_as_they_were(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        found = keys(store)
        store.embed(OTHER_SPACE.id, rows_of(found), {found[0]: b"detail"})
        size = store.drop_space(OTHER_SPACE.id)
        assert size == len(found) * OTHER_SPACE.width * 4 + len(b"detail")
        assert standings(store) == {SPACE.id: "active"}
        assert keys(store) == found
        assert store.visible_keys(OWNER, EVERYTHING, OTHER_SPACE.id).tolist() == []
        assert list(store.changes(OTHER_SPACE.id, 0)) == []

    def test_a_space_that_was_dropped_can_be_begun_again(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        store.switch_space(OTHER_SPACE.id)
        store.drop_space(SPACE.id)
        store.begin_space(SPACE)
        assert standings(store) == {SPACE.id: "unfinished", OTHER_SPACE.id: "active"}
        assert store.count_lacking(OWNER, SPACE.id, TEXTS) == (4, 4)

    def test_what_is_searched_is_never_dropped(self, store: Modelled) -> None:
        with pytest.raises(BadInput, match="searches are by this space"):
            store.drop_space(SPACE.id)
        assert len(keys(store)) == 4

    def test_what_is_forgotten_is_gone_from_every_space_and_told_to_every_index(self, store: Modelled) -> None:
        store.begin_space(OTHER_SPACE)
        found = keys(store)
        store.embed(OTHER_SPACE.id, rows_of(found), {})
        before = store.generation()
        store.forget(OWNER, ids(store)[:1])
        for space in (SPACE, OTHER_SPACE):
            assert removed(store, space, before) == found[:1]
            assert found[0] not in store.vectors_of(space.id, found)


def removed(store: Modelled, space: Space, since: int) -> list[int]:
    """Keys that an index of that generation has to take out."""
    return [int(key) for changes in store.changes(space.id, since) for key in changes.removed]
