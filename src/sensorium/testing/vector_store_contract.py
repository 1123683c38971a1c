"""What every store promises to an index: all changes since any generation, and a memory of the index file.

Run it beside `StoreContract`, over the same fixture `store`.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.candidates import IndexStamp
from sensorium.core.errors import IndexDamaged, StoreDamaged
from sensorium.core.spaces import Space
from sensorium.testing.specimens import OWNER, SPACE, Kind, refusal, specimen, specimens
from sensorium.testing.store_contract import Store, add, ids, keys


def follow(store: Store, held: dict[int, bytes], since: int) -> int:
    """Brings `held`, vectors by key, up to date; returns the generation that it has then."""
    for changes in store.changes(SPACE.id, since):
        for key in changes.removed:
            held.pop(int(key), None)
        held.update((int(key), row.tobytes()) for key, row in zip(changes.keys, changes.vectors, strict=True))
        since = changes.generation
    return since


class VectorStoreContract:
    """Spaces, changes and stamps."""

    @pytest.fixture(autouse=True)
    def _space(self, store: Store) -> None:
        store.add_space(SPACE)

    def test_changes_from_zero_give_every_vector(self, store: Store) -> None:
        added = specimen(1, Kind(pieces=3))
        generation = add(store, added)
        held: dict[int, bytes] = {}
        assert follow(store, held, 0) == generation
        assert held == {key: row.tobytes() for key, row in zip(keys(store), added.vectors[SPACE.id], strict=True)}

    def test_an_index_that_is_up_to_date_is_told_nothing(self, store: Store) -> None:
        assert list(store.changes(SPACE.id, add(store, specimen(1)))) == []

    def test_a_change_elsewhere_still_moves_an_index_on(self, store: Store) -> None:
        before = add(store, specimen(1))
        after = store.commit(OWNER, refusals=[refusal("/a")])
        (changes,) = store.changes(SPACE.id, before)
        assert (changes.generation, changes.keys.size, changes.removed.size) == (after, 0, 0)

    def test_more_vectors_than_one_block_are_whole(self, store: Store) -> None:
        added = specimen(1, Kind(pieces=9000, spaces=(SPACE,)))
        generation = add(store, added)
        blocks = list(store.changes(SPACE.id, 0))
        assert [block.generation for block in blocks[:-1]] == [0] * (len(blocks) - 1)
        assert blocks[-1].generation == generation
        np.testing.assert_array_equal(np.concatenate([b.vectors for b in blocks]), added.vectors[SPACE.id])

    @pytest.mark.parametrize("seed", range(4))
    def test_an_index_that_follows_at_any_pace_holds_what_is_visible(self, store: Store, seed: int) -> None:
        chance = random.Random(seed)
        followers: list[tuple[dict[int, bytes], int]] = [({}, 0) for _ in range(3)]
        for step in range(30):
            if chance.random() < 0.6:
                add(
                    store,
                    *specimens(range(step * 3, step * 3 + chance.randint(1, 3)), Kind(pieces=chance.randint(1, 3))),
                )
            else:
                store.forget(OWNER, chance.sample(ids(store), min(2, len(ids(store)))))
            slot = chance.randrange(3)
            held, since = followers[slot]
            followers[slot] = (held, follow(store, held, since))
        for held, since in followers:
            follow(store, held, since)
            assert sorted(held) == keys(store)

    def test_an_index_older_than_the_stamp_is_told_to_start_again(self, store: Store) -> None:
        old = add(store, specimen(1))
        store.forget(OWNER, [specimen(1).item.id])
        store.set_stamp(_stamp(generation=store.generation()))
        add(store, specimen(2))
        with pytest.raises(IndexDamaged):
            list(store.changes(SPACE.id, old))

    def test_an_index_from_the_future_is_told_to_start_again(self, store: Store) -> None:
        with pytest.raises(IndexDamaged):
            list(store.changes(SPACE.id, store.generation() + 5))

    def test_vectors_are_given_by_the_keys_of_their_pieces(self, store: Store) -> None:
        added = specimen(1, Kind(pieces=3))
        add(store, added, specimen(2))
        asked = keys(store)[:3][::-1]
        found = store.vectors_of(SPACE.id, asked)
        expected = added.vectors[SPACE.id][::-1]
        assert sorted(found) == sorted(asked)
        np.testing.assert_array_equal(np.stack([found[key] for key in asked]), expected)

    def test_vectors_that_are_not_there_are_left_out(self, store: Store) -> None:
        add(store, specimen(1), specimen(2))
        lost, kept = keys(store)
        store.forget(OWNER, [specimen(1).item.id])
        assert list(store.vectors_of(SPACE.id, [lost, kept, 10**9])) == [kept]
        assert store.vectors_of("another-1-space", [kept]) == {}

    def test_a_stamp_is_remembered_and_moves_no_generation(self, store: Store) -> None:
        before = add(store, specimen(1))
        assert store.stamp(SPACE.id) is None
        store.set_stamp(_stamp(generation=1))
        store.set_stamp(_stamp(generation=before))
        assert (store.stamp(SPACE.id), store.generation()) == (_stamp(generation=before), before)

    @pytest.mark.parametrize(
        "other", [replace(SPACE, width=SPACE.width + 1), replace(SPACE, digest=SPACE.digest[:-1] + "b")]
    )
    def test_a_space_whose_id_is_taken_is_refused(self, store: Store, other: Space) -> None:
        store.add_space(SPACE)
        with pytest.raises(StoreDamaged):
            store.add_space(other)


def _stamp(generation: int) -> IndexStamp:
    return IndexStamp(space_id=SPACE.id, adapter="specimen/1", generation=generation, count=1, size=2, digest="aa" * 32)
