"""`python -m benchmarks.painting LIBRARY`: from Enter to the first result on the screen, in a real Chromium.

The page is opened anew for each question, which no page asked before. The clock starts at the key press inside the
page, and stops with the second frame after the first hit stands in it, and after the first picture of a hit has come
and was decoded: what a person sees. The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving import questions, served

GOAL = 300.0
"""Milliseconds to the first result."""

SEED = 77

WATCH = """() => {
  const told = { enter: 0, hit: 0, picture: 0 };
  window.told = told;
  const after = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    told[name] ||= performance.now() - told.enter;
  }));
  addEventListener("keydown", (press) => {
    if (press.key === "Enter") told.enter = performance.now();
  }, { capture: true });
  new MutationObserver(() => {
    const card = document.querySelector(".card:not(.plain)");
    if (!card || !told.enter) return;
    if (!told.seen) { told.seen = true; after("hit"); }
    const picture = document.querySelector(".card:not(.plain) img");
    if (picture && !told.waits) {
      told.waits = true;
      picture.decode().then(() => after("picture"), () => { told.waits = false; });
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["src"] });
}"""


def measure(address: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds to the first hit, and to the first picture of one, for so many questions."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("there is no Chromium; on Debian: apt-get install chromium")
    took: dict[str, list[float]] = {"hit": [], "picture": []}
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        for words in itertools.islice(questions(SEED), rounds + 1):
            page.goto(address)
            page.wait_for_selector("#words")
            page.evaluate(WATCH)
            page.fill("#words", words)
            page.press("#words", "Enter")
            told = _told(page)
            for name, times in took.items():
                times.append(told[name])
        browser.close()
    return {name: times[1:] for name, times in took.items()}  # the first question fills the caches of the browser


def _told(page: Any) -> dict[str, float]:
    for _ in range(500):
        told: dict[str, float] = page.evaluate("() => window.told")
        if told["hit"] and told["picture"]:
            return told
        page.wait_for_timeout(20)
    raise SystemExit("the page showed no picture of a hit within ten seconds")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.painting", description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    with served(arguments.library) as server:
        took = measure(server.address, arguments.rounds)
    print("| from Enter to | p50 ms | p95 ms | largest | goal | met |")
    print("| --- | ---: | ---: | ---: | --- | --- |")
    for name, times in took.items():
        p50, p95 = np.percentile(times, (50, 95))
        goal, met = (f"< {GOAL:.0f}", "yes" if p50 < GOAL else "**no**") if name == "hit" else ("", "")
        print(f"| the first {name} | {p50:.0f} | {p95:.0f} | {max(times):.0f} | {goal} | {met} |")


if __name__ == "__main__":
    main()
