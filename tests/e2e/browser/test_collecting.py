"""What is looked at is put into collections, and taken out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scripted import problem

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .conftest import Window


def looked_at(window: Window) -> Locator:
    """The window of the first hit, opened."""
    window.found()
    window.card("image").locator(".view").click()
    window.page.wait_for_selector("#viewer[open] form.collect")
    return window.page.locator("#viewer")


def put(viewer: Locator, name: str) -> None:
    viewer.get_by_role("combobox", name="Name of a collection").fill(name)
    viewer.get_by_role("button", name="Add", exact=True).click()


def test_an_item_is_put_into_a_collection_by_its_name(window: Window) -> None:
    viewer = looked_at(window)
    put(viewer, "  Summer   trip ")
    viewer.locator(".chips li").wait_for()
    assert viewer.locator(".chips li").all_inner_texts() == ["Summer trip"]
    (asked,) = window.script.of("POST /v1/collections")
    assert asked.body == {"name": "Summer trip", "add": [window.script.hits[0]["item"]]}


def test_it_is_taken_out_again(window: Window) -> None:
    viewer = looked_at(window)
    put(viewer, "Trip")
    viewer.get_by_role("button", name="Take it out of Trip").click()
    viewer.locator(".chips li").wait_for(state="detached")
    assert window.script.of("POST /v1/collections")[1].body["remove"] == [window.script.hits[0]["item"]]


def test_names_that_there_are_are_offered(window: Window) -> None:
    viewer = looked_at(window)
    viewer.get_by_role("combobox", name="Name of a collection").focus()
    window.until("document.querySelector('#viewer datalist option')?.value === 'Trip'")


def test_a_refusal_is_told_and_the_chip_does_not_appear(window: Window) -> None:
    window.expected = ["403"]
    window.script.answers["POST /v1/collections"] = lambda _: problem(403, "this key may not change anything")
    viewer = looked_at(window)
    put(viewer, "Trip")
    told = viewer.locator(".told")
    window.until("document.querySelector('#viewer .told').textContent !== ''")
    assert "may not change" in told.inner_text()
    assert viewer.locator(".chips li").count() == 0
