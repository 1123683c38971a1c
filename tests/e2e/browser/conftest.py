"""The page in a real Chromium. When a test is over, its window has logged no error and asked nobody else."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Locator, Page  # noqa: E402

from .scripted import ORIGIN, Script  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # who runs tests in a container is root there, and Chromium starts for root only without it
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
)
PATIENCE = 20_000
"""Milliseconds that a window waits for what should be there."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@dataclass(slots=True)
class Window:
    """The page in one window, and what it logged. expected: patterns of complaints that a test brings about."""

    page: Page
    script: Script
    logged: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def ask(self, words: str) -> None:
        """Types and presses Enter."""
        self.page.fill("#words", words)
        self.page.press("#words", "Enter")

    def found(self, words: str = "a bear") -> Locator:
        """Asks and waits; gives the cards."""
        self.ask(words)
        self.page.wait_for_selector(".card:not(.plain)")
        return self.cards

    @property
    def cards(self) -> Locator:
        return self.page.locator(".card")

    def card(self, kind: str) -> Locator:
        """The card of the first hit of a kind."""
        piece = next(one["piece"] for one in self.script.hits if one["kind"] == kind)
        return self.page.locator(f'.card[data-piece="{piece}"]')

    def until(self, expression: str) -> None:
        """Waits until an expression holds in the page. Playwright's own waiting needs what the policy forbids."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            self.page.wait_for_timeout(20)

    def choose(self, mode: str) -> None:
        """`Find` or `Ask`."""
        self.page.get_by_label(mode, exact=True).check()

    def complaints(self) -> list[str]:
        return [line for line in self.logged if not any(re.search(pattern, line) for pattern in self.expected)]


Opened = Callable[..., Window]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens the page: `opened(script, address="#q=...", width=..., scheme="dark", ...)`."""
    windows: list[Window] = []

    def open_window(script: Script | None = None, *, address: str = "", **options: Any) -> Window:
        size = {"width": options.pop("width", 1280), "height": options.pop("height", 860)}
        context = browser.new_context(viewport=size, permissions=["microphone"], base_url=ORIGIN, **options)
        context.set_default_timeout(PATIENCE)
        window = Window(context.new_page(), script or Script())
        context.route("**/*", lambda route: window.script.route(route))
        window.page.on(
            "console", lambda message: message.type in ("error", "warning") and window.logged.append(message.text)
        )
        window.page.on("pageerror", lambda error: window.logged.append(str(error)))
        windows.append(window)
        window.page.goto(f"{ORIGIN}/{address}")
        window.until("document.documentElement.dataset.theme")
        return window

    yield open_window
    for window in windows:
        complaints, foreign = window.complaints(), window.script.foreign
        window.page.context.close()
        assert (complaints, foreign) == ([], [])


@pytest.fixture
def window(opened: Opened) -> Window:
    """The page over a library with a hit of each medium."""
    return opened()
