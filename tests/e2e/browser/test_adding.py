"""Adding: files and folders on their way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scripted import BARK, DEMO, Script, okay, problem

if TYPE_CHECKING:
    from .conftest import Opened, Window


def test_a_folder_is_added_file_by_file(window: Window) -> None:
    window.page.click("#open-adding")
    window.page.set_input_files("#add-folder", DEMO / "media" / "sounds")
    window.until("document.querySelectorAll('.uploads .done').length > 1")
    window.until("!document.querySelector('#adding progress')")
    names = sorted(f"sounds/{path.name}" for path in (DEMO / "media" / "sounds").iterdir() if path.is_file())
    assert sorted(window.script.uploads) == names
    assert f"{len(names)} files in the library" in window.page.inner_text("#adding")


def test_a_file_that_is_refused_keeps_its_reason_and_can_be_tried_again(opened: Opened) -> None:
    script = Script()
    refused = {"outcome": "refused", "reason": "it ends too early"}
    script.answers[r"GET /v1/jobs/\w+"] = lambda _: okay({"state": "done", "receipt": [refused]})
    window = opened(script)
    window.page.click("#open-adding")
    window.page.set_input_files("#add-files", BARK)
    window.page.wait_for_selector(".uploads .failed")
    assert "it ends too early" in window.page.inner_text(".uploads")
    del script.answers[r"GET /v1/jobs/\w+"]
    window.page.get_by_role("button", name="Try those again").click()
    window.page.wait_for_selector(".uploads .done")


def test_an_upload_goes_on_where_the_server_stopped(opened: Opened) -> None:
    script = Script()
    tries: list[str] = []

    def put(one):
        tries.append(one.path)
        return problem(503, "busy") if len(tries) == 1 else okay({"job": "job1"})

    script.answers[r"PUT /v1/uploads/\w+"] = put
    script.answers[r"GET /v1/uploads/\w+"] = lambda _: okay({"received": 100})
    window = opened(script)
    window.expected = ["503"]
    window.page.click("#open-adding")
    with window.page.expect_request(lambda request: request.headers.get("content-range", "").startswith("bytes 100-")):
        window.page.set_input_files("#add-files", BARK)
    window.page.wait_for_selector(".uploads .done")


def test_the_library_says_how_it_is(window: Window) -> None:
    window.page.click("#open-health")
    window.page.wait_for_selector(".findings")
    said = window.page.inner_text("#health")
    assert "1 of 2 checks found something to mend." in said
    assert "To do: run doctor --mend" in said
    assert "1.5 MB" in said
