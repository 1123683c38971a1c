"""What every store promises. Run it over an adapter by a subclass that has a fixture `store`, empty for each test.

class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        with closing(MyStore(tmp_path)) as store:
            yield store
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Protocol

import pytest

from sensorium.core.contents import Addition
from sensorium.core.errors import ItemNotFound
from sensorium.core.items import Modality, Producer, Rights
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.store_ports import ItemStore, SourceStore, VectorStore
from sensorium.govern.policy import may_see
from sensorium.testing.specimens import (
    OTHER_SPACE,
    OWNER,
    PICTURE,
    SPACE,
    Kind,
    refusal,
    sighting,
    specimen,
    specimens,
    unit_vectors,
)

ANN = Scope(tenant="local", principals=frozenset({"user:ann"}))
BOB = Scope(tenant="local", principals=frozenset({"user:bob"}))
ELSEWHERE = Scope(tenant="elsewhere", principals=OWNER.principals)


class Store(ItemStore, SourceStore, VectorStore, Protocol):
    """What the suite needs: all three ports of one store."""


def add(store: Store, *additions: Addition, scope: Scope = OWNER) -> int:
    """Commits items, each seen where its lineage says."""
    return store.commit(scope, additions=additions, sightings=[sighting(addition) for addition in additions])


def ids(store: Store, scope: Scope = OWNER, filter: Filter = EVERYTHING) -> list[str]:
    """The ids of the items that a scope sees."""
    return [item.id for item in store.items(scope, filter)]


def keys(store: Store, scope: Scope = OWNER, filter: Filter = EVERYTHING) -> list[int]:
    """The keys of the pieces that a scope sees in `SPACE`."""
    return [int(key) for key in store.visible_keys(scope, filter, SPACE.id)]


def items_behind(store: Store, found: list[int]) -> list[str]:
    """The id of each key's item."""
    return [hit.item.id for hit in store.pieces(OWNER, EVERYTHING, found).values()]


