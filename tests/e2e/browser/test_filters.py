"""Where to look: a line of the filter language, its mistakes at their column, and facets with counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scripted import Script, okay, problem

if TYPE_CHECKING:
    from .conftest import Opened, Window


def open_filters(window: Window) -> None:
    window.found()
    window.page.click("#narrow")


def test_a_filter_goes_along_with_the_question(window: Window) -> None:
    open_filters(window)
    window.page.fill("#where", "price < 50")
    window.page.press("#where", "Enter")
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["where"] == "price < 50"
    assert window.page.inner_text("#narrow") == "Filter, 1"


def test_a_mistake_is_shown_at_its_column(opened: Opened) -> None:
    script = Script()
    detail = "at column 7: `!` does not go on from there: a value is expected"
    script.answers["POST /v1/search"] = lambda one: (
        problem(400, detail) if one.body.get("where") else okay({"hits": script.hits})
    )
    window = opened(script)
    window.expected = ["400"]
    open_filters(window)
    window.page.fill("#where", "price !! 50")
    window.page.press("#where", "Enter")
    window.page.wait_for_selector("#where-wrong:visible")
    assert window.page.inner_text("#where-wrong mark") == "!"
    assert window.page.inner_text("#where-wrong .where").rstrip() == "price !! 50"
    assert "does not go on from there" in window.page.inner_text("#where-wrong")
    assert window.page.get_attribute("#where", "aria-invalid") == "true"
    assert window.cards.count() == len(script.hits)  # what was found before stays


def test_a_chosen_facet_becomes_a_part_of_the_filter(window: Window) -> None:
    open_filters(window)
    window.page.get_by_label("dark red").check()
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["where"] == 'colour = "dark red"'
    assert window.page.get_by_label("dark red").is_checked()


def test_facets_show_counts_and_ranges(window: Window) -> None:
    open_filters(window)
    assert window.page.locator(".facet").first.inner_text().split() == ["colour", "blue", "12", "dark", "red", "3"]
    assert window.page.locator(".facet .span").inner_text() == "3 to 99"


def test_sizes_are_written_as_people_write_them(opened: Opened) -> None:
    script = Script()
    where = {"name": "size", "op": "<", "value": 200_000}
    values = [{"label": "0 to 200000", "count": 7, "where": where}]
    facet = {"name": "size", "kind": "number", "low": 295, "high": 1_100_000, "values": values}
    script.answers["GET /v1/facets"] = lambda _: okay({"facets": [facet]})
    window = opened(script)
    open_filters(window)
    shown = " ".join(window.page.locator(".facet").inner_text().split())
    assert shown == "size 295 B to 1.1 MB 0 B to 200 kB 7"


def test_a_line_and_a_facet_are_joined(window: Window) -> None:
    open_filters(window)
    window.page.fill("#where", "sold or price < 5")
    window.page.press("#where", "Enter")
    window.page.get_by_label("blue").check()
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["where"] == '(sold or price < 5) and colour = "blue"'
