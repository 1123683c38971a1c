"""One request to the server that was named, its failures, its end; what left is on the receipt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sensorium.answerers.asking import Asking, ask
from sensorium.answerers.chat import Chat
from sensorium.answerers.pack import Telling
from sensorium.answerers.server import Address, Server
from sensorium.core.answers import Answer, AnswerRequest, Draft, Form, Spent
from sensorium.core.errors import AnswerFailed, BadSetting
from sensorium.core.results import Hit
from sensorium.core.settings import Settings
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.model_server import Script, model_server

from .evidence import pack

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

LINES = ['{"text": "Dogs bark.", "cites": [1]}', '{"text": "Cats do not.", "cites": [2]}']
SETTINGS = Settings(answer_model="m", answer_price_in=10.0, answer_price_out=100.0)


def request(stop: threading.Event | None = None) -> AnswerRequest:
    return AnswerRequest(
        question="Who barks?", form=Form.ANSWER, pack=pack("Dogs bark.", "Cats do not."), stop=stop or threading.Event()
    )


@contextmanager
def served(script: Script, settings: Settings = SETTINGS) -> Iterator[tuple[Chat, list[float]]]:
    """The answerer, and the pauses that it made."""
    pauses: list[float] = []
    with model_server(script) as url:
        settings = replace(settings, answer_url=url)
        server = Server(
            address=Address.read(url),
            seconds=settings.answer_seconds,
            retries=settings.answer_retries,
            pause=pauses.append,
        )
        yield Chat(settings, server), pauses


def written(chat: Chat, spent: Spent | None = None) -> list[Draft]:
    return list(chat.write(request(), spent or Spent()))


@pytest.mark.parametrize("streams", [True, False])
def test_sentences_come_with_their_numbers_streamed_or_not(streams: bool) -> None:
    with served(Script(lines=LINES, streams=streams)) as (chat, _):
        assert written(chat) == [Draft(text="Dogs bark.", cites=(1,)), Draft(text="Cats do not.", cites=(2,))]


def test_tokens_and_cost_are_counted() -> None:
    spent = Spent()
    with served(Script(lines=LINES)) as (chat, _):
        written(chat, spent)
    assert (spent.tokens_in, spent.tokens_out) == (100, 10)
    assert spent.cost == pytest.approx(0.002)


def test_what_left_is_told_piece_by_piece() -> None:
    spent, script = Spent(), Script(lines=LINES)
    with served(script) as (chat, _):
        written(chat, spent)
    assert [one.piece for one in spent.departures] == ["", "it_note1.0", "it_note2.0"]
    assert all(one.bytes > 0 and one.host.startswith("127.0.0.1:") for one in spent.departures)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_and_each_request_is_told(status: int) -> None:
    spent = Spent()
    with served(Script(failures=[status], lines=LINES)) as (chat, pauses):
        assert len(written(chat, spent)) == 2
    assert pauses == [0.0]  # as Retry-After asked
    assert spent.requests == 2
    assert len(spent.departures) == 6


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404])
def test_a_refusal_or_a_redirect_is_not_followed_and_not_repeated(status: int) -> None:
    script = Script(failures=[status], lines=LINES)
    with served(script) as (chat, _), pytest.raises(AnswerFailed, match=str(status)):
        written(chat)
    assert len(script.seen) == 1


def test_retries_end() -> None:
    script = Script(failures=[503] * 9, lines=LINES)
    with served(script) as (chat, _), pytest.raises(AnswerFailed):
        written(chat)
    assert len(script.seen) == 1 + SETTINGS.answer_retries


def test_an_answer_that_breaks_off_is_an_error_after_what_came() -> None:
    with served(Script(lines=LINES, breaks=True)) as (chat, _):
        drafts = chat.write(request(), Spent())
        assert next(drafts).text == "Dogs bark."
        with pytest.raises(AnswerFailed, match="broke off"):
            list(drafts)


def test_nobody_there_is_an_error_and_nothing_left() -> None:
    spent = Spent()
    with served(Script()) as (chat, _):
        pass
    with pytest.raises(AnswerFailed, match="did not answer"):
        written(chat, spent)
    assert spent.departures == []


def test_a_stop_ends_an_answer_that_is_waited_for() -> None:
    stop, hold = threading.Event(), threading.Event()
    with served(Script(lines=LINES, hold=hold)) as (chat, _):
        drafts = chat.write(request(stop), Spent())
        assert next(drafts).text == "Dogs bark."
        stop.set()
        assert list(drafts) == []
        hold.set()


def test_a_server_that_takes_too_long_is_an_error() -> None:
    hold = threading.Event()
    with served(Script(lines=LINES, hold=hold), replace(SETTINGS, answer_seconds=0.5)) as (chat, _):
        with pytest.raises(AnswerFailed):
            written(chat)
        hold.set()


def test_the_key_goes_along_and_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "k-123")
    script = Script(lines=LINES)
    with model_server(script) as url:
        chat = Chat.load(replace(SETTINGS, answer_url=url, answer_key_variable="MODEL_KEY"), HashEncoder())
        written(chat)
        assert "k-123" not in repr(chat._server)
    assert script.keys == ["Bearer k-123"]


def test_a_key_is_not_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "k-123")
    settings = replace(SETTINGS, answer_url="http://models.invalid/v1", answer_key_variable="MODEL_KEY")
    with pytest.raises(BadSetting, match="plain http"):
        Chat.load(settings, HashEncoder())


@pytest.mark.parametrize(
    "url", ["ftp://a/v1", "file:///etc/passwd", "http://", "http://me:pw@a/v1", "http://a/v1?k=1", "a:b"]
)
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(BadSetting):
        Address.read(url)


@pytest.mark.parametrize(("url", "here"), [("http://localhost:1", True), ("http://[::1]:1", True), ("http://a", False)])
def test_this_machine_is_told_from_others(url: str, here: bool) -> None:
    assert Address.read(url).is_here is here


PARTS = ['"Who built the ship?"', '["When did the ship sink?", "Who built the ship?", 7]', "nonsense"]


def test_a_question_is_taken_apart_by_the_model_and_it_is_told_no_evidence() -> None:
    spent, script = Spent(), Script(lines=PARTS)
    with served(script) as (chat, _):
        found = chat.split("Who built the ship and when did it sink?", 3, threading.Event(), spent)
    assert found == ["Who built the ship?", "When did the ship sink?"]
    assert [message["role"] for message in script.seen[0]["messages"]] == ["system", "user"]
    assert [(one.piece, one.medium) for one in spent.departures] == [("", "text")]
    assert spent.departures[0].bytes == sum(len(one["content"].encode()) for one in script.seen[0]["messages"])


def test_no_more_parts_are_taken_than_allowed_and_none_that_is_long_or_the_question() -> None:
    lines = ['"the question"', f'"{"x" * 301}"', *(f'"part {n}"' for n in range(9))]
    with served(Script(lines=lines)) as (chat, _):
        assert chat.split("the question", 2, threading.Event(), Spent()) == ["part 0", "part 1"]


def test_a_plan_that_fails_leaves_the_question_to_the_rules() -> None:
    asked = list[str]()

    def search(question: str) -> list[Hit]:
        asked.append(question)
        return []

    with served(Script(failures=[400] * 9)) as (chat, _):
        asking = Asking(
            search=search,
            telling=Telling(pieces=lambda item: [], seen=lambda item: None),
            encoder=HashEncoder(),
            answerer=chat,
        )
        *_, answer = ask("Who paints? Where do cats sleep?", "answer", asking)
    assert asked == ["Who paints? Where do cats sleep?", "Who paints", "Where do cats sleep"]
    assert isinstance(answer, Answer)
    assert "by rule" in answer.spent.notes[0]