class StoreContract:
    """Items, pieces, previews, sources and refusals, and who may see them."""

    @pytest.fixture(autouse=True)
    def _spaces(self, store: Store) -> None:
        store.add_space(SPACE)
        store.add_space(OTHER_SPACE)

    # -- commit ------------------------------------------------------------------------------------------------------

    def test_what_is_committed_comes_back_whole(self, store: Store) -> None:
        added = specimen(1, Kind(pieces=3))
        add(store, added)
        found = store.pieces(OWNER, EVERYTHING, keys(store)).values()
        assert list(store.items(OWNER, EVERYTHING)) == [added.item]
        assert [(hit.piece, hit.item) for hit in found] == [(piece, added.item) for piece in added.pieces]
        assert store.pieces_of(OWNER, added.item.id) == added.pieces
        by_id = store.pieces_by_id(
            OWNER, [*(piece.id for piece in added.pieces), f"{added.item.id}.99", "it_no.0", "x"]
        )
        assert {id: (one.piece, one.item) for id, one in by_id.items()} == {
            piece.id: (piece, added.item) for piece in added.pieces
        }
        assert store.previews(OWNER, [piece.id for piece in added.pieces]) == {added.pieces[0].id: added.previews[0]}
        assert list(store.sightings(OWNER)) == [sighting(added)]

    def test_a_commit_moves_the_generation_by_one(self, store: Store) -> None:
        before = store.generation()
        assert add(store, specimen(1), specimen(2)) == before + 1
        assert store.generation() == before + 1

    def test_a_commit_of_nothing_moves_nothing(self, store: Store) -> None:
        before = store.generation()
        assert store.commit(OWNER) == before
        assert store.commit(OWNER, gone=["/nowhere"]) == before

    def test_adding_twice_is_adding_once(self, store: Store) -> None:
        add(store, specimen(1))
        add(store, specimen(1))
        assert ids(store) == [specimen(1).item.id]
        assert len(keys(store)) == 1

    def test_a_commit_that_fails_leaves_nothing(self, store: Store) -> None:
        before = store.generation()
        bad = replace(specimen(2), vectors={SPACE.id: unit_vectors(1) * 2})
        with pytest.raises(ValueError):
            add(store, specimen(1), bad)
        assert (ids(store), list(store.sightings(OWNER)), store.generation()) == ([], [], before)

    def test_a_vector_of_another_width_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError):
            add(store, replace(specimen(1), vectors={SPACE.id: unit_vectors(1, width=SPACE.width + 1)}))

    def test_vectors_must_be_as_many_as_the_pieces_they_cover(self, store: Store) -> None:
        with pytest.raises(ValueError):
            add(store, replace(specimen(1, Kind(pieces=2)), vectors={SPACE.id: unit_vectors(1)}))

    def test_a_vector_of_an_unregistered_space_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError):
            add(store, replace(specimen(1), vectors={"unheard-of": unit_vectors(1)}, covered={}))

    def test_an_item_of_another_tenant_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError):
            add(store, specimen(1, scope=ELSEWHERE), scope=OWNER)

    def test_a_space_that_covers_some_pieces_has_vectors_of_those_only(self, store: Store) -> None:
        added = specimen(1, Kind(pieces=3))
        add(store, replace(added, vectors={SPACE.id: added.vectors[SPACE.id][1:2]}, covered={SPACE.id: (1,)}))
        (hit,) = store.pieces(OWNER, EVERYTHING, keys(store)).values()
        assert hit.piece == added.pieces[1]

    def test_a_sighting_of_no_item_is_refused_and_changes_nothing(self, store: Store) -> None:
        with pytest.raises(ItemNotFound):
            store.commit(OWNER, additions=[specimen(1)], sightings=[sighting(specimen(2))])
        assert ids(store) == []

    def test_equal_producers_of_many_rows_come_back_equal(self, store: Store) -> None:
        maker = Producer(name="reader.other", version="2", digest="ee" * 32)
        added = specimen(1, Kind(pieces=2))
        add(store, replace(added, pieces=(added.pieces[0], replace(added.pieces[1], producer=maker))))
        assert [piece.producer for piece in store.pieces_of(OWNER, added.item.id)] == [added.pieces[0].producer, maker]

    # -- sources -----------------------------------------------------------------------------------------------------

    def test_new_content_at_a_source_replaces_the_item_that_was_there(self, store: Store) -> None:
        old, new = specimen(1), specimen(2)
        add(store, old)
        store.commit(OWNER, additions=[new], sightings=[sighting(new, old.item.lineage.source)])
        assert ids(store) == [new.item.id]
        assert items_behind(store, keys(store)) == [new.item.id]

    def test_a_moved_file_keeps_its_item_and_its_keys(self, store: Store) -> None:
        added = specimen(1)
        add(store, added)
        before = keys(store)
        store.commit(OWNER, sightings=[sighting(added, "/moved")], gone=[added.item.lineage.source])
        assert keys(store) == before
        assert [seen.source for seen in store.sightings(OWNER)] == ["/moved"]

    def test_an_item_names_a_source_that_it_still_has(self, store: Store) -> None:
        added = specimen(1)
        add(store, added)
        store.commit(OWNER, sightings=[sighting(added, "/moved")], gone=[added.item.lineage.source])
        (item,) = store.items(OWNER, EVERYTHING)
        assert item.lineage == replace(added.item.lineage, source="/moved")

    def test_an_item_goes_with_its_last_source(self, store: Store) -> None:
        added = specimen(1)
        store.commit(OWNER, additions=[added], sightings=[sighting(added, "/a"), sighting(added, "/b")])
        store.commit(OWNER, gone=["/a"])
        assert store.sources_of(OWNER, added.item.id) == ("/b",)
        store.commit(OWNER, gone=["/b"])
        assert (ids(store), keys(store), list(store.sightings(OWNER))) == ([], [], [])

    def test_sources_are_listed_at_or_below_a_path(self, store: Store) -> None:
        added = specimen(1)
        paths = ["/a/b", "/a/b-c", "/a/b/c", "/a/b/c/d", "/a/b0", "/a", "/a/B/c", "/a/%/c"]
        store.commit(OWNER, additions=[added], sightings=[sighting(added, path) for path in paths])
        assert {seen.source for seen in store.sightings(OWNER, "/a/b")} == {"/a/b", "/a/b/c", "/a/b/c/d"}
        assert {seen.source for seen in store.sightings(OWNER, "/a/%")} == {"/a/%/c"}
        assert len(list(store.sightings(OWNER, "/"))) == len(list(store.sightings(OWNER))) == len(paths)

    def test_a_name_that_is_no_text_is_kept_exactly(self, store: Store) -> None:
        source = "/odd/\udcff \N{SNOWMAN} ' \" % \n"
        added = specimen(1)
        store.commit(OWNER, additions=[added], sightings=[sighting(added, source)])
        assert [seen.source for seen in store.sightings(OWNER, "/odd")] == [source]

    def test_listings_longer_than_any_page_are_whole(self, store: Store) -> None:
        added = specimens(range(1200))
        add(store, *added)
        assert ids(store) == [addition.item.id for addition in added]
        assert {seen.item_id for seen in store.sightings(OWNER)} == {addition.item.id for addition in added}

    def test_a_listing_can_go_on_while_the_store_changes(self, store: Store) -> None:
        add(store, *specimens(range(3)))
        listing = store.sightings(OWNER)
        next(listing)
        after = add(store, specimen(4))
        assert store.generation() == after
        assert len(list(listing)) >= 2

    def test_content_is_known_by_hash_and_rights(self, store: Store) -> None:
        added = specimen(1)
        add(store, added)
        content_hash = added.item.lineage.content_hash
        assert store.known(OWNER, content_hash, OWNER.private_rights()) == added.item.id
        assert store.known(OWNER, "00" * 32, OWNER.private_rights()) is None
        assert store.known(OWNER, content_hash, Rights(readers=frozenset({"owner", "user:ann"}))) is None

    def test_refusals_are_kept_by_time_and_replaced_by_source(self, store: Store) -> None:
        late, early = replace(refusal("/a"), refused_at=9.0), refusal("/b")
        store.commit(OWNER, refusals=[refusal("/a"), early])
        store.commit(OWNER, refusals=[late])
        assert list(store.refusals(OWNER)) == [early, late]

    @pytest.mark.parametrize("change", ["seen", "gone"])
    def test_a_refusal_ends_when_its_file_is_seen_or_gone(self, store: Store, change: str) -> None:
        added = specimen(1)
        store.commit(OWNER, refusals=[refusal("/a")], additions=[added], sightings=[sighting(added)])
        store.commit(OWNER, **({"sightings": [sighting(added, "/a")]} if change == "seen" else {"gone": ["/a"]}))
        assert list(store.refusals(OWNER)) == []

    # -- filters -----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "filter",
        [
            Filter(modalities=frozenset({Modality.IMAGE})),
            Filter(media_types=frozenset({"image/png"})),
            Filter(item_ids=frozenset({specimen(2, PICTURE).item.id, "it_unknown"})),
            Filter(modalities=frozenset({Modality.IMAGE}), media_types=frozenset({"image/png", "text/plain"})),
        ],
        ids=["modality", "media type", "item", "two at once"],
    )
    def test_a_filter_is_a_conjunction_of_what_is_set(self, store: Store, filter: Filter) -> None:
        text, picture = specimen(1), specimen(2, PICTURE)
        add(store, text, picture)
        assert ids(store, filter=filter) == [picture.item.id]
        assert items_behind(store, keys(store, filter=filter)) == [picture.item.id]
        assert [hit.item.id for hit in store.pieces(OWNER, filter, keys(store)).values()] == [picture.item.id]

    @pytest.mark.parametrize("value", ["' OR 1=1 --", "%", "image/png\0", '"]', "\ud800", ""])
    def test_a_value_is_never_more_than_a_value(self, store: Store, value: str) -> None:
        add(store, specimen(1), specimen(2, PICTURE))
        for filter in (Filter(media_types=frozenset({value})), Filter(item_ids=frozenset({value}))):
            assert (ids(store, filter=filter), keys(store, filter=filter)) == ([], [])
        assert ids(store, scope=replace(OWNER, principals=frozenset({value}))) == []

    def test_an_empty_choice_allows_nothing(self, store: Store) -> None:
        add(store, specimen(1))
        assert keys(store, filter=Filter(modalities=frozenset())) == []

    def test_visible_keys_are_sorted_and_of_one_space(self, store: Store) -> None:
        spaced = Kind(spaces=(SPACE, OTHER_SPACE))
        add(store, specimen(1), specimen(2, spaced), specimen(3, PICTURE), specimen(4, Kind(rights=Rights())))
        assert keys(store) == sorted(keys(store))
        assert items_behind(store, store.visible_keys(OWNER, EVERYTHING, OTHER_SPACE.id).tolist()) == [
            specimen(2, spaced).item.id
        ]
        assert store.visible_keys(OWNER, EVERYTHING, "unheard-of").size == 0

    def test_pieces_answers_for_the_keys_it_is_asked_in_their_order(self, store: Store) -> None:
        add(store, *specimens(range(4)))
        first, second, *_ = keys(store)
        mixed = [second, 10**15, -1, first]
        assert list(store.pieces(OWNER, EVERYTHING, mixed)) == [second, first]
        assert list(store.admitted(OWNER, EVERYTHING, mixed)) == [second, first]

    @pytest.mark.parametrize(
        "piece_id", ["", ".", "it_unknown.0", "no ordinal", "x.-1", "x.99999999999999999999", "x.²"]
    )
    def test_a_preview_of_no_piece_is_left_out(self, store: Store, piece_id: str) -> None:
        add(store, specimen(1))
        assert store.previews(OWNER, [piece_id]) == {}

    # -- rights ------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("seed", range(6))
    def test_every_answer_holds_exactly_what_the_policy_lets_a_scope_see(self, store: Store, seed: int) -> None:
        chance = random.Random(seed)
        names = ["a", "b", "c", "d"]

        def some(most: int, of: list[str]) -> frozenset[str]:
            return frozenset(chance.sample(of, chance.randint(0, most)))

        world: dict[str, Addition] = {}
        for number in range(40):
            tenant = Scope(tenant=chance.choice(["local", "elsewhere"]), principals=frozenset())
            rights = Rights(readers=some(3, names), denied=some(1, names), purposes=some(1, ["search", "audit"]))
            added = specimen(number, Kind(rights=rights), scope=tenant)
            refused = replace(refusal(f"/refused/{number}"), rights=rights)
            store.commit(tenant, additions=[added], sightings=[sighting(added)], refusals=[refused])
            world[added.item.id] = added
        everything = range(1, 200)
        for _ in range(25):
            purpose = chance.choice(["search", "audit", "other"])
            scope = Scope(tenant=chance.choice(["local", "elsewhere", "?"]), principals=some(3, names), purpose=purpose)
            seen = [id for id, added in world.items() if may_see(scope, added.item.tenant, added.item.rights)]
            pieces = store.pieces(scope, EVERYTHING, everything)
            assert ids(store, scope) == seen
            assert [hit.item.id for hit in pieces.values()] == seen
            admitted = store.admitted(scope, EVERYTHING, everything)
            assert [(one.item_id, one.rights) for one in admitted.values()] == [
                (hit.item.id, hit.item.rights) for hit in pieces.values()
            ]
            assert keys(store, scope) == list(pieces) == list(admitted)
            assert [id for id in world if store.pieces_of(scope, id)] == seen
            assert {id.split(".")[0] for id in store.pieces_by_id(scope, [f"{id}.0" for id in world])} == set(seen)
            assert [id for id in world if store.sources_of(scope, id)] == seen
            assert {id.split(".")[0] for id in store.previews(scope, [f"{id}.0" for id in world])} == set(seen)
            assert {found.item_id for found in store.sightings(scope)} == set(seen)
            refused_there = {found.source.replace("refused", "specimens") for found in store.refusals(scope)}
            assert refused_there == {world[id].item.lineage.source for id in seen}
            hashes = {id: (added.item.lineage.content_hash, added.item.rights) for id, added in world.items()}
            assert [id for id in world if store.known(scope, *hashes[id]) == id] == seen

    def test_nobody_forgets_what_they_can_not_see(self, store: Store) -> None:
        hidden = specimen(1, scope=ANN)
        before = add(store, hidden, scope=ANN)
        assert store.forget(BOB, [hidden.item.id]) == 0
        assert (ids(store, ANN), store.generation()) == ([hidden.item.id], before)

    def test_two_callers_who_see_the_same_file_do_not_meet(self, store: Store) -> None:
        anns, bobs = specimen(1, scope=ANN), specimen(2, scope=BOB)
        store.commit(ANN, additions=[anns], sightings=[sighting(anns, "/shared")])
        store.commit(BOB, additions=[bobs], sightings=[sighting(bobs, "/shared")])
        store.commit(BOB, refusals=[refusal("/shared", BOB)])
        assert (ids(store, ANN), ids(store, BOB)) == ([anns.item.id], [bobs.item.id])
        store.commit(BOB, gone=["/shared"])
        assert (ids(store, ANN), ids(store, BOB)) == ([anns.item.id], [])
        assert store.sources_of(ANN, anns.item.id) == ("/shared",)

    def test_adding_what_is_hidden_from_the_adder_looks_like_adding(self, store: Store) -> None:
        rights = Rights(readers=frozenset({"user:ann"}))
        anns, bobs = specimen(1, Kind(rights=rights), scope=ANN), specimen(1, Kind(rights=rights), scope=BOB)
        add(store, anns, scope=ANN)
        store.commit(BOB, additions=[bobs], sightings=[sighting(bobs, "/bobs")])
        assert (ids(store, ANN), ids(store, BOB)) == ([anns.item.id], [])

    # -- erasure -----------------------------------------------------------------------------------------------------

    def test_what_is_forgotten_is_gone_from_every_answer(self, store: Store) -> None:
        kept, lost = specimen(1), specimen(2, Kind(pieces=2))
        add(store, kept, lost)
        lost_keys = keys(store)[1:]
        assert store.forget(OWNER, [lost.item.id, "it_unknown"]) == 1
        assert ids(store) == [kept.item.id] == items_behind(store, keys(store))
        assert store.pieces(OWNER, EVERYTHING, lost_keys) == {}
        assert store.previews(OWNER, [lost.pieces[0].id]) == {}
        assert [seen.item_id for seen in store.sightings(OWNER)] == [kept.item.id]

    def test_keys_are_never_used_twice(self, store: Store) -> None:
        add(store, specimen(1), specimen(2))
        before = keys(store)
        store.forget(OWNER, [specimen(1).item.id, specimen(2).item.id])
        add(store, specimen(1), specimen(2))
        assert not set(before) & set(keys(store))
