"""Questions over HTTP, in JSON and with files."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sensorium.server import service
from sensorium.server.service import Service
from sensorium.testing.pictures import png, write_png

from ..conftest import Desk


def ask(desk: Desk, **fields: Any) -> Any:
    answer = desk.client.post("/v1/search", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_words_find_what_the_library_finds(desk: Desk) -> None:
    answer = ask(desk, text="red", k=3)
    assert [hit["piece"] for hit in answer["hits"]] == [hit.piece.id for hit in desk.library.search("red", k=3)]


def test_no_answer_names_a_folder_of_this_machine(desk: Desk) -> None:
    answer = desk.client.post("/v1/search", json={"text": "red", "explain": True})
    assert str(desk.files) not in answer.text
    assert {hit["path"] for hit in answer.json()["hits"]} == {"red.png", "green.png", "note.txt"}


def test_a_picture_that_is_sent_is_looked_for(desk: Desk) -> None:
    files = {"like": ("any.png", png((20, 200, 20)), "image/png")}
    answer = desk.client.post("/v1/search", files=files, data={"query": json.dumps({"k": 1})})
    assert [hit["path"] for hit in answer.json()["hits"]] == ["green.png"]


def test_a_name_of_a_file_can_not_leave_its_folder(desk: Desk) -> None:
    files = {"like": ("../../../../tmp/evil.png", png((20, 200, 20)), "image/png")}
    answer = desk.client.post("/v1/search", files=files, data={"query": "{}"})
    assert answer.json()["question"] == "evil.png"


def test_a_file_that_is_no_picture_is_refused_without_a_path(desk: Desk) -> None:
    answer = desk.client.post("/v1/search", files={"like": ("x.png", b"\x89PNG\r\n\x1a\n broken", "image/png")})
    assert answer.status_code == 422
    assert "/" not in answer.json()["detail"]


def test_more_files_than_are_taken_are_refused(desk: Desk) -> None:
    files = [("like", (f"{n}.png", png((1, 2, 3)), "image/png")) for n in range(5)]
    assert desk.client.post("/v1/search", files=files).status_code == 422


def test_a_stored_piece_is_looked_for_without_its_file(own: Desk) -> None:
    piece = next(hit.piece.id for hit in own.library.search("green") if hit.path.endswith("green.png"))
    (own.files / "green.png").unlink()
    assert ask(own, like_pieces=[piece])["hits"][0]["piece"] == piece


def test_what_hits_should_not_be_like_counts_against_them(desk: Desk) -> None:
    piece = next(hit.piece.id for hit in desk.library.search("red") if hit.path.endswith("red.png"))

    def score(**more: Any) -> float:
        return next(hit["score"] for hit in ask(desk, text="red", **more)["hits"] if hit["piece"] == piece)

    assert score(unlike_pieces=[piece]) < score()


def test_a_piece_that_is_not_there_is_not_found(desk: Desk) -> None:
    answer = desk.client.post("/v1/search", json={"like_pieces": ["it_0.0"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "item-not-found")


def test_pages_follow_on_each_other(desk: Desk) -> None:
    whole = [hit["piece"] for hit in ask(desk, text="red", k=3)["hits"]]
    first = ask(desk, text="red", k=2)
    second = ask(desk, text="red", k=2, cursor=first["next"])
    assert [hit["piece"] for hit in first["hits"] + second["hits"]] == whole
    assert second["next"] is None


def test_a_cursor_of_another_question_is_refused(desk: Desk) -> None:
    cursor = ask(desk, text="red", k=1)["next"]
    answer = desk.client.post("/v1/search", json={"text": "green", "cursor": cursor})
    assert answer.json()["code"] == "bad-cursor"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"texxt": "a"}', '{"k": 0}', '{"k": "3"}', '{"modalities": ["smell"]}', '{"text": {"a": 1}}'],
)
def test_a_body_that_does_not_fit_is_a_problem(desk: Desk, body: str) -> None:
    answer = desk.client.post("/v1/search", content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "bad-body"


def test_nothing_to_look_for_is_a_problem(desk: Desk) -> None:
    assert desk.client.post("/v1/search", json={}).json()["code"] == "bad-query"


def test_a_filter_narrows_and_its_mistakes_have_a_column(desk: Desk) -> None:
    assert [hit["path"] for hit in ask(desk, text="red", where="width = 8 and title = red")["hits"]] == ["red.png"]
    answer = desk.client.post("/v1/search", json={"text": "red", "where": "width <"})
    assert answer.status_code == 400
    assert isinstance(answer.json()["column"], int)


def test_the_stages_are_told_where_asked(desk: Desk) -> None:
    assert "trace" not in ask(desk, text="red")
    assert {stage["stage"] for stage in ask(desk, text="red", explain=True)["trace"]} >= {"plan", "recall"}


def test_what_was_added_since_is_found_by_the_same_question(own: Desk, tmp_path: Path) -> None:
    before = len(ask(own, text="red")["hits"])
    write_png(tmp_path / "new.png", (180, 10, 10))
    own.library.add(tmp_path / "new.png")
    assert len(ask(own, text="red")["hits"]) == before + 1


def test_the_same_question_is_answered_from_memory(desk: Desk) -> None:
    first, second = ask(desk, text="red"), ask(desk, text="red")
    assert [hit["score"] for hit in first["hits"]] == [hit["score"] for hit in second["hits"]]
    assert 'sensorium_remembered_total{found="yes",what="answer"} 1.0' in desk.client.get("/metrics").text


def test_hits_are_explained_where_it_is_asked_for(desk: Desk) -> None:
    plain, told = ask(desk, text="red fox"), ask(desk, text="red fox", explain=True)
    assert not any("explanation" in hit for hit in plain["hits"])
    assert all(set(hit["explanation"]) == {"words", "numbers", "terms", "region"} for hit in told["hits"])
    note = next(hit for hit in told["hits"] if hit["path"] == "note.txt")
    assert [note["text"][slice(*term["characters"])] for term in note["explanation"]["terms"]] == ["red", "fox"]
    assert not any("explanation" in hit for hit in ask(desk, text="red fox")["hits"])


def test_single_pieces_are_explained_and_the_others_are_not(desk: Desk) -> None:
    first, *_ = ask(desk, text="red")["hits"]
    told = ask(desk, text="red", explain=[first["piece"], "it_0.0"])["hits"]
    assert [hit["piece"] for hit in told if "explanation" in hit] == [first["piece"]]


def test_only_the_hits_of_a_page_are_explained(desk: Desk) -> None:
    first = ask(desk, text="red", k=1, explain=True)
    second = ask(desk, text="red", k=1, cursor=first["next"], explain=True)
    assert [["explanation" in hit for hit in page["hits"]] for page in (first, second)] == [[True], [True]]


def test_a_question_by_file_is_explained_too(desk: Desk) -> None:
    files = {"like": ("any.png", png((20, 200, 20)), "image/png")}
    data = {"query": json.dumps({"k": 1, "explain": True})}
    (hit,) = desk.client.post("/v1/search", files=files, data=data).json()["hits"]
    assert hit["explanation"]["words"][0].startswith("It looks like your picture:")


def test_the_trace_has_the_parts_with_their_weights(desk: Desk) -> None:
    plan, *_ = ask(desk, text="red", exclude=["green"], explain=True)["trace"]
    assert [(part["words"], part["weight"]) for part in plan["parts"]] == [("red", 1.0), ("green", -0.5)]


def test_what_may_be_meant_is_offered_beside_the_hits(desk: Desk) -> None:
    answer = ask(desk, text="the red fxo slepes")
    assert answer["suggestions"] == [{"words": "the red fxo sleeps", "changed": [["slepes", "sleeps"]]}]
    assert answer["hits"]
    assert ask(desk, text="the red fox sleeps")["suggestions"] == []


def test_more_searches_than_cores_take_turns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What computes only is never begun more often than there are cores, however many ask."""
    at_work, most, lock = 0, 0, threading.Lock()
    remembered = Service.remembered

    def counted(*arguments: Any) -> Any:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)  # long enough for all to come in, were they let
        try:
            return remembered(*arguments)
        finally:
            with lock:
                at_work -= 1

    monkeypatch.setattr(Service, "remembered", counted)
    monkeypatch.setattr(service, "usable_cores", lambda: 2)
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(desk.client.post, "/v1/search", json={"text": f"fox {n}"}) for n in range(6)]
    assert [one.result().status_code for one in asked] == [200] * 6
    assert most == 2
