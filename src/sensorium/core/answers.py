"""An answer in words, and what each of its sentences stands on."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sensorium.core.departures import Departure as Departure
from sensorium.core.items import Preview
from sensorium.core.results import Hit

ANSWER_SCHEMA = "sensorium.answer/1"
"""Name and version of the JSON of an answer; `docs/answers.md` describes it. New fields do not change the version."""


class Form(StrEnum):
    """How an answer is laid out.

    answer: the few sentences that answer. brief: one sentence from each of the best sources. summary: more of them, in
    the order of the sources. comparison: by source or by what is compared, each under its heading. table: rows.
    """

    ANSWER = "answer"
    BRIEF = "brief"
    SUMMARY = "summary"
    COMPARISON = "comparison"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One numbered piece of evidence. number: from 1. text: what it says, plain and cut to its share of the budget.

    described: the text tells what is seen or heard in it; it does not say this itself. shortened: there is more of it.
    """

    number: int
    hit: Hit
    text: str
    described: bool = False
    shortened: bool = False

    @property
    def picture(self) -> Preview | None:
        """A small picture of it, where there is one."""
        return self.hit.preview

    def as_json(self) -> dict[str, Any]:
        """One entry of `evidence` in the schema `ANSWER_SCHEMA`."""
        return {
            "number": self.number,
            **_where(self.hit),
            "kind": self.hit.kind,
            "score": round(self.hit.score, 6),
            "text": self.text,
            "described": self.described,
            "shortened": self.shortened,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The evidence that an answer may use, and none else. exhibits: numbered from 1 without gaps."""

    exhibits: tuple[Exhibit, ...] = ()

    def __len__(self) -> int:
        return len(self.exhibits)

    def get(self, number: int) -> Exhibit | None:
        """The exhibit of this number, None where there is none."""
        return self.exhibits[number - 1] if 1 <= number <= len(self.exhibits) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sentence as an answerer gives it, before anything is checked.

    cites: numbers of exhibits. heading: what it stands under, "" for nothing. cells: of a row of a table.
    """

    text: str
    cites: tuple[int, ...] = ()
    heading: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A reference of a sentence to an exhibit that was in the pack.

    support: 0..1, how far the exhibit bears the sentence out. supports: whether that is enough.
    """

    exhibit: Exhibit
    support: float
    supports: bool

    def as_json(self) -> dict[str, Any]:
        """One entry of `citations` in the schema `ANSWER_SCHEMA`."""
        return {
            "number": self.exhibit.number,
            **_where(self.exhibit.hit),
            "support": round(self.support, 4),
            "supports": self.supports,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an answer, checked. supported: an exhibit that it cites bears it out.

    dropped: numbers that it cited and that were not in the pack. heading, cells: as of a `Draft`.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    supported: bool = False
    dropped: tuple[int, ...] = ()
    heading: str = ""
    cells: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """One entry of `sentences` in the schema `ANSWER_SCHEMA`."""
        return {
            "text": self.text,
            "heading": self.heading,
            "cells": list(self.cells),
            "citations": [citation.as_json() for citation in self.citations],
            "supported": self.supported,
            "dropped": list(self.dropped),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One question that was asked on the way. parent: place in the path of the hop it came from, None for the first.

    found: numbers of the exhibits that it brought. covered: 0..1, how much of its words the evidence holds.
    """

    question: str
    parent: int | None = None
    found: tuple[int, ...] = ()
    covered: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """One entry of `path` in the schema `ANSWER_SCHEMA`."""
        return {
            "question": self.question,
            "parent": self.parent,
            "found": list(self.found),
            "covered": round(self.covered, 4),
        }


@dataclass(slots=True, kw_only=True)
class Spent:
    """What writing an answer took, filled in while it is written.

    tokens_in, tokens_out: as the server counts them. cost: by the prices of the settings, in their currency. requests:
    that were sent, those that failed too. notes: what the caller should know, one sentence each.
    """

    departures: list[Departure] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    requests: int = 0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """`spent` in the schema `ANSWER_SCHEMA`."""
        return {
            "requests": self.requests,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost": round(self.cost, 6),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """What an answerer is asked. stop: set it from another thread to end early."""

    question: str
    form: Form
    pack: Pack
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question.

    answered: False where nothing in the library answers: then there is no sentence, and the pack holds the nearest.
    answerer: name of what wrote it. columns: heads of the cells of a table. path: what was asked on the way. stopped:
    it was cancelled before its end.
    """

    question: str
    form: Form
    answered: bool
    sentences: tuple[Sentence, ...]
    pack: Pack
    answerer: str
    columns: tuple[str, ...] = ()
    path: tuple[Hop, ...] = ()
    spent: Spent = field(default_factory=Spent)
    stopped: bool = False

    @property
    def text(self) -> str:
        """The sentences, with the numbers of what they cite.

        >>> Answer(question="?", form=Form.ANSWER, answered=False, sentences=(), pack=Pack(), answerer="none").text
        ''
        """
        return " ".join(f"{one.text}{_marks(one)}" for one in self.sentences)

    @property
    def cited(self) -> tuple[Exhibit, ...]:
        """The exhibits that a sentence cites, by number."""
        found = {one.exhibit.number: one.exhibit for sentence in self.sentences for one in sentence.citations}
        return tuple(found[number] for number in sorted(found))

    @property
    def supported_share(self) -> float:
        """How many of the sentences are supported, 0..1; 1 where there are none."""
        return sum(one.supported for one in self.sentences) / len(self.sentences) if self.sentences else 1.0

    def as_json(self) -> dict[str, Any]:
        """The whole answer in the schema `ANSWER_SCHEMA`."""
        return {
            "schema": ANSWER_SCHEMA,
            "question": self.question,
            "form": str(self.form),
            "answered": self.answered,
            "answerer": self.answerer,
            "columns": list(self.columns),
            "sentences": [sentence.as_json() for sentence in self.sentences],
            "evidence": [exhibit.as_json() for exhibit in self.pack.exhibits],
            "path": [hop.as_json() for hop in self.path],
            "left": [departure.as_json() for departure in self.spent.departures],
            "spent": self.spent.as_json(),
            "notes": list(self.spent.notes),
            "stopped": self.stopped,
        }


def _where(hit: Hit) -> Mapping[str, Any]:
    return {
        "item": hit.item.id,
        "piece": hit.piece.id,
        "title": hit.item.title,
        "path": hit.path,
        "place": hit.piece.place.as_json(),
    }


def _marks(sentence: Sentence) -> str:
    return "".join(f" [{citation.exhibit.number}]" for citation in sentence.citations)
