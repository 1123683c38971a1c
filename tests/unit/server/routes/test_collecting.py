"""Items are put together by who may change the library, and seen together by who may see them."""

from __future__ import annotations

from typing import Any

import pytest

from sensorium.server.access.keys import Role

from ..conftest import Desk


def items(desk: Desk) -> list[str]:
    return [one["id"] for one in desk.client.get("/v1/items").json()["items"]]


def change(desk: Desk, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return desk.client.post("/v1/collections", json=body, headers=headers or {})


def test_a_collection_is_made_listed_and_filtered_by(own: Desk) -> None:
    first, second, *_ = items(own)
    assert change(own, name="Trip", add=[first, second]).json() == {"name": "Trip", "added": 2, "removed": 0}
    assert own.client.get("/v1/collections").json() == {"collections": [{"name": "Trip", "items": 2}]}
    found = own.client.post("/v1/search", json={"text": "red", "where": 'collections = "trip"'}).json()
    assert {hit["item"] for hit in found["hits"]} == {first, second}
    assert own.client.get(f"/v1/items/{first}").json()["attributes"]["collections"] == ["Trip"]


def test_what_is_taken_out_is_gone_from_it(own: Desk) -> None:
    first, second, *_ = items(own)
    change(own, name="Trip", add=[first, second])
    assert change(own, name="trip", remove=[first]).json()["removed"] == 1
    assert own.client.get("/v1/collections").json()["collections"] == [{"name": "Trip", "items": 1}]


def test_an_unknown_item_is_not_found_and_nothing_is_changed(own: Desk) -> None:
    answer = change(own, name="Trip", add=[items(own)[0], "it_unknown"])
    assert answer.status_code == 404
    assert own.client.get("/v1/collections").json() == {"collections": []}


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "a" * 101}, {"add": []}, {"name": "a", "other": 1}])
def test_a_body_that_does_not_fit_is_refused(own: Desk, body: dict[str, Any]) -> None:
    assert change(own, **body).status_code == 422


def test_a_name_that_can_not_be_shown_is_refused(own: Desk) -> None:
    assert change(own, name="a\x07", add=items(own)[:1]).status_code == 400


def test_a_reader_sees_collections_and_changes_none(own: Desk) -> None:
    reader, contributor = own.key(Role.READER), own.key(Role.CONTRIBUTOR)
    item = own.client.get("/v1/items", headers=reader).json()["items"][0]["id"]
    assert change(own, reader, name="Trip", add=[item]).status_code == 403
    assert change(own, contributor, name="Trip", add=[item]).status_code == 200
    listed = own.client.get("/v1/collections", headers=reader).json()["collections"]
    assert [one["name"] for one in listed] == ["Trip"]
