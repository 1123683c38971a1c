"""The contract of answerers over both that we ship; the model behind one of them is scripted, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest

from sensorium.answerers.chat import Chat
from sensorium.answerers.extractive import Extractive
from sensorium.core.answers import Spent
from sensorium.core.ports import Planner
from sensorium.core.settings import Settings
from sensorium.testing.answerer_contract import AnswererContract
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.model_server import Script, model_server

LINE = '{"text": "It was built in 1874.", "cites": [1]}'


class TestExtractive(AnswererContract):
    @pytest.fixture
    def answerer(self) -> Extractive:
        return Extractive.load(Settings(), HashEncoder(width=256))


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
class TestChat(AnswererContract):
    @pytest.fixture
    def answerer(self) -> Iterator[Chat]:
        with model_server(Script(lines=[LINE])) as url:
            yield Chat.load(replace(Settings(), answer_url=url, answer_model="m"), HashEncoder())

    def test_it_plans(self, answerer: Chat) -> None:
        assert isinstance(answerer, Planner)
        assert answerer.split("Who paints and who pays?", 2, Event(), Spent()) == []
