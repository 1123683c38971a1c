"""Answers as data."""

from __future__ import annotations

import json

from sensorium.core.answers import ANSWER_SCHEMA, Answer, Citation, Departure, Exhibit, Form, Hop, Pack, Sentence, Spent
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.results import Hit

PRODUCER = Producer(name="reader.text", version="1")


def exhibit(number: int) -> Exhibit:
    lineage = Lineage(source="/a", content_hash="0" * 64, size=1, modified_at=0.0, added_at=0.0, reader=PRODUCER)
    item = Item(
        id="it_1",
        tenant="local",
        modality=Modality.TEXT,
        media_type="text/plain",
        title="a",
        rights=Rights(),
        lineage=lineage,
    )
    piece = Piece(
        item_id="it_1",
        ordinal=number,
        modality=Modality.TEXT,
        place=Place(page=number),
        producer=PRODUCER,
        text="dogs",
    )
    return Exhibit(number=number, hit=Hit(item=item, piece=piece, score=0.5, evidence=()), text="dogs")


PACK = Pack(exhibits=(exhibit(1), exhibit(2)))


def answer(*sentences: Sentence, **more: object) -> Answer:
    return Answer(
        question="?",
        form=Form.ANSWER,
        answered=True,
        sentences=sentences,
        pack=PACK,
        answerer="test",
        **more,  # type: ignore[arg-type]
    )


def sentence(text: str, *numbers: int, supported: bool = True) -> Sentence:
    cited = tuple(Citation(exhibit=exhibit(number), support=0.8, supports=supported) for number in numbers)
    return Sentence(text=text, citations=cited, supported=supported)


def test_a_pack_knows_its_numbers_alone() -> None:
    assert PACK.get(2) == exhibit(2)
    assert PACK.get(0) is None
    assert PACK.get(3) is None
    assert PACK.get(-1) is None


def test_the_text_carries_the_numbers_of_what_it_cites() -> None:
    assert answer(sentence("Dogs bark.", 1, 2), sentence("Cats do not.")).text == "Dogs bark. [1] [2] Cats do not."


def test_what_is_cited_is_listed_once_by_number() -> None:
    assert [one.number for one in answer(sentence("b", 2), sentence("a", 1, 2)).cited] == [1, 2]


def test_the_supported_share_counts_sentences() -> None:
    assert answer(sentence("a", 1), sentence("b", supported=False)).supported_share == 0.5
    assert answer().supported_share == 1.0


def test_the_json_survives_the_wire_and_names_its_schema() -> None:
    spent = Spent(departures=[Departure(host="127.0.0.1:1", piece="it_1.1", medium="text", bytes=4)], tokens_in=3)
    document = answer(sentence("a", 1), path=(Hop(question="?", found=(1,)),), spent=spent).as_json()
    assert json.loads(json.dumps(document)) == document
    assert document["schema"] == ANSWER_SCHEMA
    assert document["sentences"][0]["citations"][0]["place"] == {"page": 1}
    assert document["left"] == [{"host": "127.0.0.1:1", "piece": "it_1.1", "medium": "text", "bytes": 4}]
    assert document["path"][0]["found"] == [1]
