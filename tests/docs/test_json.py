"""docs/json.md against real answers: the same fields, of the type it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sensorium.core.explanations import Explanation, Region, Suggestion, TermPlace
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.results import SEARCH_SCHEMA, Evidence, Hit, Look, RuleApplied, SearchResults
from sensorium.core.trace import Trace
from sensorium.evaluation.pairs import PAIRS_SCHEMA, Direction, PairsReport

from .documents import as_read, example, fits, tables

ANSWER, HIT, PLACE, EVIDENCE, RULE, LOOK, SUGGESTION, EXPLANATION, REGION = tables("search")
REPORT, DIRECTION = tables("evaluate pairs")


def answer(text: str | None, place: Place) -> dict[str, Any]:
    producer = Producer(name="reader.text", version="1")
    modality = Modality.IMAGE if text is None else Modality.TEXT
    lineage = Lineage(source="/a", content_hash="0" * 64, size=1, modified_at=0.0, added_at=0.0, reader=producer)
    item = Item(
        id="it_1",
        tenant="local",
        modality=modality,
        media_type="text/plain",
        title="",
        rights=Rights(),
        lineage=lineage,
    )
    piece = Piece(item_id="it_1", ordinal=0, modality=modality, place=place, producer=producer, text=text)
    evidence = Evidence(route="vectors:compact", raw=0.3, rank=1, looks=(Look(name="late", raw=0.4),))
    rule = RuleApplied(name="coats up", kind="boost", words="its odds count 3 times", before=4, after=1)
    hit = Hit(item=item, piece=piece, score=0.5, evidence=(evidence,), rules=(rule,))
    return as_read(SearchResults(question="dogs", hits=(hit,), trace=Trace()).as_json())


def report() -> dict[str, Any]:
    ranks = np.array([1, 2, 6, 11])
    direction = Direction.of(Modality.TEXT, Modality.IMAGE, ranks, clusters=np.array([0, 0, 1, 1]), gallery=20)
    return as_read(PairsReport(split="dev", space_id="a-1-b", directions=(direction,), seconds=1.0).as_json())


@pytest.mark.parametrize("text", [None, "two dogs"])
def test_a_search_answers_as_the_page_says(text: str | None) -> None:
    document = answer(text, Place())
    assert fits(ANSWER, document)
    assert fits(HIT, document["hits"][0])
    assert fits(EVIDENCE, document["hits"][0]["evidence"][0])
    assert fits(LOOK, document["hits"][0]["evidence"][0]["looks"][0])
    assert fits(RULE, document["hits"][0]["rules"][0])


@pytest.mark.parametrize("region", [None, Region(piece="it_1.0"), Region(piece="it_1.0", box=(0, 0, 0.5, 1), page=2)])
def test_an_explanation_says_what_the_page_says(region: Region | None) -> None:
    term = TermPlace(word="tea", characters=(0, 3))
    told = as_read(Explanation(words=("It says 'tea'.",), numbers={"rank": 1}, terms=(term,), region=region).as_json())
    assert fits(EXPLANATION, told)
    assert region is None or fits(REGION, told["region"])


def test_a_suggestion_says_what_the_page_says() -> None:
    assert fits(SUGGESTION, as_read(Suggestion(words="tea", changed=(("tae", "tea"),)).as_json()))


def test_a_place_says_what_the_page_says() -> None:
    place = Place(seconds=(0.0, 1.5), page=1, box=(0.0, 0.0, 0.5, 1.0), characters=(0, 3))
    assert fits(PLACE, answer(None, place)["hits"][0]["place"])


def test_a_report_says_what_the_page_says() -> None:
    document = report()
    assert fits(REPORT, document)
    assert fits(DIRECTION, document["directions"][0])


def test_the_examples_of_the_page_are_such_documents() -> None:
    search, pairs = example("search"), example("evaluate pairs")
    assert fits(ANSWER, search)
    assert fits(HIT, search["hits"][0])
    assert fits(EVIDENCE, search["hits"][0]["evidence"][0])
    assert fits(LOOK, search["hits"][0]["evidence"][0]["looks"][0])
    assert fits(REPORT, pairs)
    assert all(fits(DIRECTION, direction) for direction in pairs["directions"])


def test_the_page_names_the_schemas_of_the_code() -> None:
    assert (example("search")["schema"], example("evaluate pairs")["schema"]) == (SEARCH_SCHEMA, PAIRS_SCHEMA)


def test_a_field_too_many_or_too_few_is_noticed() -> None:
    document = report()
    assert not fits(REPORT, {**document, "more": 1})
    assert not fits(REPORT, {name: value for name, value in document.items() if name != "split"})
