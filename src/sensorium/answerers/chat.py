"""Answers by a language model behind any server that speaks the chat completions protocol.

llama.cpp, Ollama, vLLM and hosted services do. Nothing is sent unless `answer_url` names a server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Any

from sensorium.answerers.prompt import departures, drafts, messages, planned, planning, planning_departures
from sensorium.answerers.server import Address, Server
from sensorium.core.answers import AnswerRequest, Departure, Draft, Spent
from sensorium.core.errors import BadSetting
from sensorium.core.ports import Encoder
from sensorium.core.settings import Settings

MILLION = 1_000_000


class Chat:
    """Fits the port `Answerer`. What it gives is what a model says: `citations` judges it before anybody reads it."""

    name = "chat"

    def __init__(self, settings: Settings, server: Server) -> None:
        self._settings = settings
        self._server = server

    @property
    def host(self) -> str:
        """Where it sends what it sends, as a receipt shows it."""
        return self._server.address.name

    @classmethod
    def load(cls, settings: Settings, encoder: Encoder) -> Chat:
        """Fits the port `AnswererFactory`. Raises BadSetting."""
        address = Address.read(settings.answer_url)
        if not settings.answer_model:
            raise BadSetting("no model is named", subject="answer_model", remedy="name one that the server has")
        server = Server(
            address=address,
            key=_key(settings, address, os.environ),
            seconds=settings.answer_seconds,
            retries=settings.answer_retries,
        )
        return cls(settings, server)

    def write(self, request: AnswerRequest, spent: Spent) -> Iterator[Draft]:
        """Sentences as the model finishes them."""
        if not request.pack.exhibits:
            return
        pictures = bool(self._settings.answer_pictures)
        left = departures(request, self._server.address.name, pictures=pictures)
        yield from drafts(self.said(messages(request, pictures=pictures), left, request.stop, spent))

    def split(self, question: str, most: int, stop: Event, spent: Spent) -> list[str]:
        """Fits the port `Planner`."""
        left = planning_departures(question, most, self._server.address.name)
        return planned(self.said(planning(question, most), left, stop, spent), question, most)

    def said(
        self, told: Sequence[dict[str, Any]], left: Sequence[Departure], stop: Event, spent: Spent
    ) -> Iterator[str]:
        """What the model says to these messages. left: what is on the receipt for each time that they are sent."""
        body = {
            "model": self._settings.answer_model,
            "messages": told,
            "max_tokens": self._settings.answer_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

        def sent() -> None:
            spent.requests += 1
            spent.departures.extend(left)

        return self._words(self._server.stream(body, stop, sent), spent)

    def _words(self, events: Iterator[dict[str, Any]], spent: Spent) -> Iterator[str]:
        """What the model says. Anything else that it sends, calls of tools above all, is told and not done."""
        for event in events:
            usage = event.get("usage")
            if isinstance(usage, dict):
                self._account(usage, spent)
            choices = event.get("choices")
            first = choices[0] if isinstance(choices, list) and choices else None
            if not isinstance(first, dict):
                continue
            said = first.get("delta") or first.get("message")
            if not isinstance(said, dict):
                continue
            if said.get("tool_calls") or said.get("function_call"):
                _note(spent, "The model asked for a tool; none was offered, and nothing was done.")
            if isinstance(said.get("content"), str):
                yield said["content"]
            if first.get("finish_reason") == "length":
                _note(spent, "The model reached `answer_tokens` before it ended.")

    def _account(self, usage: Mapping[str, Any], spent: Spent) -> None:
        sent, written = (_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
        spent.tokens_in += sent
        spent.tokens_out += written
        prices = self._settings.answer_price_in, self._settings.answer_price_out
        spent.cost += (sent * prices[0] + written * prices[1]) / MILLION


def _key(settings: Settings, address: Address, environment: Mapping[str, str]) -> str:
    if not settings.answer_key_variable:
        return ""
    key = environment.get(settings.answer_key_variable, "")
    if not key or not key.isascii() or not key.isprintable():
        raise BadSetting(
            "this variable holds no key", subject=settings.answer_key_variable, remedy="set it, or name another one"
        )
    if address.scheme != "https" and not address.is_here:
        raise BadSetting(
            "a key is not sent over plain http", subject=address.name, remedy="name the server by https, or no key"
        )
    return key


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _note(spent: Spent, note: str) -> None:
    if note not in spent.notes:
        spent.notes.append(note)
