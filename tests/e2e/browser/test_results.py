"""What is found: faces of each medium, honest words above them, and as few cards as can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .scripted import Answer, Asked, Script, every_medium, hit, many, okay, problem

if TYPE_CHECKING:
    from .conftest import Opened, Window

PLAYED = "card => { const film = card.querySelector('video'); return film && !film.paused && film.currentTime > 0; }"


def test_every_medium_has_its_face(window: Window) -> None:
    window.found("nut")
    assert window.card("image").locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert window.card("video").locator(".time").inner_text() == "0:02"
    assert window.card("document").locator(".passage").inner_text().endswith("A self-locking nut holds.")
    assert window.card("audio").locator("canvas").count() == 1
    assert window.card("text").locator("strong").inner_text() == "text 4"


def test_a_box_lies_on_the_page_where_it_was_found(window: Window) -> None:
    window.found()
    card = window.card("document")
    sheet, box = card.locator(".sheet").bounding_box(), card.locator(".box").bounding_box()
    assert sheet
    assert box
    assert box["x"] - sheet["x"] == pytest.approx(0.1 * sheet["width"], abs=1.5)
    assert box["height"] == pytest.approx(0.3 * sheet["height"], abs=1.5)


def test_words_of_the_question_are_marked_in_a_passage(window: Window) -> None:
    window.found("nuts")
    assert window.card("text").locator("mark").all_inner_texts() == ["nut"]


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_a_moment_of_a_film_plays_while_it_is_pointed_at(window: Window, way: str) -> None:
    window.found()
    card = window.card("video")
    getattr(card, way)()
    window.until(f"({PLAYED})(document.querySelector('[data-piece=\"{window.script.hits[1]['piece']}\"]'))")
    assert window.script.of(f"GET /v1/pieces/{window.script.hits[1]['piece']}/clip")
    assert card.locator("video").evaluate("film => film.muted")
    window.page.mouse.move(0, 0)
    window.page.focus("#words")
    window.until("!document.querySelector('.card video')")


def test_a_film_stays_still_for_those_who_want_no_motion_until_they_ask(opened: Opened) -> None:
    window = opened(reduced_motion="reduce")
    window.found()
    card = window.card("video")
    card.focus()
    window.page.wait_for_timeout(500)
    assert card.locator("video").count() == 0
    card.press("Space")
    window.page.wait_for_selector(".card video")


def test_a_waveform_is_drawn_of_the_sound_itself(window: Window) -> None:
    window.found()
    window.page.wait_for_selector(".wave[data-drawn=yes]")
    window.expected = ["willReadFrequently"]  # of the reading below
    heights = """canvas => {
      const pen = canvas.getContext("2d"), seen = new Set();
      for (let x = 1; x < canvas.width; x += 3) {
        const column = pen.getImageData(x, 0, 1, canvas.height).data;
        seen.add(column.filter((value, i) => i % 4 === 3 && value > 0).length);
      }
      return seen.size;
    }"""
    assert window.card("audio").locator("canvas").evaluate(heights) > 5


def test_a_sound_is_played_and_paused(window: Window) -> None:
    window.found()
    window.page.get_by_role("button", name="Play audio 3").click()
    window.page.get_by_role("button", name="Pause audio 3").click()
    assert window.page.get_by_role("button", name="Play audio 3").is_visible()


def test_it_is_said_when_nothing_matches(opened: Opened) -> None:
    window = opened(Script(hits=[hit(0, matches=False), hit(1, matches=False)]))
    window.found()
    assert window.page.inner_text("#verdict") == "Nothing here matches; the nearest are:"
    assert "2 hits · none matches" in window.page.inner_text("#status")


def test_an_empty_answer_says_so_and_offers_a_way_on(opened: Opened) -> None:
    window = opened(Script(hits=[hit(0)]), address="#q=bear&in=audio")
    window.page.get_by_role("button", name="Look in everything").click()
    window.page.wait_for_selector(".card:not(.plain)")
    assert "modalities" not in window.script.searches()[-1]


def test_an_empty_library_says_how_to_fill_it(opened: Opened) -> None:
    window = opened(Script(hits=[], items={}))
    window.page.wait_for_selector("#empty h2")
    assert window.page.inner_text("#empty h2") == "This library is empty"


def test_text_of_the_library_is_never_markup(opened: Opened) -> None:
    evil = '<img src=x onerror="document.title=1"><b>bold</b>\u202e'
    hits = [
        one | {"title": evil, "path": evil, "text": one["text"] and evil, "attributes": {"speaker": evil}}
        for one in every_medium()
    ]
    window = opened(Script(hits=hits))
    window.found("bold")
    window.page.locator(".ask-why").first.click()
    window.page.locator(".view").first.click()
    window.page.wait_for_selector("#viewer[open]")
    assert window.page.locator(".card b, .viewer h2 b, .why b, img[src=x]").count() == 0
    assert "⟨U+202E⟩" in window.cards.first.inner_text()


def test_only_cards_near_the_window_are_in_the_page_of_5000_results(opened: Opened) -> None:
    window = opened(Script(hits=list(many(5_000))))
    window.found()
    for _ in range(100):
        window.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        window.page.wait_for_timeout(20)
        if window.page.inner_text("#status").startswith("5,000 hits ·"):
            break
    window.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    window.page.wait_for_selector("[aria-posinset='5000']")
    assert window.cards.count() < 80
    assert window.page.get_attribute("[aria-posinset='5000']", "aria-setsize") == "5000"


def test_cards_of_a_row_end_at_one_height_and_do_not_overlap(opened: Opened) -> None:
    window = opened(Script(hits=every_medium() + list(many(40))[6:]))
    window.found()
    boxes = [card.bounding_box() for card in window.cards.all()]
    views = [view.bounding_box() for view in window.page.locator(".view").all()]
    assert all(boxes)
    assert all(views)
    rows: dict[int, set[int]] = {}
    for view in views:
        rows.setdefault(round(view["y"]), set()).add(round(view["y"] + view["height"]))
    assert all(max(ends) - min(ends) <= 1 for ends in rows.values())
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert not [
        (a, b)
        for a, b in pairs
        if a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    ]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (768, 1024)])
def test_nothing_is_wider_than_a_small_window(opened: Opened, width: int, height: int) -> None:
    window = opened(width=width, height=height)
    window.found()
    window.page.click("#narrow")
    window.page.locator(".ask-why").first.click()
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width


def test_why_this_is_told_in_words_and_in_numbers(window: Window) -> None:
    window.found("nut")
    window.card("text").locator(".ask-why").click()
    window.page.wait_for_selector("#why .reasons")
    assert window.script.searches()[-1]["explain"] == [window.script.hits[4]["piece"]]
    said = window.page.inner_text("#why")
    assert "It is very likely what you look for (95 of 100)." in said
    assert "It says 'nut'." in said
    assert "vectors:compact" not in said
    window.page.click("#why summary")
    numbers = window.page.inner_text("#why")
    assert "vectors:compact" in numbers
    assert "0.3100" in numbers
    assert "207" in numbers
    assert "recall" in numbers
    window.page.keyboard.press("Escape")
    assert window.page.is_hidden("#why")
    assert window.card("text").evaluate("card => card === document.activeElement")


def test_why_this_marks_the_words_of_the_question_in_the_text(window: Window) -> None:
    window.found("nut")
    window.card("text").locator(".ask-why").click()
    window.page.wait_for_selector("#why .matched")
    assert window.page.locator("#why mark").all_inner_texts() == ["nut"]
    assert "A nut that holds by itself," in window.page.inner_text("#why .matched")


def test_why_this_frames_the_part_of_a_picture_that_fits(window: Window) -> None:
    window.found("a bear")
    window.card("image").locator(".ask-why").click()
    window.page.wait_for_selector("#why figure img")
    assert window.page.get_attribute("#why figure img", "alt") == "image 0, with the right half framed"
    picture, frame = (window.page.locator(f"#why .sheet {part}").bounding_box() for part in ("img", ".box"))
    assert picture
    assert frame
    assert abs(frame["x"] - (picture["x"] + picture["width"] / 2)) < 2
    assert abs(frame["width"] - picture["width"] / 2) < 2


def test_without_the_servers_word_the_hit_itself_is_told_of(opened: Opened) -> None:
    script = Script()
    script.answers["POST /v1/search"] = _only_without_explanations
    window = opened(script)
    window.expected = ["500"]
    window.found("nut")
    window.card("text").locator(".ask-why").click()
    window.page.wait_for_selector("#why .reasons")
    assert "It has a word of your question: “nut”." in window.page.inner_text("#why")


def _only_without_explanations(asked: Asked) -> Answer:
    if "explain" in asked.body:
        return problem(500, "it broke")
    return okay({"hits": every_medium(), "next": None, "query_id": "query-1"})


def test_what_may_be_meant_is_offered_and_asked_by_one_click(opened: Opened) -> None:
    meant = {"words": "a <b>bear</b>", "changed": [["baer", "bear"]]}
    script = Script()
    script.answers["POST /v1/search"] = lambda asked: okay(
        {"hits": every_medium(), "next": None, "suggestions": [meant] if "baer" in asked.body["text"] else []}
    )
    window = opened(script)
    window.found("a baer")
    assert window.page.inner_text("#meant") == "Did you mean a <b>bear</b>?"
    window.page.click("#meant button")
    window.until("document.getElementById('meant').hidden")
    assert [one["text"] for one in script.searches()] == ["a baer", "a <b>bear</b>"]


def test_a_failure_is_told_in_the_servers_words(opened: Opened) -> None:
    script = Script()
    script.answers["POST /v1/search"] = lambda _: problem(429, "too many questions at once")
    window = opened(script)
    window.expected = ["429"]
    window.ask("a bear")
    window.page.wait_for_selector("#notice:visible")
    assert window.page.inner_text("#notice") == "Too many questions at once.\n\nTry again in 1 s."


def test_opening_a_hit_shows_its_item_and_goes_on_to_the_next(window: Window) -> None:
    window.found()
    window.card("image").locator(".view").click()
    window.page.wait_for_selector("#viewer[open] .stage img")
    window.page.keyboard.press("ArrowRight")
    window.page.wait_for_selector("#viewer .stage video")
    assert window.page.inner_text("#viewer-title") == "video 1"
    window.page.keyboard.press("Escape")
    assert window.card("video").evaluate("card => card === document.activeElement")


def test_the_wave_of_a_sound_that_is_looked_at_is_drawn(window: Window) -> None:
    window.found()
    window.card("audio").locator(".view").click()
    window.page.wait_for_selector("#viewer[open] .listening canvas")
    window.until(
        "(canvas => canvas.width && canvas.getContext('2d').getImageData(0, canvas.height >> 2, canvas.width, 1)"
        ".data.some(value => value))(document.querySelector('#viewer canvas'))"
    )
