"""For everyone: the keyboard does everything, axe finds nothing, the page stays light and asks nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sensorium.present.cards import stylesheet
from sensorium.server.page import POLICY, assets

from .scripted import Script, hit

if TYPE_CHECKING:
    from .conftest import Opened, Window

MOST_BYTES = 300_000
MOST_LINES = 300


def start(window: Window) -> None:
    window.page.wait_for_selector("#empty h2")


def results(window: Window) -> None:
    window.found()
    window.page.wait_for_selector(".wave[data-drawn=yes]")


def reasons(window: Window) -> None:
    window.found()
    window.page.locator(".ask-why").first.click()


def filters(window: Window) -> None:
    window.found()
    window.page.click("#narrow")
    window.page.wait_for_selector(".facet")


def answer(window: Window) -> None:
    window.choose("Ask")
    window.ask("how does a nut hold?")
    window.page.wait_for_selector(".cite")


def opened_hit(kind: str) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        window.found()
        window.card(kind).press("Enter")
        window.page.wait_for_selector("#viewer[open]")
        window.page.wait_for_timeout(100)

    show.__name__ = f"viewer_{kind}"
    return show


def dialog(button: str, ready: str) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        window.page.click(f"#{button}")
        window.page.wait_for_selector(ready)

    show.__name__ = button
    return show


def parts(window: Window) -> None:
    window.found()
    window.page.locator(".acts button").nth(0).click()
    window.page.wait_for_selector(".part")


STATES = [
    start,
    results,
    reasons,
    filters,
    answer,
    parts,
    *map(opened_hit, ("image", "video", "document", "audio", "text")),
    dialog("open-adding", ".drop-here"),
    dialog("open-health", ".findings"),
    dialog("open-keys", ".keys-list"),
    dialog("draw", ".drawing-board"),
    dialog("record", "#recording[open]"),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(opened: Opened, state: Callable[[Window], None]) -> None:
    window = opened(color_scheme="light")
    state(window)
    assert not violations(window)
    window.page.emulate_media(color_scheme="dark")
    window.until("document.documentElement.dataset.theme === 'dark'")
    assert not violations(window, {"runOnly": ["color-contrast"]})


def violations(window: Window, options: dict[str, Any] | None = None) -> list[tuple[str, list[str]]]:
    """What axe objects to, each with the elements."""
    found = Axe().run(window.page, options=options).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_axe_finds_nothing_on_a_phone(opened: Opened) -> None:
    window = opened(Script(hits=[hit(0, matches=False)]), width=390, height=844)
    reasons(window)
    assert not violations(window)


def test_a_question_can_be_asked_looked_through_and_opened_by_keyboard_alone(window: Window) -> None:
    keys = window.page.keyboard
    window.page.wait_for_selector("#empty h2")
    keys.press("/")
    keys.type("a bear")
    keys.press("Enter")
    window.page.wait_for_selector(".card:not(.plain)")
    for _ in range(20):
        keys.press("Tab")
        if window.page.evaluate("document.activeElement.classList.contains('card')"):
            break
    keys.press("ArrowRight")
    focused = "document.activeElement.dataset.piece"
    assert window.page.evaluate(focused) == window.script.hits[1]["piece"]
    keys.press("End")
    assert window.page.evaluate(focused) == window.script.hits[-1]["piece"]
    keys.press("Home")
    keys.press("w")
    window.page.wait_for_selector("#why:visible")
    keys.press("Escape")
    assert window.page.evaluate(focused) == window.script.hits[0]["piece"]
    keys.press("Enter")
    window.page.wait_for_selector("#viewer[open]")
    keys.press("Escape")
    keys.press("m")
    window.page.wait_for_selector(".part")


def test_up_and_down_go_from_row_to_row(opened: Opened) -> None:
    window = opened(Script(hits=[hit(i) for i in range(30)]))
    window.found().first.focus()
    window.page.keyboard.press("ArrowDown")
    below = window.page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert below > window.cards.first.evaluate("card => card.getBoundingClientRect().top")
    window.page.keyboard.press("ArrowUp")
    assert window.page.evaluate("document.activeElement.dataset.index") == "0"


def test_single_letters_can_be_switched_off(window: Window) -> None:
    window.found()
    window.page.keyboard.press("Escape")
    window.page.locator("#results").focus()
    window.page.keyboard.press("?")
    window.page.get_by_label("Single letters are shortcuts").uncheck()
    window.page.keyboard.press("Escape")
    window.page.locator("#results").focus()
    window.page.keyboard.press("?")
    assert window.page.is_hidden("#keys")


def test_the_theme_follows_the_system_until_it_is_chosen(opened: Opened) -> None:
    window = opened(color_scheme="dark")
    theme = "document.documentElement.dataset.theme"
    assert window.page.evaluate(theme) == "dark"
    window.page.click("#theme")
    assert window.page.evaluate(theme) == "light"
    window.page.reload()
    window.until(theme)
    assert window.page.evaluate(theme) == "light"


def test_the_page_is_light() -> None:
    assert sum(len(one.data) for one in assets().values()) < MOST_BYTES


def test_its_modules_are_small() -> None:
    assert not [path for path, one in assets().items() if path.endswith(".js") and one.data.count(b"\n") > MOST_LINES]


def test_it_holds_no_script_style_or_address_that_its_policy_forbids() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    page = assets()[""].data.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page)
    for path, one in assets().items():
        addresses = re.findall(r"https?://[^\s\"'`)]+", one.data.decode())
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path


def test_nothing_makes_markup_of_a_string() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser")
    assert not [path for path, one in assets().items() if path.endswith(".js") and forbidden.search(one.data.decode())]


@pytest.mark.parametrize("name", ["page", "card", "mat", "ink", "quiet", "line", "accent"])
def test_its_colours_are_those_of_the_contact_sheet(name: str) -> None:
    token = re.compile(rf"--{name}: (#\w+);")
    assert token.findall(assets()["page/css/tokens.css"].data.decode()) == token.findall(stylesheet())
