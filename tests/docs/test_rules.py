"""docs/rules.md against the code: its example is read, its kinds are all there, and its JSON is what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorium.core.reports import RULES_SCHEMA, RulesView, RuleView
from sensorium.core.rules import KINDS
from sensorium.search.rules.reading import (
    MOST_BYTES,
    MOST_FIRST,
    MOST_HIDDEN,
    MOST_NAME,
    MOST_PINNED,
    MOST_PLACE,
    MOST_RULES,
    read_rules,
)

from .blocks import blocks
from .documents import as_read, example, fits, tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
WORDS = PAGE.read_text("utf-8")
RULES, RULE = tables("rules")


def test_the_example_of_the_page_can_be_read() -> None:
    [block] = blocks(PAGE, "toml")
    assert [rule.kind for rule in read_rules(block.code.encode())] == [
        "boost", "first", "hide", "quota", "decay", "pin",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [rule.kind for rule in KINDS])
def test_the_page_tells_of_every_kind(kind: str) -> None:
    assert f"| `{kind}` |" in WORDS


@pytest.mark.parametrize(
    "limit",
    [
        f"at most {MOST_NAME} letters",
        f"up to {MOST_PLACE}, `most` up to {MOST_PINNED}",
        f"`of_first`, up to {MOST_FIRST}",
        f"at most {MOST_RULES} rules in {MOST_BYTES // 1024} KB",
        f"at most {MOST_HIDDEN} conditions",
    ],
)
def test_the_page_tells_the_limits(limit: str) -> None:
    assert limit in WORDS


def test_rules_in_json_are_what_the_page_says() -> None:
    shown = (
        RuleView(name="a", kind="hide", says="it is hidden", items=None),
        RuleView(name="b", kind="hide", says="it is hidden", items=3, asked=True, hits=2),
    )
    document = as_read(RulesView(path="/library/rules.toml", rules=shown).as_json())
    assert document["schema"] == RULES_SCHEMA == example("rules")["schema"]
    for one in (document, example("rules")):
        assert fits(RULES, one)
        assert all(fits(RULE, rule) for rule in one["rules"])
