"""Answers of a library: from what the caller may see, with what each sentence stands on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.core.answers import Answer, Pack, Sentence
from sensorium.core.errors import BadQuery, BadSetting
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.testing.encoders import HashEncoder

NOTES = {
    "fox.txt": "The red fox sleeps in the old barn. It was seen there in 1901.",
    "ship.txt": "The blue ship carries coal to Honolulu.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sensorium.Library]:
    folder = tmp_path_factory.mktemp("answers")
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    with sensorium.open(folder / "library", encoder=HashEncoder(width=256)) as library:
        library.add(*(folder / name for name in NOTES))
        yield library


def test_an_answer_is_a_sentence_of_what_is_there_and_says_which(library: sensorium.Library) -> None:
    answer = library.answer("Where does the red fox sleep")
    assert answer.answered
    assert answer.sentences[0].text == "The red fox sleeps in the old barn."
    assert answer.sentences[0].supported
    assert answer.sentences[0].citations[0].exhibit.hit.path.endswith("fox.txt")
    assert answer.spent.departures == []


def test_what_nothing_answers_is_refused_with_the_nearest(library: sensorium.Library) -> None:
    answer = library.answer("quantum chromodynamics lattice")
    assert not answer.answered
    assert answer.sentences == ()
    assert answer.pack.exhibits


def test_an_answer_streams_evidence_then_sentences_then_itself(library: sensorium.Library) -> None:
    events = list(library.answer_stream("Where does the red fox sleep"))
    assert isinstance(events[0], Pack)
    assert isinstance(events[-1], Answer)
    assert [event for event in events if isinstance(event, Sentence)] == list(events[-1].sentences)


def test_where_it_looks_can_be_narrowed(library: sensorium.Library) -> None:
    assert library.answer("Where does the red fox sleep", modalities=["image"]).pack.exhibits == ()


def test_a_stopped_answer_says_so(library: sensorium.Library) -> None:
    stop = threading.Event()
    stop.set()
    answer = library.answer("Where does the red fox sleep", stop=stop)
    assert answer.stopped
    assert answer.sentences == ()


def test_a_stranger_gets_neither_sentences_nor_evidence(library: sensorium.Library) -> None:
    stranger = library.seen_by(Scope(tenant="local", principals=frozenset({"user:stranger"})))
    answer = stranger.answer("Where does the red fox sleep")
    assert not answer.answered
    assert answer.pack.exhibits == ()


@pytest.mark.parametrize("form", ["answer", "brief", "summary", "comparison", "table"])
def test_every_form_cites_what_was_in_the_evidence(library: sensorium.Library, form: str) -> None:
    answer = library.answer("Where does the red fox sleep", form=form)
    assert answer.sentences
    assert all(one.citations and one.supported for one in answer.sentences)


def test_a_comparison_has_a_heading_for_each_thing(library: sensorium.Library) -> None:
    answer = library.answer("Compare the red fox and the blue ship", form="comparison")
    assert list(dict.fromkeys(one.heading for one in answer.sentences)) == ["the red fox", "the blue ship"]


def test_an_unknown_form_is_refused(library: sensorium.Library) -> None:
    with pytest.raises(BadQuery, match="no form"):
        library.answer("red fox", form="poem")


def test_a_server_without_a_model_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    settings = Settings(answer_url="http://127.0.0.1:9/v1")
    with sensorium.open(tmp_path, encoder=HashEncoder(), settings=settings) as library:
        with pytest.raises(BadSetting, match="no model"):
            library.answer("red fox")
