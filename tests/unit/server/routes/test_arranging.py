"""Sort, diversity, folds and rules over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import Desk


def ask(desk: Desk, status: int = 200, **fields: Any) -> Any:
    answer = desk.client.post("/v1/search", json=fields)
    assert answer.status_code == status, answer.text
    return answer.json()


def stocked(own: Desk) -> Desk:
    """With texts that say the same, of different sizes."""
    for number in range(6):
        (own.files / f"twin{number}.txt").write_text("a red fox" + " " * number)
    own.library.add(own.files)
    return own


def test_hits_are_sorted_as_the_library_sorts(own: Desk) -> None:
    stocked(own)
    hits = ask(own, text="red", sort="size:desc", k=9)["hits"]
    assert [hit["piece"] for hit in hits] == [hit.piece.id for hit in own.library.search("red", sort="size:desc", k=9)]


@pytest.mark.parametrize("wishes", [{"sort": "size"}, {"diversity": 0.5}, {"fold": True}, {}], ids=str)
def test_pages_fit_together(own: Desk, wishes: dict[str, Any]) -> None:
    stocked(own)
    whole = [hit["piece"] for hit in ask(own, text="red", k=20, **wishes)["hits"]]
    paged: list[str] = []
    cursor = None
    while True:
        answer = ask(own, text="red", k=2, cursor=cursor, **wishes)
        paged += [hit["piece"] for hit in answer["hits"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert paged == whole


def test_a_cursor_belongs_to_its_order(own: Desk) -> None:
    stocked(own)
    cursor = ask(own, text="red", k=2, sort="size")["next"]
    assert ask(own, 400, text="red", k=2, sort="size:desc", cursor=cursor)["code"] == "bad-cursor"


def test_a_fold_can_be_opened_and_names_no_folder(own: Desk) -> None:
    stocked(own)
    answer = own.client.post("/v1/search", json={"text": "red", "fold": True})
    assert str(own.files) not in answer.text
    [folds] = [hit["folded"] for hit in answer.json()["hits"] if hit["folded"]]
    assert len(folds) == 5
    assert own.client.get(folds[0]["links"]["item"]).status_code == 200


@pytest.mark.parametrize(
    "fields", [{"sort": 3}, {"sort": ""}, {"diversity": 2}, {"diversity": "much"}, {"fold": "yes"}, {"rules": False}]
)
def test_what_is_no_wish_is_refused(desk: Desk, fields: dict[str, Any]) -> None:
    assert ask(desk, 422, text="red", **fields)["code"] == "bad-body"


def test_an_order_that_nothing_has_is_a_bad_query(desk: Desk) -> None:
    assert ask(desk, 400, text="red", sort="price")["code"] == "bad-query"


def test_changed_rules_are_not_answered_from_memory(own: Desk) -> None:
    before = [hit["path"] for hit in ask(own, text="red")["hits"]]
    (own.library.path / "rules.toml").write_text(
        '[[rule]]\nname = "no notes"\nkind = "hide"\nwhere = "kind = text"\n\n'
        '[[rule]]\nname = "greens"\nkind = "pin"\nplace = 1\nwhere = "file = \'green.png\'"\n'
    )
    answer = ask(own, text="red")
    assert "note.txt" in before
    assert [hit["path"] for hit in answer["hits"]] == ["green.png", "red.png"]
    assert [rule["name"] for rule in answer["hits"][0]["rules"]] == ["greens"]


def test_broken_rules_are_a_problem_without_a_path(own: Desk) -> None:
    (own.library.path / "rules.toml").write_text("[[rule")
    answer = own.client.post("/v1/search", json={"text": "red"})
    assert (answer.status_code, answer.json()["code"]) == (500, "bad-rules")
    assert str(own.library.path) not in answer.text
