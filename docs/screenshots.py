"""Takes the pictures of the page that the README shows: `python docs/screenshots.py`, after `make demo`.

The page stands over the demo library in a real Chromium; what it shows is what it found.
"""

from __future__ import annotations

import io
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import sensorium
from sensorium.server.options import ServeOptions
from sensorium.server.running import Serving

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent / ".demo" / "library"
DESK, PHONE = (1360, 900), (412, 860)
QUALITY = 80
SETTLED = 2_500
"""Milliseconds in which previews come and bars stop moving."""


def light(page: Page) -> None:
    find(page, "people playing music")


def why(page: Page) -> None:
    find(page, "people playing music")
    page.locator(".card").nth(2).get_by_role("button", name="Why").first.click()


def ask(page: Page) -> None:
    page.get_by_label("Ask", exact=True).check()
    find(page, "What should you ask about your country?", shown="#answer .prose p")


def dark(page: Page) -> None:
    find(page, "mountains at sunset")
    page.get_by_role("button", name="Filter").click()


def phone(page: Page) -> None:
    find(page, "a barking dog")
    page.get_by_text("Sounds").first.click()


def find(page: Page, words: str, shown: str = ".card:not(.plain)") -> None:
    page.fill("#words", words)
    page.press("#words", "Enter")
    page.wait_for_selector(shown)


def take(browser: Browser, address: str, name: str, pose: Callable[[Page], None]) -> None:
    width, height = PHONE if name == "phone" else DESK
    options = {"color_scheme": "dark" if name == "dark" else "light", "device_scale_factor": 1}
    page = browser.new_page(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
    page.goto(address)
    pose(page)
    page.wait_for_timeout(SETTLED if name != "ask" else 3 * SETTLED)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.save(HERE / "images" / f"page-{name}.webp", quality=QUALITY, method=6)
    page.close()


def await_ready(address: str) -> None:
    """Waits until the model is loaded, so that times on the pictures are those of every day."""
    while True:
        try:
            with urllib.request.urlopen(f"{address}readyz"):
                return
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.2)


def main() -> None:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None or not LIBRARY.is_dir():
        raise SystemExit("it needs Chromium, and the demo library: make demo")
    with sensorium.open(LIBRARY, create=False) as library:
        serving = Serving(library, ServeOptions(port=0))
        with serving.listening() as address, sync_playwright() as engine:
            thread = threading.Thread(target=serving.run)
            thread.start()
            await_ready(address)
            browser = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for name, pose in {"light": light, "why": why, "ask": ask, "dark": dark, "phone": phone}.items():
                take(browser, address, name, pose)
            browser.close()
            serving.stop()
            thread.join()


if __name__ == "__main__":
    main()
