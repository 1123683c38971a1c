"""`sensorium rules`, and `search` with an order, over a real library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PIN = '[[rule]]\nname = "green first"\nkind = "pin"\nplace = 1\nwhere = "file = \'green.png\'"\n'
IDLE = '[[rule]]\nname = "idle"\nkind = "boost"\nfactor = 2\nwhere = "no_such_thing > 1"\n'


@pytest.fixture
def rules(tmp_path: Path, filled) -> Path:
    return tmp_path / "library" / "rules.toml"


def test_without_rules_it_says_where_they_would_stand(run, rules) -> None:
    ended = run("rules")
    assert (ended.status, ended.out.strip()) == (0, f"no rules; write them to {rules}")


def test_rules_are_shown_with_what_they_do(run, rules) -> None:
    rules.write_text(PIN + IDLE)
    lines = run("rules").out.splitlines()
    assert lines[0].split() == ["green", "first", "pin", "1", "it", "is", "pinned", "to", "place", "1"]
    assert "nothing: no_such_thing: " in lines[1]


def test_a_question_tries_them(run, rules) -> None:
    rules.write_text(PIN)
    document = json.loads(run("rules", "red", "--k", "2", "--json").out)
    assert [(rule["asked"], rule["hits"]) for rule in document["rules"]] == [(True, 1)]
    assert run("rules", "red").out.split()[4] == "1"


def test_a_broken_file_ends_with_an_error_and_says_why(run, rules) -> None:
    rules.write_text(PIN + "[[rule]]\nname = 'x'\nkind = 'boots'\n")
    ended = run("rules")
    assert ended.status == 1
    assert "rule 2, 'x': there is no kind 'boots'" in ended.err
    assert run("search", "red").status == 1


def test_a_search_says_which_rule_moved_a_hit(run, rules) -> None:
    rules.write_text(PIN)
    lines = run("search", "red", "--k", "1").out.splitlines()
    assert "green.png" in lines[1]
    assert lines[2].strip().startswith("rule green first: ")


def test_a_search_is_sorted_and_folds(run, rules) -> None:
    listed = json.loads(run("search", "red", "--sort", "file:desc", "--fold", "--diversity", "0.2", "--json").out)
    names = [Path(hit["path"]).name for hit in listed["hits"]]
    assert names == sorted(names, reverse=True)


def test_an_order_by_nothing_is_an_error(run, rules) -> None:
    ended = run("search", "red", "--sort", "colour")
    assert (ended.status, ended.out) == (1, "")
    assert "no item has an attribute of this name" in ended.err
