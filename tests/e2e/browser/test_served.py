"""The page over a real server and a real library: the model finds, and what plays is cut from the film."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from .scripted import BARK, DEMO, FILM, PICTURE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

MEDIA = DEMO / "media"
COMMAND = Path(sys.executable).with_name("sensorium")
KEPT = (
    PICTURE,
    MEDIA / "pictures" / "animals" / "two-dogs-at-the-door.jpg",
    MEDIA / "notes" / "kitchen" / "seasoning-iron.md",
    MEDIA / "documents" / "jfk-inaugural-1961.pdf",
    FILM,
    BARK,
)
PATIENCE = 30_000


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",  # the address is read from a pipe while the server runs
        "SENSORIUM_LIBRARY": str(home / "library"),
        "SENSORIUM_THREADS": "1",
        "SENSORIUM_WRITING": "0",
        "SENSORIUM_SPEECH": "0",
    }


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a library of a few files; it ends with the tests."""
    home = tmp_path_factory.mktemp("served")
    for path in KEPT:
        shutil.copy(path, home)
    subprocess.run([COMMAND, "add", *home.iterdir()], env=environment(home), check=True, capture_output=True)
    serving = subprocess.Popen(
        [COMMAND, "serve", "--port", "0", "--no-log"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert serving.stdout is not None
        found = re.search(r"http://\S+", serving.stdout.readline())
        assert found, "the server does not say where it is"
        yield found[0]
    finally:
        serving.kill()
        serving.communicate()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, open; its window has asked nobody but the server when the test is over, and logged no error."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE)
    window = context.new_page()
    logged: list[str] = []
    hosts: set[str] = set()
    window.on("console", lambda message: message.type == "error" and logged.append(message.text))
    window.on("pageerror", lambda error: logged.append(str(error)))
    window.on("request", lambda request: request.url.startswith("http") and hosts.add(urlsplit(request.url).netloc))
    window.goto("./")
    window.wait_for_selector("#empty h2")
    yield window
    context.close()
    assert (logged, hosts) == ([], {urlsplit(address).netloc})


def ask(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.press("#words", "Enter")
    page.wait_for_selector(".card:not(.plain)")


def first(page: Page) -> str:
    return page.locator(".card .file").first.inner_text()


def test_words_find_a_picture_that_is_painted(page: Page) -> None:
    ask(page, "an owl")
    assert first(page) == "owl.jpg"
    assert page.locator(".card img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_picture_finds_its_like(page: Page) -> None:
    page.set_input_files("#files", MEDIA / "pictures" / "animals" / "owl.jpg")
    page.wait_for_selector(".card:not(.plain)")
    assert first(page) == "owl.jpg"


def test_a_moment_of_a_film_plays(page: Page) -> None:
    ask(page, "a bear")
    card = page.locator(".card:has(.film)")
    card.hover()
    card.locator("video").wait_for()
    assert card.locator("video").evaluate("film => film.duration") > 0


def test_a_film_is_opened_at_the_second_that_was_found(page: Page) -> None:
    ask(page, "a bear")
    card = page.locator(".card:has(.film)")
    card.focus()
    card.press("Enter")
    video = page.locator("#viewer video")
    video.wait_for()
    assert video.evaluate(
        "film => new Promise(done => film.readyState ? done(film.seekable.end(0) > 0) :"
        " film.addEventListener('loadedmetadata', () => done(film.seekable.end(0) > 0)))"
    )


def test_a_waveform_is_drawn(page: Page) -> None:
    ask(page, "a dog barks")
    page.wait_for_selector(".wave[data-drawn=yes]")


def test_a_page_is_shown_with_the_box_that_was_found(page: Page) -> None:
    ask(page, "what our country can do for us, and we for it")
    page.wait_for_selector(".card .sheet .box")


def test_a_page_that_is_opened_is_drawn_so_large_that_it_can_be_read(page: Page) -> None:
    ask(page, "what our country can do for us, and we for it")
    card = page.locator(".card:has(.sheet)").first
    card.focus()
    card.press("Enter")
    page.wait_for_function("() => document.querySelector('#viewer .leaf img')?.naturalHeight === 1600")
    assert page.locator("#viewer .leaf .box").count() == 1
