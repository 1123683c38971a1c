"""The predicate binds every value, and every question goes by an index."""

import re

import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality, Rights
from sensorium.core.predicates import Compare, Has, Near, OneOf, Predicate
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.stores import reading, sources
from sensorium.stores.sqlite import SqliteStore
from sensorium.stores.visibility import visible
from sensorium.testing.specimens import OWNER, SPACE, Kind, specimen
from sensorium.testing.store_contract import add

FILTERS = {
    "everything": EVERYTHING,
    "modality": Filter(modalities=frozenset({Modality.IMAGE})),
    "media type": Filter(media_types=frozenset({"image/png"})),
    "item": Filter(item_ids=frozenset({"it_1"})),
}


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_no_value_stands_in_the_sql(filter: Filter) -> None:
    scope = Scope(tenant="s3cret", principals=frozenset({"s3cret"}), purpose="s3cret")
    named = Filter(
        modalities=filter.modalities,
        media_types=filter.media_types and frozenset({"s3cret"}),
        item_ids=filter.item_ids and frozenset({"s3cret"}),
    )
    predicate = visible(scope, named, "p")
    assert "s3cret" not in predicate.sql
    assert set(re.findall(r":(\w+)", predicate.sql)) == set(predicate.values)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_rights_whose_names_could_not_be_compared_are_refused(store: SqliteStore, name: str) -> None:
    with pytest.raises(BadInput):
        add(store, specimen(1, Kind(rights=Rights(readers=frozenset({name})))))


def test_a_principal_is_not_taken_for_the_part_before_its_nul(store: SqliteStore) -> None:
    add(store, specimen(1))
    longer = Scope(tenant=OWNER.tenant, principals=frozenset({"owner\0and more"}))
    assert list(store.items(longer, EVERYTHING)) == []


class Watched:
    """A connection that notes the plan of every statement."""

    def __init__(self, connection: object) -> None:
        self.connection = connection
        self.steps: list[str] = []

    def execute(self, sql: str, values: object = ()) -> object:
        rows = self.connection.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()  # type: ignore[attr-defined]
        self.steps += [row[3] for row in rows]
        return self.connection.execute(sql, values)  # type: ignore[attr-defined]


LARGE = re.compile(r"^SCAN ([ipvsw]|items|pieces|vectors|sources|previews)\b")


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_no_question_of_a_search_reads_a_whole_table(store: SqliteStore, filter: Filter) -> None:
    with store._database.reading() as connection:
        watched = Watched(connection)
        reading.visible_keys(watched, OWNER, filter, SPACE.id)  # type: ignore[arg-type]
        reading.pieces(watched, OWNER, filter, [1, 2])  # type: ignore[arg-type]
        reading.previews(watched, OWNER, ["it_1.0"])  # type: ignore[arg-type]
        reading.pieces_of(watched, OWNER, "it_1", filter, [1])  # type: ignore[arg-type]
        reading.pieces_by_id(watched, OWNER, ["it_1.0"])  # type: ignore[arg-type]
    assert not [step for step in watched.steps if LARGE.match(step)]


def test_visible_keys_are_read_from_one_index_alone(store: SqliteStore) -> None:
    for filter in (FILTERS["everything"], FILTERS["modality"]):
        with store._database.reading() as connection:
            watched = Watched(connection)
            reading.visible_keys(watched, OWNER, filter, SPACE.id)  # type: ignore[arg-type]
        assert any(step.startswith("SEARCH v USING COVERING INDEX") for step in watched.steps)


def test_listings_go_on_where_they_stopped_without_sorting(store: SqliteStore) -> None:
    with store._database.reading() as connection:
        watched = Watched(connection)
        reading.items_after(watched, OWNER, EVERYTHING, 5, 10)  # type: ignore[arg-type]
        sources.sightings_after(watched, OWNER, "/a", (b"/a/b", 3), 10)  # type: ignore[arg-type]
        sources.known(watched, OWNER, "aa", OWNER.private_rights())  # type: ignore[arg-type]
    assert "USE TEMP B-TREE FOR ORDER BY" not in watched.steps
    assert any("items_by_content" in step for step in watched.steps)


WHERE = Compare("s3cret", "=", "s3cret") | ~OneOf("title", ("s3cret", 5)) | Near("s3cret", 48.2, 16.4, 10)


@pytest.mark.parametrize("each", [True, False])
def test_neither_name_nor_value_of_an_attribute_stands_in_the_sql(each: bool) -> None:
    predicate = visible(OWNER, Filter(where=WHERE), "p", each=each)
    assert "s3cret" not in predicate.sql
    assert "48.2" not in predicate.sql
    assert set(re.findall(r":(\w+)", predicate.sql)) == set(predicate.values)


@pytest.mark.parametrize("where", [WHERE, Compare("price", "<", 5), ~Has("place")], ids=repr)
def test_no_filter_by_attributes_reads_a_whole_table(store: SqliteStore, where: Predicate) -> None:
    with store._database.reading() as connection:
        watched = Watched(connection)
        reading.visible_keys(watched, OWNER, Filter(where=where), SPACE.id)  # type: ignore[arg-type]
        reading.pieces(watched, OWNER, Filter(where=where), [1, 2])  # type: ignore[arg-type]
    assert not [step for step in watched.steps if LARGE.match(step) or step.startswith("SCAN a")]
    assert any("attributes_by_value" in step for step in watched.steps)


@pytest.mark.parametrize(
    "where",
    [Compare("price", "<", 5), OneOf("colour", ("red", 5)), Compare("sold", "!=", True), Has("place")],
    ids=repr,
)
def test_the_guard_looks_at_the_attributes_of_its_own_items_alone(store: SqliteStore, where: Predicate) -> None:
    with store._database.reading() as connection:
        watched = Watched(connection)
        reading.pieces(watched, OWNER, Filter(where=where), [1, 2])  # type: ignore[arg-type]
    asked = [step for step in watched.steps if re.match(r"^SEARCH a\b", step)]
    assert asked
    assert all("USING PRIMARY KEY (item=? AND name=?)" in step for step in asked)
