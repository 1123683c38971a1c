"""What every store promises of typed attributes: kept, filtered by, changed in place, shown to whom may see the item.

Run it beside `StoreContract`, over the same fixture `store`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Protocol

import pytest

from sensorium.core.attributes import Amendment, Kind, Point, Value
from sensorium.core.contents import Addition
from sensorium.core.items import Rights
from sensorium.core.matching import holds, values_of
from sensorium.core.predicates import (
    And,
    Compare,
    Has,
    Moment,
    Near,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Scalar,
    TextMatch,
)
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.store_ports import AttributeStore, WordStore
from sensorium.govern.policy import may_see
from sensorium.testing.specimens import OTHER_SPACE, OWNER, SPACE, sighting, specimen
from sensorium.testing.specimens import Kind as SpecimenKind
from sensorium.testing.store_contract import ANN, BOB, Store, add, ids, items_behind, keys

COLOURS = ("red", "Navy Blue", "grün", "straße", "100%_sure")
VIENNA, BRATISLAVA = Point(48.2082, 16.3738), Point(48.1486, 17.1077)
WHOLE: Mapping[str, Value] = {
    "price": 19.5,
    "stock": 3,
    "sold": False,
    "colour": "Navy Blue",
    "tags": ("New", "sale"),
    "released": date(2024, 3, 1),
    "seen": datetime(2024, 3, 1, 12, 30, tzinfo=UTC),
    "place": VIENNA,
}


class StoreWithAttributes(Store, AttributeStore, WordStore, Protocol):
    """What the suite needs."""


def described(number: int, attributes: Mapping[str, Value], rights: Rights | None = None) -> Addition:
    """A specimen with these attributes."""
    made = specimen(number, SpecimenKind(rights=rights))
    return replace(made, item=replace(made.item, attributes=attributes))


def found(store: Store, where: Predicate, scope: Scope = OWNER) -> list[int]:
    """The numbers of the specimens that a filter leaves, as every question of the store has to agree on."""
    filter = Filter(where=where)
    by_listing = ids(store, scope, filter)
    by_keys = [hit.item.id for hit in store.pieces(scope, EVERYTHING, keys(store, scope, filter)).values()]
    everything = keys(store, scope)
    by_guard = [one.item_id for one in store.admitted(scope, filter, everything).values()]
    opened = [hit.item.id for hit in store.pieces(scope, filter, everything).values()]
    assert sorted(by_listing) == sorted(by_keys) == sorted(by_guard) == sorted(opened)
    return [item.lineage.size - 1000 for item in store.items(scope, filter)]


class AttributeStoreContract:
    """Attributes as they are kept, filtered by, changed and erased."""

    @pytest.fixture(autouse=True)
    def _some_spaces(self, store: StoreWithAttributes) -> None:
        store.add_space(SPACE)
        store.add_space(OTHER_SPACE)

    def test_attributes_of_every_kind_come_back_as_they_were(self, store: StoreWithAttributes) -> None:
        add(store, described(1, WHOLE))
        [item] = store.items(OWNER, EVERYTHING)
        assert dict(item.attributes) == dict(WHOLE)

    @pytest.mark.parametrize(
        "where",
        [
            Compare("price", "<", 20),
            Compare("price", "=", 19.5),
            Compare("PRICE", ">=", 19.5),
            Compare("stock", "!=", 4),
            Compare("sold", "=", False),
            Compare("colour", "=", "navy  BLUE"),
            Compare("tags", "=", "SALE"),
            Compare("released", "=", Moment("2024")),
            Compare("released", "<", Moment("2024-03-02")),
            Compare("released", ">", Moment("2024-02")),
            Compare("seen", "=", Moment("2024-03-01T12:30")),
            Compare("seen", "<=", Moment("2024-03-01")),
            OneOf("colour", ("red", "navy blue")),
            OneOf("stock", (1, 2, 3)),
            OneOf("tags", ("sale", "other")),
            TextMatch("colour", "contains", "BLU"),
            TextMatch("colour", "starts", "navy"),
            Has("place"),
            Near("place", 48.1486, 17.1077, 56_000),
            ~Has("nothing"),
            ~Compare("nothing", "=", 1),
            Compare("kind", "=", "text"),
            Compare("size", "=", 1001),
            Compare("title", "=", "TITLE of 1"),
            Compare("file", "=", "1"),
            Compare("media_type", "=", "text/plain"),
            Compare("added", "=", Moment("1970-01-01")),
            Has("title"),
        ],
        ids=repr,
    )
    def test_what_holds_is_found_and_its_contrary_is_not(self, store: StoreWithAttributes, where: Predicate) -> None:
        add(store, described(1, WHOLE))
        assert found(store, where) == [1]
        assert found(store, ~where) == []

    @pytest.mark.parametrize(
        "where",
        [
            Compare("price", "=", "19.5"),
            Compare("price", "=", True),
            Compare("sold", "=", 0),
            Compare("colour", "=", "navy"),
            Compare("nothing", "!=", 1),
            TextMatch("colour", "contains", "%"),
            TextMatch("price", "contains", "9"),
            Near("place", 48.1486, 17.1077, 54_000),
            Near("price", 48.1486, 17.1077, 54_000),
            OneOf("price", ("19.5", True)),
            Compare("price'; DROP TABLE items; --", "=", 1),
            Compare("colour", "=", "x' OR '1'='1"),
        ],
        ids=repr,
    )
    def test_what_does_not_hold_is_not_found(self, store: StoreWithAttributes, where: Predicate) -> None:
        add(store, described(1, WHOLE))
        assert found(store, where) == []
        assert found(store, Not(where)) == [1]

    def test_the_name_of_the_file_is_that_of_where_the_item_is_now(self, store: StoreWithAttributes) -> None:
        added = described(1, {})
        add(store, added)
        store.commit(OWNER, sightings=[sighting(added, "/else/Größe-7.PDF")], gone=[added.item.lineage.source])
        for there in (Compare("file", "=", "größe-7.pdf"), TextMatch("file", "starts", "GRÖ")):
            assert found(store, there) == [1]
        for gone in (Compare("file", "=", "1"), TextMatch("file", "starts", "1")):
            assert found(store, gone) == []

    @pytest.mark.parametrize(
        ("beginning", "fits"), [("a", True), ("ab", True), ("b", False), ("ab\ud7ff", True), ("\ud7ff", False)]
    )
    def test_a_beginning_is_one_by_its_letters(self, store: StoreWithAttributes, beginning: str, fits: bool) -> None:
        add(store, described(1, {"code": "AB\ud7ff"}))
        assert found(store, TextMatch("code", "starts", beginning)) == ([1] if fits else [])

    @pytest.mark.parametrize(
        "where",
        [
            OneOf("file", tuple(map(str, range(1_000)))),
            OneOf("code", tuple(map(str, range(1_000)))),
            OneOf("released", tuple(Moment(str(year)) for year in range(1_000, 2_000))),
        ],
        ids=["of every item", "of its own", "dates"],
    )
    def test_a_thousand_values_are_not_too_many(self, store: StoreWithAttributes, where: Predicate) -> None:
        add(store, described(1, {"code": "7", "released": date(1999, 5, 1)}), described(2_000, {}))
        assert found(store, where) == [1]

    def test_numbers_that_a_reader_wrote_as_text_are_numbers(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"width": "640", "video_codec": "H264"}))
        assert found(store, Compare("width", ">", 99)) == [1]
        assert found(store, Compare("video_codec", "=", "h264")) == [1]

    def test_an_own_attribute_stands_before_what_every_item_has(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"size": "XL"}), described(2, {}))
        assert found(store, Compare("size", "=", "xl")) == [1]
        assert found(store, Compare("size", "<", 5_000)) == [2]
        assert found(store, Compare("size", "!=", "m")) == [1, 2]

    def test_every_predicate_means_what_core_matching_says(self, store: StoreWithAttributes) -> None:
        chance = random.Random(7)
        add(store, *(described(number, _attributes(chance)) for number in range(60)))
        items = list(store.items(OWNER, EVERYTHING))
        for _ in range(150):
            where = _predicate(chance, 3)
            expected = [item.lineage.size - 1000 for item in items if holds(where, values_of(item))]
            assert found(store, where) == expected, where

    def test_a_filter_shows_nothing_hidden_and_hidden_items_change_nothing(self, store: StoreWithAttributes) -> None:
        chance = random.Random(11)
        mine, theirs = ANN.private_rights(), BOB.private_rights()
        add(store, *(described(n, _attributes(chance), mine) for n in range(20)), scope=ANN)
        wheres = [_predicate(chance, 2) for _ in range(60)]
        before = [found(store, where, ANN) for where in wheres]
        kinds = store.attribute_kinds(ANN)
        add(store, *(described(100 + n, {**_attributes(chance), "secret": n}, theirs) for n in range(20)), scope=BOB)
        assert [found(store, where, ANN) for where in wheres] == before
        assert (store.attribute_kinds(ANN), store.attribute_kinds(ANN, ["secret"])) == (kinds, {})
        for item in store.items(ANN, Filter(where=Not(Has("secret")))):
            assert may_see(ANN, item.tenant, item.rights)

    def test_a_word_is_looked_for_where_the_filter_holds(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"price": 5}), described(2, {"price": 50}))
        cheap = Filter(where=Compare("price", "<", 10))
        assert items_behind(store, [int(key) for key in store.holding(OWNER, cheap, "text")]) == [specimen(1).item.id]
        assert store.text_count(OWNER, cheap) == 1

    # -- amending ----------------------------------------------------------------------------------------------------

    def test_amending_changes_facts_and_moves_the_generation_and_no_vector(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"price": 5, "stock": 1}))
        before, pieces = store.generation(), keys(store)
        assert store.amend(OWNER, [_amendment(1, {"price": 7})]) == 1
        [item] = store.items(OWNER, EVERYTHING)
        assert (item.title, dict(item.attributes), item.lineage.modified_at) == ("amended", {"price": 7}, 99.0)
        assert found(store, Compare("price", "=", 7)) == [1]
        assert found(store, Compare("price", "=", 5) | Has("stock")) == []
        assert store.generation() == before + 1
        assert keys(store) == pieces
        assert [change.keys.size for change in store.changes(SPACE.id, before)] in ([], [0])

    def test_what_the_scope_can_not_see_is_not_amended(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"price": 5}))
        before = store.generation()
        assert store.amend(BOB, [_amendment(1, {"price": 7})]) == 0
        assert store.amend(OWNER, []) == 0
        assert (found(store, Compare("price", "=", 5)), store.generation()) == ([1], before)

    def test_an_amendment_that_fails_changes_nothing(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"price": 5}), described(2, {"price": 6}))
        with pytest.raises(TypeError):
            store.amend(OWNER, [_amendment(1, {"price": 7}), _amendment(2, {"price": object()})])  # type: ignore[dict-item]
        assert found(store, Compare("price", "<", 7)) == [1, 2]

    # -- names -------------------------------------------------------------------------------------------------------

    def test_names_are_told_with_their_kinds(self, store: StoreWithAttributes) -> None:
        add(store, described(1, {"price": 5, "size": "XL"}), described(2, {"price": "dear", "tags": ("a",)}))
        every = {
            "price": frozenset({Kind.NUMBER, Kind.TEXT}),
            "size": frozenset({Kind.TEXT}),
            "tags": frozenset({Kind.LIST}),
        }
        assert store.attribute_kinds(OWNER) == every
        assert store.attribute_kinds(OWNER, ["tags", "nothing"]) == {"tags": every["tags"]}

    def test_attributes_go_with_their_item(self, store: StoreWithAttributes) -> None:
        add(store, described(1, WHOLE), described(2, {"price": 1}))
        store.forget(OWNER, [specimen(1).item.id])
        assert set(store.attribute_kinds(OWNER)) == {"price"}
        assert found(store, Has("price")) == [2]


def _amendment(number: int, attributes: Mapping[str, Value]) -> Amendment:
    return Amendment(item_id=specimen(number).item.id, title="amended", attributes=attributes, modified_at=99.0)


NAMES = ("price", "colour", "tags", "sold", "released", "place", "size", "kind")


def _attributes(chance: random.Random) -> dict[str, Value]:
    values = {name: _value(chance) for name in NAMES if chance.random() < 0.6}
    return {name: value for name, value in values.items() if name != "kind" or chance.random() < 0.3}


def _value(chance: random.Random) -> Value:
    values: list[Value] = [
        chance.randint(-2, 5),
        chance.random() * 3,
        chance.choice(COLOURS),
        tuple(chance.sample(COLOURS, chance.randint(1, 3))),
        chance.random() < 0.5,
        date(2024, chance.randint(1, 12), chance.randint(1, 28)),
        datetime(2024, 3, 1, chance.randint(0, 23), 30, tzinfo=UTC),
        Point(48 + chance.random(), 16 + chance.random()),
    ]
    return chance.choice(values)


def _scalar(chance: random.Random) -> Scalar:
    moments = ("2024", "2024-03", "2024-03-01", "2024-03-01T12:30")
    colour, moment = chance.choice(COLOURS).upper(), Moment(chance.choice(moments))
    values: list[Scalar] = [chance.randint(-2, 5), colour, chance.random() < 0.5, moment]
    return chance.choice(values)


def _predicate(chance: random.Random, depth: int) -> Predicate:
    if depth and chance.random() < 0.6:
        parts = tuple(_predicate(chance, depth - 1) for _ in range(chance.randint(1, 3)))
        return chance.choice([And(parts), Or(parts), Not(parts[0])])
    name, value = chance.choice(NAMES), _scalar(chance)
    operators: list[Operator] = ["=", "!="] if isinstance(value, bool) else ["=", "!=", "<", "<=", ">", ">="]
    conditions = [
        Compare(name, chance.choice(operators), value),
        OneOf(name, tuple(_scalar(chance) for _ in range(chance.randint(1, 4)))),
        TextMatch(name, chance.choice(("contains", "starts")), chance.choice(("r", "ss", "%", "navy"))),
        Has(name),
        Near(name, 48 + chance.random(), 16 + chance.random(), chance.random() * 60_000),
    ]
    return chance.choice(conditions)
