"""Questions with and without an answer, asked of the product: what its answers cite, and when it says nothing.

The cut of the extractive answerer and its weights were chosen on every other document and every other question without
an answer (`development`); the rest was looked at once (`held out`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sensorium
from benchmarks.judged.documents import COLUMNS, TABLE
from benchmarks.judged.libraries import fill
from benchmarks.judged.tables import table
from sensorium.core.answers import Answer, Exhibit
from sensorium.evaluation.pages import read_pages
from sensorium.evaluation.tables import Row, read_rows

UNANSWERABLE = Path(__file__).resolve().parent / "unanswerable.tsv"
UNANSWERABLE_COLUMNS = ("id", "question", "near", "language")
Thing = TypeVar("Thing")

HEAD = ("questions", "answered", "citations right", "a right page cited", "of those answered", "sentences supported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer against its gold pages. cited, right: citations, and those of a gold page. supported: sentences."""

    answered: bool
    cited: int
    right: int
    sentences: int
    supported: int

    @classmethod
    def of(cls, answer: Answer, row: Row) -> Judged:
        """Right is a citation of a page that the table names; every page of a file where it names none."""
        file, pages = row.filled("file"), read_pages(row.filled("pages"))
        cited = [one.exhibit for sentence in answer.sentences for one in sentence.citations]
        return cls(
            answered=answer.answered,
            cited=len(cited),
            right=sum(_is_of(exhibit, file, pages) for exhibit in cited),
            sentences=len(answer.sentences),
            supported=sum(sentence.supported for sentence in answer.sentences),
        )


def measure(data: Path, work: Path) -> Iterator[str]:
    """Adds the documents of `data` to a library in `work`, asks, and gives lines of Markdown."""
    rows = list(read_rows(TABLE, COLUMNS))
    without = list(read_rows(UNANSWERABLE, UNANSWERABLE_COLUMNS))
    files = sorted({row.file("file", data / "documents") for row in rows})
    with sensorium.open(work / "documents.library") as library:
        yield from fill(library, files)
        judged = [Judged.of(library.answer(row.filled("question")), row) for row in rows]
        refused = [not library.answer(row.filled("question")).answered for row in without]
    development = {path.name for path in files[::2]}
    chosen = [row.filled("file") in development for row in rows]
    yield f"{len(rows)} questions with gold pages on {len(files)} documents, written by `extractive`."
    yield ""
    yield from table(
        ["part", *HEAD],
        [
            ["development", *_figures(_those(judged, chosen, True))],
            ["held out", *_figures(_those(judged, chosen, False))],
            ["all", *_figures(judged)],
        ],
    )
    yield ""
    near = [bool(row["near"]) for row in without]
    halves = [place % 2 == 0 for place in range(len(without))]
    yield from table(
        ["without an answer", "questions", "refused"],
        [
            ["development", *_share(_those(refused, halves, True))],
            ["held out", *_share(_those(refused, halves, False))],
            ["about what the documents are about", *_share(_those(refused, near, True))],
            ["about something else", *_share(_those(refused, near, False))],
        ],
    )


def _is_of(exhibit: Exhibit, file: str, pages: frozenset[int] | None) -> bool:
    piece = exhibit.hit.piece
    return Path(exhibit.hit.path).name == file and (not pages or piece.place.page in pages)


def _figures(judged: Sequence[Judged]) -> list[str]:
    answered = [one for one in judged if one.answered]
    found = sum(one.right > 0 for one in answered)
    return [
        str(len(judged)),
        _ratio(len(answered), len(judged)),
        _ratio(sum(one.right for one in answered), sum(one.cited for one in answered)),
        _ratio(found, len(judged)),
        _ratio(found, len(answered)),
        _ratio(sum(one.supported for one in answered), sum(one.sentences for one in answered)),
    ]


def _share(refused: Sequence[bool]) -> list[str]:
    return [str(len(refused)), _ratio(sum(refused), len(refused))]


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _those(things: Sequence[Thing], marks: Sequence[bool], wanted: bool) -> list[Thing]:
    return [thing for thing, mark in zip(things, marks, strict=True) if mark is wanted]
