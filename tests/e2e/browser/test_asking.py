"""Every sense can ask: words, files, the clipboard, the microphone, a sketch, a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .scripted import BARK, PICTURE, Script, files_of, okay

if TYPE_CHECKING:
    from .conftest import Opened, Window

HAND_OVER = """({name, type, data, event}) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type}));
  const options = {bubbles: true, cancelable: true};
  const pasted = new ClipboardEvent("paste", {...options, clipboardData: transfer});
  if (event === "paste") document.body.dispatchEvent(pasted);
  else for (const kind of ["dragenter", "dragover", "drop"]) {
    const target = kind === "dragenter" ? document.body : document.querySelector("[data-zone=find]");
    target.dispatchEvent(new DragEvent(kind, {...options, dataTransfer: transfer}));
  }
}"""


def hand_over(window: Window, event: str) -> None:
    import base64

    data = base64.b64encode(PICTURE.read_bytes()).decode()
    window.page.evaluate(HAND_OVER, {"name": "owl.jpg", "type": "image/jpeg", "data": data, "event": event})


def test_words_are_asked_by_enter(window: Window) -> None:
    window.found("two dogs in the snow")
    assert window.script.searches()[0]["text"] == "two dogs in the snow"


def test_an_empty_question_asks_nothing(window: Window) -> None:
    window.ask("   ")
    window.page.wait_for_timeout(100)
    assert not window.script.searches()


@pytest.mark.parametrize(("path", "media_type"), [(PICTURE, "image/jpeg"), (BARK, "audio/ogg")])
def test_a_chosen_file_is_asked_with_the_words(window: Window, path, media_type) -> None:
    window.page.fill("#words", "at night")
    window.page.set_input_files("#files", path)
    window.page.wait_for_selector(".card:not(.plain)")
    assert window.script.searches()[0]["text"] == "at night"
    ((field, name, kind),) = files_of(window.script.of("POST /v1/search")[0].body)
    assert (field, name, kind) == ("like", path.name, media_type)


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(window: Window, event: str) -> None:
    hand_over(window, event)
    window.page.wait_for_selector(".card:not(.plain)")
    assert files_of(window.script.of("POST /v1/search")[0].body) == [("like", "owl.jpg", "image/jpeg")]


def test_a_part_of_the_question_can_be_taken_away(window: Window) -> None:
    window.page.set_input_files("#files", PICTURE)
    window.page.wait_for_selector(".card:not(.plain)")
    window.page.fill("#words", "an owl")
    window.page.get_by_role("button", name="Take away owl.jpg").click()
    window.until("document.querySelectorAll('.part').length === 0")
    window.page.wait_for_timeout(150)
    assert window.script.of("POST /v1/search")[-1].body == {"text": "an owl", "fold": True, "k": 24}


@pytest.mark.parametrize(("choice", "field"), [("Ask what I said", "spoken"), ("Find what sounds like it", "like")])
def test_the_microphone_is_heard_as_words_or_as_a_sound(window: Window, choice: str, field: str) -> None:
    window.page.click("#record")
    window.page.wait_for_timeout(700)  # what the beeping microphone needs to be heard
    window.page.get_by_role("button", name="Stop").click()
    window.page.get_by_role("button", name=choice).click()
    window.page.wait_for_selector(".card:not(.plain)")
    body = window.script.of("POST /v1/search")[0].body
    assert files_of(body) == [(field, "recording.wav", "audio/wav")]
    assert "RIFF" in body


def test_a_sketch_is_asked_as_a_picture(window: Window) -> None:
    window.page.click("#draw")
    box = window.page.locator(".drawing-board").bounding_box()
    assert box is not None
    window.page.mouse.move(box["x"] + 50, box["y"] + 50)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + 200, box["y"] + 150, steps=5)
    window.page.mouse.up()
    window.page.get_by_role("button", name="Find what looks like it").click()
    window.page.wait_for_selector(".card:not(.plain)")
    assert files_of(window.script.of("POST /v1/search")[0].body) == [("like", "sketch.png", "image/png")]


def test_an_empty_board_can_not_be_asked_with(window: Window) -> None:
    window.page.click("#draw")
    assert window.page.get_by_role("button", name="Find what looks like it").is_disabled()


def test_more_like_this_asks_with_the_hit(window: Window) -> None:
    window.found()
    window.page.get_by_role("button", name="More like image 0").click()
    window.page.wait_for_selector(".part")
    window.page.wait_for_timeout(150)
    asked = window.script.searches()[-1]
    assert (asked["text"], asked["like_pieces"]) == ("a bear", [window.script.hits[0]["piece"]])
    assert window.script.of("POST /v1/feedback")[0].body["verdict"] == "more"


def test_not_this_asks_to_be_far_from_the_hit(window: Window) -> None:
    window.found()
    window.page.get_by_role("button", name="Not image 0").click()
    window.page.wait_for_selector(".part.less")
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["unlike_pieces"] == [window.script.hits[0]["piece"]]
    assert window.script.of("POST /v1/feedback")[0].body["verdict"] == "less"


def test_a_medium_is_looked_in_alone(window: Window) -> None:
    window.found()
    window.page.get_by_role("button", name="Films").click()
    window.until("document.querySelectorAll('.card').length === 1")
    assert window.script.searches()[-1]["modalities"] == ["video"]


def test_an_address_asks_its_question_again(opened: Opened) -> None:
    window = opened(address="#q=a+bear&in=video")
    window.page.wait_for_selector(".card:not(.plain)")
    assert window.script.searches()[0] == {"text": "a bear", "modalities": ["video"], "fold": True, "k": 24}


def test_back_asks_the_question_before(window: Window) -> None:
    window.found("first")
    window.ask("second")
    window.until("document.title.startsWith('second')")
    window.page.go_back()
    window.until("document.querySelector('#words').value === 'first'")
    window.page.wait_for_timeout(150)
    assert window.script.searches()[-1]["text"] == "first"


def test_a_key_is_asked_for_where_the_server_wants_one(opened: Opened) -> None:
    script = Script()
    known: list[bool] = []

    def search(asked):
        known.append(len(known) > 0)
        return okay({"hits": script.hits}) if known[-1] else (401, "application/problem+json", b"{}")

    script.answers["POST /v1/search"] = search
    window = opened(script)
    window.expected = ["401"]
    window.ask("a bear")
    window.page.fill("#key-field", "secret")
    with window.page.expect_request("**/v1/search") as request:
        window.page.press("#key-field", "Enter")
    assert request.value.headers["authorization"] == "Bearer secret"
    window.page.wait_for_selector(".card:not(.plain)")
