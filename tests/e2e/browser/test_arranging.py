"""The order of the hits, near duplicates under the best of them, and the rules that moved a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .scripted import Script, hit, okay

if TYPE_CHECKING:
    from .conftest import Opened, Window

RULE = {"name": "winter up", "kind": "boost", "words": "its odds count 3 times", "before": 4, "after": 1}


def folded(number: int) -> dict[str, Any]:
    """What is said of a hit under another."""
    names = ("item", "piece", "path", "title", "kind", "media_type", "score", "preview_size", "links")
    return {name: hit(number)[name] for name in names}


def script_with_a_fold() -> Script:
    script = Script()
    script.hits[0] = hit(0, rules=[RULE], folded=[folded(70), folded(71)])
    return script


def test_hits_come_best_first_and_near_duplicates_folded(window: Window) -> None:
    window.found()
    asked = window.script.searches()[-1]
    assert ("sort" in asked, asked["fold"]) == (False, True)
    assert window.page.locator("#sort").input_value() == ""


def test_another_order_is_asked_for_and_stays_in_the_address(window: Window) -> None:
    window.found()
    window.page.select_option("#sort", "added_at:desc")
    window.until("location.hash.includes('sort=added_at')")
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["sort"] == "added_at:desc"


def test_numbers_and_dates_of_the_facets_are_offered(window: Window) -> None:
    window.found()
    window.until("document.querySelectorAll('#sort option').length > 2")
    offered = window.page.locator("#sort option").all_inner_texts()
    assert offered == ["Best first", "Newest first", "price, high to low", "price, low to high"]


def test_an_order_of_the_address_is_asked_for_at_once(opened: Opened) -> None:
    window = opened(address="#q=bear&sort=price:asc")
    window.page.wait_for_selector(".card:not(.plain)")
    assert window.script.searches()[-1]["sort"] == "price:asc"
    assert window.page.locator("#sort").input_value() == "price:asc"


def test_answers_have_no_order_to_choose(window: Window) -> None:
    window.found()
    window.choose("Ask")
    assert not window.page.locator("#sort").is_visible()


def test_a_fold_opens_behind_its_hit(opened: Opened) -> None:
    script = script_with_a_fold()
    window = opened(script)
    before = window.found().count()
    window.page.click(".card .fold")
    window.until(f"document.querySelectorAll('.card').length === {before + 2}")
    assert window.cards.nth(1).get_attribute("data-piece") == folded(70)["piece"]
    assert window.page.evaluate("document.activeElement.dataset.piece") == folded(70)["piece"]
    assert window.page.locator(".fold").count() == 0
    assert window.cards.first.get_attribute("data-piece") == script.hits[0]["piece"]


def test_a_fold_opens_by_the_keyboard(opened: Opened) -> None:
    window = opened(script_with_a_fold())
    before = window.found().count()
    window.page.get_by_role("button", name="Show 2 like").focus()
    window.page.keyboard.press("Enter")
    window.until(f"document.querySelectorAll('.card').length === {before + 2}")


def test_a_rule_that_moved_a_hit_is_named_among_its_reasons(opened: Opened) -> None:
    script = script_with_a_fold()
    script.answers["POST /v1/search"] = lambda one: okay({"hits": script.hits})  # a server that explains nothing
    window = opened(script)
    window.found()
    window.cards.first.locator(".ask-why").click()
    window.page.wait_for_selector("#why .reasons li:nth-child(2)")
    assert "“winter up”, a rule of this library: its odds count 3 times." in window.page.inner_text("#why")
