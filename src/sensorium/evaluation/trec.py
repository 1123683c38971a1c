"""Judgments and runs as files, in the formats of TREC: how other tools check what was measured here.

A line of qrels is `query iteration answer grade`, a line of a run `query iteration answer rank score tag`, fields
apart by white space (Buckley and Voorhees 2005, in TREC: Experiment and Evaluation in Information Retrieval; the format
of trec_eval). Order within a query is by score, high to low, and among equal scores by the answer's id, high to low,
as trec_eval has it; the rank that stands in the line is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensorium.core.errors import BadInput, WriteFailed
from sensorium.evaluation.measures import Judged
from sensorium.evaluation.tasks import DEPTH

Run = dict[str, list[tuple[str, float]]]
"""For each query its answers with their scores, best first."""

SCORE = "%.9g"
"""Nine digits tell any two float32 apart, and trec_eval reads scores as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """One line of qrels. grade: 0 or below is wrong, more is better. place: file and line."""

    query: str
    answer: str
    grade: int
    place: str


def read_qrels(path: Path) -> list[Judgment]:
    """All judgments of a file, in its order. Raises BadInput for a line that is none, or that judges again."""
    judgments: dict[tuple[str, str], Judgment] = {}
    for place, (query, _, answer, grade) in _lines(path, "query 0 answer grade"):
        if (query, answer) in judgments:
            raise BadInput(f"{answer} is judged again for {query}", subject=place, remedy="keep one of the lines")
        try:
            judgments[query, answer] = Judgment(query=query, answer=answer, grade=int(grade), place=place)
        except ValueError:
            raise BadInput(f"{grade!r} is no grade", subject=place, remedy="give a whole number") from None
    return list(judgments.values())


def read_run(path: Path) -> Run:
    """Every query's answers, best first. Raises BadInput for a line that is none, or that names an answer again."""
    scores: dict[str, dict[str, float]] = {}
    for place, (query, _, answer, rank, score, _) in _lines(path, "query Q0 answer rank score tag"):
        own = scores.setdefault(query, {})
        if answer in own:
            raise BadInput(f"{answer} answers {query} again", subject=place, remedy="keep one of the lines")
        own[answer] = _number(score, place)
        _number(rank, place)
    return {
        query: sorted(own.items(), key=lambda pair: (pair[1], pair[0]), reverse=True) for query, own in scores.items()
    }


def judge(run: Run, judgments: Iterable[Judgment], depth: int = DEPTH) -> tuple[list[str], Judged]:
    """The queries that have a right answer, and what the run found for each, down to `depth`.

    A query that the run is silent of counts as nothing found. So any system's run can be measured by `per_query`, as
    trec_eval with `-c` would.

    >>> queries, found = judge({"q": [("b", 0.9), ("a", 0.1)]}, [Judgment(query="q", answer="a", grade=2, place="")])
    >>> queries, found.grades.tolist()
    (['q'], [[0, 2]])
    """
    right: dict[str, dict[str, int]] = {}
    for judgment in judgments:
        if judgment.grade > 0:
            right.setdefault(judgment.query, {})[judgment.answer] = judgment.grade
    width = max(1, min(depth, max((len(run.get(query, ())) for query in right), default=1)))
    grades = np.zeros((len(right), width), dtype=np.int64)
    for row, (query, own) in enumerate(right.items()):
        found = [own.get(answer, 0) for answer, _ in run.get(query, ())[:width]]
        grades[row, : len(found)] = found
    return list(right), Judged(grades=grades, right=[list(own.values()) for own in right.values()])


def write_qrels(path: Path, grades: Mapping[str, Mapping[str, int]]) -> None:
    """Writes the right answers of each query. Raises WriteFailed."""
    _write(path, (f"{token(q)} 0 {token(a)} {grade}" for q, own in grades.items() for a, grade in own.items()))


def write_run(path: Path, run: Mapping[str, Sequence[tuple[str, float]]], tag: str) -> None:
    """Writes each query's answers, best first. Raises WriteFailed.

    Where the order is not that of the scores alone (equal ones), the later score is lowered to the next smaller
    float32, so that trec_eval reads the same order from the file.
    """
    _write(path, (line for query, answers in run.items() for line in _answers(token(query), answers, token(tag))))


def token(name: str) -> str:
    """An id as one field: white space, `%` and control characters as `%` and the code in hex (RFC 3986, of UTF-8).

    >>> token("a dog.jpg")
    'a%20dog.jpg'
    """
    return "".join(
        character
        if character.isprintable() and not character.isspace() and character != "%"
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in name
    )


def _answers(query: str, answers: Iterable[tuple[str, float]], tag: str) -> Iterator[str]:
    ceiling = np.float32(np.inf)
    for rank, (answer, given) in enumerate(answers, 1):
        score = min(np.float32(given), np.nextafter(ceiling, np.float32(-np.inf)))
        ceiling = score
        yield f"{query} Q0 {token(answer)} {rank} {SCORE % score} {tag}"


def _lines(path: Path, form: str) -> Iterator[tuple[str, list[str]]]:
    """Each line's place and fields; empty lines are passed over."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"it can not be read ({error})", subject=str(path), remedy="give a file in UTF-8") from None
    empty = True
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(form.split()):
            raise BadInput(f"it has {len(fields)} fields", subject=f"{path}, line {number}", remedy=f"write: {form}")
        empty = False
        yield f"{path}, line {number}", fields
    if empty:
        raise BadInput("it holds nothing", subject=str(path), remedy=f"write lines: {form}")


def _number(text: str, place: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"{text!r} is no number", subject=place, remedy="give a finite number")
    return number


def _write(path: Path, lines: Iterable[str]) -> None:
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise WriteFailed(error.strerror or str(error), subject=str(path), remedy="name a folder of yours") from error
