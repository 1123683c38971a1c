"""Questions on documents, asked of the product: how often the right page comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import sensorium
from benchmarks.judged.libraries import fill
from benchmarks.judged.tables import figure_table
from sensorium.core.items import Aspect, Place
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.pages import AskedPage, Box, page_figures, read_pages
from sensorium.evaluation.tables import Row, read_rows

TABLE = Path(__file__).resolve().parent / "documents.tsv"
COLUMNS = ("id", "question", "file", "pages", "kind", "box", "language")
HITS = 60
"""Pieces that are asked for: pages have many, and five different ones are wanted."""

NEAR = 5
"""Right pages further down than this are listed."""

WAYS: dict[str, Collection[Aspect] | None] = {
    "text alone": (Aspect.CONTENT, Aspect.TABLE, Aspect.WRITING),
    "text that the file holds, alone": (Aspect.CONTENT, Aspect.TABLE),
    "writing read off pictures, alone": (Aspect.WRITING,),
    "look alone": (Aspect.PAGE, Aspect.FIGURE),
    "fused": None,
}
"""Where each way looks; None for everywhere."""


def measure(data: Path, work: Path) -> Iterator[str]:
    """Adds the documents of `data` to a library in `work`, asks, and gives lines of Markdown."""
    rows = list(read_rows(TABLE, COLUMNS))
    files = {row.file("file", data / "documents") for row in rows}
    with sensorium.open(work / "documents.library") as library:
        yield from fill(library, sorted(files))
        found = {way: [_asked(library, row, aspects) for row in rows] for way, aspects in WAYS.items()}
    yield f"{len(rows)} questions on {len(files)} documents; intervals by the bootstrap over documents."
    yield ""
    yield from figure_table("way", [(way, len(asked), page_figures(asked)) for way, asked in found.items()])
    for column, name in (("kind", "fused, by what answers"), ("language", "fused, by language of the question")):
        yield ""
        yield from figure_table(name, _split(found["fused"], [row[column] for row in rows]))
    yield ""
    yield _boxes(found["fused"])
    yield ""
    yield from _missed(rows, found["fused"])


def _asked(library: sensorium.Library, row: Row, aspects: Collection[Aspect] | None) -> AskedPage:
    hits = library.search(row.filled("question"), aspects=aspects, k=HITS, per_item=0)
    places: tuple[tuple[str, Place], ...] = tuple((Path(hit.path).name, hit.piece.place) for hit in hits)
    return AskedPage(
        id=row.filled("id"),
        kind=row.filled("kind"),
        file=row.filled("file"),
        pages=read_pages(row.filled("pages")),
        found=places,
        box=_box(row["box"]),
    )


def _box(words: str) -> Box | None:
    """Four numbers with commas between them, "" for none."""
    if not words:
        return None
    left, top, right, bottom = (float(edge) for edge in words.split(","))
    return left, top, right, bottom


def _split(asked: Sequence[AskedPage], names: Sequence[str]) -> list[tuple[str, int, dict[str, Interval]]]:
    groups = {name: [one for one, own in zip(asked, names, strict=True) if own == name] for name in sorted(set(names))}
    return [(name, len(own), page_figures(own)) for name, own in groups.items()]


def _boxes(asked: Sequence[AskedPage]) -> str:
    known = [question for question in asked if question.box is not None]
    touching = sum(question.touches for question in known)
    return f"Boxes: in {touching} of {len(known)} questions the first on the right page meets that of the answer."


def _missed(rows: Sequence[Row], asked: Sequence[AskedPage]) -> Iterator[str]:
    yield "Not among the first five pages, fused:"
    yield ""
    for row, question in zip(rows, asked, strict=True):
        if question.rank > NEAR:
            first = f"{question.found[0][0]} {question.found[0][1].describe()}" if question.found else "nothing"
            right = f"{question.file} {row['pages']}"
            yield f"- {question.id} ({question.kind}): {row['question']} Right: {right}; first: {first}"
