"""The whole of an answer: search, hops, pack, write, check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from sensorium.answerers.citations import Checker
from sensorium.answerers.hops import COVERED, Walked, parts, walk
from sensorium.answerers.pack import Budget, Telling, packed
from sensorium.answerers.statements import statements
from sensorium.core.answers import Answer, AnswerRequest, Form, Hop, Pack, Sentence, Spent
from sensorium.core.errors import AnswerFailed, BadQuery
from sensorium.core.ports import Answerer, Encoder, Planner
from sensorium.core.results import Hit

COLUMNS = ("item", "place", "what it says")
"""Heads of a table of sentences, which has no heads of its own."""

AnswerEvent = Pack | Sentence | Answer
"""What streams: the evidence first, each sentence once it is checked, at last the whole answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What an answer is made with. search: of one question, best hit first, already bound to who asks and where.

    hops: most parts that a question is split into. stop: set it from another thread to end early.
    """

    search: Callable[[str], Sequence[Hit]]
    telling: Telling
    encoder: Encoder
    answerer: Answerer
    budget: Budget = field(default_factory=Budget)
    hops: int = 3
    stop: Event = field(default_factory=Event)


def ask(question: str, form: Form | str, asking: Asking) -> Iterator[AnswerEvent]:
    """The events of one answer. Raises BadQuery, and what the search and the answerer raise."""
    wanted = _form(form)
    spent = Spent()
    walked = walk(question, asking.search, asking.hops, lambda whole, covered: _split(whole, covered, asking, spent))
    pack = packed(walked.hits, asking.telling, asking.budget)
    yield pack
    request = AnswerRequest(question=question, form=wanted, pack=pack, stop=asking.stop)
    checker = Checker(pack=pack, encoder=asking.encoder)
    sentences: list[Sentence] = []
    columns: tuple[str, ...] = ()
    for draft in asking.answerer.write(request, spent):
        if asking.stop.is_set():
            break
        sentence = checker.check(draft)
        if wanted is Form.TABLE and not sentences and not columns and sentence.cells and not draft.cites:
            columns = sentence.cells  # the first row of a model is its heads
            continue
        if sentence.text:
            sentences.append(sentence)
            yield sentence
    if wanted is Form.TABLE and sentences and not columns:
        columns = _columns(sentences, pack)
    _tell_dropped(sentences, spent)
    yield Answer(
        question=question,
        form=wanted,
        answered=bool(sentences),
        sentences=tuple(sentences),
        pack=pack,
        answerer=asking.answerer.name,
        columns=columns,
        path=_path(walked, pack),
        spent=spent,
        stopped=asking.stop.is_set(),
    )


def _form(form: Form | str) -> Form:
    try:
        return Form(form)
    except ValueError:
        raise BadQuery(f"{form!r} is no form of an answer", remedy=f"choose from: {', '.join(Form)}") from None


def _split(question: str, covered: float, asking: Asking, spent: Spent) -> list[str]:
    """The parts of a question: planned by the answerer where it can and no hit covers the question, else by rule."""
    if covered >= COVERED or not isinstance(asking.answerer, Planner):
        return parts(question)
    try:
        return asking.answerer.split(question, asking.hops, asking.stop, spent)
    except AnswerFailed as error:
        spent.notes.append(f"The question was taken apart by rule, because the model did not plan it ({error.what}).")
        return parts(question)


def _path(walked: Walked, pack: Pack) -> tuple[Hop, ...]:
    """The hops, each with the exhibits that it was the first to bring."""
    known: set[str] = set()
    path = []
    for hop, pieces in zip(walked.path, walked.by_hop, strict=True):
        own = set(pieces) - known
        known |= own
        found = tuple(one.number for one in pack.exhibits if one.hit.piece.id in own)
        path.append(Hop(question=hop.question, parent=hop.parent, found=found, covered=hop.covered))
    return tuple(path)


def _columns(sentences: Sequence[Sentence], pack: Pack) -> tuple[str, ...]:
    """The heads of a table that came without: those of the table that the rows were taken from."""
    cells = sentences[0].cells
    for citation in sentences[0].citations:
        for statement in statements(citation.exhibit.text):
            if statement.cells == cells:
                return statement.columns
    return COLUMNS if len(cells) == len(COLUMNS) else ()


def _tell_dropped(sentences: Sequence[Sentence], spent: Spent) -> None:
    dropped = sum(len(sentence.dropped) for sentence in sentences)
    if dropped:
        spent.notes.append(f"{dropped} citations of what was not in the evidence were dropped.")
