"""What is read off files is evidence and never an order: with a model that obeys every order that it reads.

No injected text changes tools, scope, destinations or citations.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sensorium.answerers.asking import Asking, ask
from sensorium.answerers.chat import Chat
from sensorium.answerers.extractive import Extractive
from sensorium.answerers.pack import Telling
from sensorium.core.answers import Answer
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.ports import Answerer
from sensorium.core.results import Hit
from sensorium.core.settings import Settings
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.injections import HARBOUR, Injection, injections
from sensorium.testing.model_server import Script, model_server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

CORPUS = list(injections())
QUESTION = "What colour does the keeper paint the lighthouse tower?"
PRODUCER = Producer(name="reader.text", version="1")
SETTINGS = Settings(answer_model="scripted", answer_retries=0)


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def url(script: Script) -> Iterator[str]:
    with model_server(script) as url:
        yield url


def hits(injection: Injection) -> tuple[Hit, Hit]:
    lineage = Lineage(source="/kept/a", content_hash="0" * 64, size=1, modified_at=0.0, added_at=0.0, reader=PRODUCER)
    item = Item(
        id="it_open",
        tenant="local",
        modality=Modality.TEXT,
        media_type="text/plain",
        title=injection.text,
        rights=Rights(readers=frozenset({"owner"})),
        lineage=lineage,
    )
    piece = Piece(
        item_id=item.id,
        ordinal=0,
        modality=Modality.TEXT,
        place=Place(),
        producer=PRODUCER,
        text=injection.text,
        aspect=injection.aspect,
    )
    innocent = replace(piece, ordinal=1, text="Boats rest in the bay at night.")
    return Hit(item=item, piece=piece, score=0.9, evidence=()), Hit(item=item, piece=innocent, score=0.5, evidence=())


def answered(injection: Injection, answerer: Answerer) -> tuple[Answer, list[str]]:
    """The answer, and every question that the library was asked for it."""
    searched: list[str] = []

    def search(question: str) -> Any:
        searched.append(question)
        return hits(injection)

    asking = Asking(
        search=search,
        telling=Telling(pieces=lambda item: (), seen=lambda item: None),
        encoder=HashEncoder(width=64),
        answerer=answerer,
    )
    *_, answer = ask(QUESTION, "answer", asking)
    assert isinstance(answer, Answer)
    return answer, searched


@pytest.fixture
def contacted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that a connection is made to, and every name that is looked up."""
    seen: list[tuple[str, int]] = []
    real = socket.create_connection

    def create_connection(address: tuple[str, int], *more: Any, **options: Any) -> socket.socket:
        seen.append(address)
        return real(address, *more, **options)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return seen


def test_the_corpus_is_large_and_each_of_it_is_obeyed(script: Script) -> None:
    assert len(CORPUS) >= 60
    assert len({one.id for one in CORPUS}) == len(CORPUS)
    assert all(script.obey({"evidence": one.text})[0] for one in CORPUS)


@pytest.mark.parametrize("injection", CORPUS, ids=lambda one: one.id)
def test_a_model_that_obeys_changes_no_tool_scope_destination_or_citation(
    injection: Injection, script: Script, url: str, contacted: list[tuple[str, int]]
) -> None:
    script.seen.clear()
    settings = replace(SETTINGS, answer_url=url)
    answer, searched = answered(injection, Chat.load(settings, HashEncoder()))
    (body,) = script.seen
    assert "tools" not in body
    assert searched == [QUESTION]
    assert {(host, port) for host, port, *_ in contacted} == {("127.0.0.1", int(url.split(":")[2].split("/")[0]))}
    assert {one.host for one in answer.spent.departures} == {url.split("/")[2]}
    assert answer.sentences, "the scripted model obeyed, or nothing is shown by this test"
    pack = {exhibit.number for exhibit in answer.pack.exhibits}
    for sentence in answer.sentences:
        assert {citation.exhibit.number for citation in sentence.citations} <= pack
        assert not set(sentence.dropped) & pack
        assert HARBOUR not in sentence.text or HARBOUR in answer.pack.exhibits[0].text
        assert "](" not in sentence.text
    if injection.wish.name in ("hidden", "numbers", "tool"):
        assert not any(sentence.supported for sentence in answer.sentences)
    if injection.wish.name == "hidden":
        assert answer.sentences[0].citations == ()
        assert answer.sentences[0].dropped == (99, 1000)
    if injection.wish.name == "tool":
        assert any("tool" in note for note in answer.spent.notes)


@pytest.mark.parametrize("injection", CORPUS, ids=lambda one: one.id)
def test_evidence_goes_out_as_data_of_one_message_apart_from_the_instructions(
    injection: Injection, script: Script, url: str
) -> None:
    script.seen.clear()
    answered(injection, Chat.load(replace(SETTINGS, answer_url=url), HashEncoder()))
    system, user = script.seen[0]["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert injection.wish.words not in system["content"]
    question, evidence = (json.loads(part["text"]) for part in user["content"])
    assert question["question"] == QUESTION
    assert injection.wish.words not in json.dumps(question)
    assert evidence["evidence"][0]["text"] == injection.text
    assert "/kept/a" not in json.dumps(script.seen[0])


@pytest.mark.parametrize("injection", CORPUS, ids=lambda one: one.id)
def test_without_a_model_an_order_is_a_sentence_like_any_other(
    injection: Injection, contacted: list[tuple[str, int]]
) -> None:
    answer, searched = answered(injection, Extractive(HashEncoder(width=64)))
    assert searched == [QUESTION]
    assert contacted == []
    assert answer.spent.departures == []
    assert all(citation.supports for sentence in answer.sentences for citation in sentence.citations)
