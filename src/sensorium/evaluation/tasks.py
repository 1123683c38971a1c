"""What is asked of what: queries, a gallery of answers, and which of them are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality

DEPTH = 1_000
"""How many answers to a query are looked at: what TREC's runs hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A query or an answer: a text, or a file of a known sense. id: unique among its like."""

    id: str
    modality: Modality
    text: str | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One way to ask.

    grades: for each query the grades of its right answers by their ids, each 1 or more; what is not named is wrong.
    clusters: for each query what it belongs to (the picture that captions describe); queries of one cluster rise and
    fall together, and intervals take that into account. leave_out: each query is itself in the gallery, by its id, and
    is taken out of its own answers. by_page: the answers are the pages of the gallery's files, `FILE#PAGE` from 1.
    note: what the reader of a report must know besides.

    Raises BadInput for an id that is there twice, a query without a right answer, and a right answer that the gallery
    lacks.
    """

    name: str
    queries: tuple[Entry, ...]
    gallery: tuple[Entry, ...]
    grades: tuple[Mapping[str, int], ...] = field(repr=False)
    clusters: tuple[str, ...] = field(repr=False)
    leave_out: bool = False
    by_page: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if not self.queries or not self.gallery:
            raise BadInput("it asks nothing, or of nothing", subject=self.name, remedy="give at least one row of each")
        _check_unique(self.queries, f"{self.name}, queries")
        _check_unique(self.gallery, f"{self.name}, gallery")
        known = {answer.id for answer in self.gallery}
        for query, graded in zip(self.queries, self.grades, strict=True):
            if not any(answer != query.id or not self.leave_out for answer in graded):
                raise BadInput(
                    "no answer to it is right", subject=f"query {query.id}", remedy="judge one, or take it out"
                )
            strange = [answer for answer in graded if answer not in known]
            if strange and not self.by_page:
                raise BadInput(
                    f"its right answer {strange[0]} is not in the gallery",
                    subject=f"query {query.id}",
                    remedy="add it to the items, or take the judgment out",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What `read_suite` read. depth: how many answers to a query are looked at."""

    name: str
    kind: str
    tasks: tuple[Task, ...]
    depth: int = DEPTH


def senses(entries: Iterable[Entry]) -> str:
    """The senses of these, in words.

    >>> senses([Entry(id="1", modality=Modality.TEXT, text="a"), Entry(id="2", modality=Modality.IMAGE)])
    'image+text'
    """
    return "+".join(sorted({str(entry.modality) for entry in entries}))


def _check_unique(entries: Iterable[Entry], subject: str) -> None:
    ((most, times),) = Counter(entry.id for entry in entries).most_common(1)
    if times > 1:
        raise BadInput(f"the id {most} is there {times} times", subject=subject, remedy="give each its own")
