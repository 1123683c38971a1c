"""Answers in sentences, facets and feedback over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sensorium.core.errors import BadQuery
from sensorium.library import Library

from ..conftest import Desk


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in blocks]


def ask(desk: Desk, **fields: Any) -> list[tuple[str, Any]]:
    answer = desk.client.post("/v1/ask", json=fields)
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    return events(answer.text)


def test_an_answer_begins_with_its_evidence_and_ends_whole(desk: Desk) -> None:
    told = ask(desk, question="what does the red fox do")
    assert (told[0][0], told[-1][0]) == ("evidence", "done")
    assert {one["piece"] for one in told[0][1]} <= {
        f"{item.id}.{n}" for item in desk.library.latest() for n in range(3)
    }
    assert told[-1][1]["answer"]["schema"].startswith("sensorium.answer/")


def test_evidence_has_addresses_and_numbers_and_no_folder(desk: Desk) -> None:
    answer = desk.client.post("/v1/ask", json={"question": "what does the red fox do"})
    first = events(answer.text)[0][1][0]
    assert (first["number"], first["links"]["item"]) == (1, f"/v1/items/{first['item']}")
    assert str(desk.files) not in answer.text


def test_each_sentence_is_sent_as_it_is_in_the_whole(desk: Desk) -> None:
    told = ask(desk, question="what does the red fox do")
    sentences = [data["text"] for event, data in told if event == "sentence"]
    assert sentences == [sentence["text"] for sentence in told[-1][1]["answer"]["sentences"]]


def test_a_question_that_can_not_be_asked_is_a_problem(desk: Desk) -> None:
    answer = desk.client.post("/v1/ask", json={"question": "red", "where": "nosuch = 3"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    assert desk.client.post("/v1/ask", json={"question": "red", "form": "poem"}).status_code == 422


def test_what_breaks_off_ends_with_an_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Library.answer_stream

    def broken(self: Library, question: str, **fields: Any) -> Iterator[Any]:
        yield next(whole(self, question, **fields))
        raise BadQuery("it broke", subject="/secret")

    monkeypatch.setattr(Library, "answer_stream", broken)
    told = ask(desk, question="red")
    assert (told[-1][0], told[-1][1]["code"]) == ("error", "bad-query")
    assert "secret" not in json.dumps(told)


def test_facets_count_what_a_filter_leaves(desk: Desk) -> None:
    whole = desk.client.get("/v1/facets", params={"fields": ["width"]}).json()
    assert whole == desk.library.facets(fields=["width"]).as_json()
    none = desk.client.get("/v1/facets", params={"where": "width > 100"}).json()
    assert none["items"] == 0


def test_feedback_is_kept_with_who_gave_it(own: Desk) -> None:
    answer = own.client.post("/v1/search", json={"text": "red"}).json()
    said = {"query_id": answer["query_id"], "piece": answer["hits"][0]["piece"], "verdict": "more"}
    assert own.client.post("/v1/feedback", json=said).status_code == 204
    kept = json.loads((own.library.path / "server" / "feedback.jsonl").read_text())
    assert {**kept, **said, "by": "local"} == kept


def test_feedback_on_what_is_not_there_is_refused(desk: Desk) -> None:
    said = {"query_id": "a", "piece": "it_0.0", "verdict": "more"}
    assert desk.client.post("/v1/feedback", json=said).status_code == 404
