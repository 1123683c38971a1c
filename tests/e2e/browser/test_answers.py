"""Asking: sentences with what they stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .scripted import Script, sse

if TYPE_CHECKING:
    from .conftest import Opened, Window


@pytest.fixture
def answered(window: Window) -> Window:
    window.choose("Ask")
    window.ask("how does a nut hold?")
    window.page.wait_for_selector(".cite")
    return window


def test_an_answer_is_read_with_its_citations(answered: Window) -> None:
    assert answered.page.locator(".sentence").first.inner_text() == "A nut can hold by itself."
    assert answered.page.locator(".cite").all_inner_texts() == ["3", "5", "2"]
    assert answered.script.of("POST /v1/ask")[0].body == {"question": "how does a nut hold?", "form": "answer"}


def test_a_sentence_without_support_is_marked(answered: Window) -> None:
    assert answered.page.locator(".sentence.doubtful").all_inner_texts() == ["Bears like nuts."]
    assert "2 sentences, 1 not supported" in answered.page.inner_text("#answer .foot")


def test_a_citation_jumps_to_the_box_on_the_page(answered: Window) -> None:
    answered.page.get_by_role("button", name="Source 3: document 2, page 3").click()
    answered.page.wait_for_selector("#viewer[open] .leaf .box")
    assert "page 3" in answered.page.inner_text("#viewer header")


def test_a_citation_jumps_to_the_second(answered: Window) -> None:
    answered.page.get_by_role("button", name="Source 2: video 1, 0:02 to 0:04").click()
    answered.until("document.querySelector('#viewer video')?.currentTime >= 2")


def test_a_form_can_be_chosen(answered: Window) -> None:
    answered.page.get_by_role("button", name="Table", exact=True).click()
    answered.until("document.querySelector('[data-form=table]').ariaPressed === 'true'")
    answered.page.wait_for_timeout(150)
    assert answered.script.of("POST /v1/ask")[-1].body["form"] == "table"


def test_it_is_said_when_nothing_answers(opened: Opened) -> None:
    script = Script()
    script.answers["POST /v1/ask"] = lambda _: (
        200,
        "text/event-stream",
        sse(("evidence", []), ("done", {"answer": {}})),
    )
    window = opened(script, address="#q=why&mode=ask")
    window.page.wait_for_selector("#answer .prose p")
    assert window.page.inner_text("#answer .prose") == "Nothing here answers that; the nearest are below."
