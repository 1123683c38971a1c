"""Queries on films with known moments, asked of the product: how often the right moment comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import sensorium
from benchmarks.judged import films
from benchmarks.judged.libraries import fill
from benchmarks.judged.plan import Query
from benchmarks.judged.tables import figure_table
from sensorium.core.items import Aspect
from sensorium.core.results import Hit
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.moments import AskedMoment, Moment, by_kind, moment_figures

HITS = 20

EVIDENCE: dict[str, Collection[Aspect]] = {
    "frame": (Aspect.FRAME, Aspect.SHOT),
    "speech": (Aspect.SPEECH,),
    "sound": (Aspect.SOUND,),
    "subtitle": (Aspect.SUBTITLE,),
    "writing": (Aspect.WRITING,),
}
"""For each kind of query the pieces that it speaks of."""


def measure(data: Path, work: Path) -> Iterator[str]:
    """Builds the films, adds them to a library in `work`, asks, and gives lines of Markdown."""
    built = films.build(data, work)
    asked, paths = built.queries, sorted(built.folder.glob("film*"))
    with sensorium.open(work / "films.library") as library:
        yield from fill(library, paths)
        everywhere = [_asked(library, query, work, None) for query in asked]
        own = [_asked(library, query, work, EVIDENCE[query.kind]) for query in asked]
    yield f"{len(asked)} queries on {len(paths)} films, set {films.fingerprint(asked)}."
    for head, found in (("asked of everything", everywhere), ("asked of its own evidence", own)):
        yield ""
        yield from _table(head, found)
    yield ""
    yield from figure_table("asked of its own evidence, by form", _forms(asked, own))


def moment_of(hit: Hit) -> Moment:
    """Where a hit lies; one without seconds is the whole film, told as its start."""
    start, end = hit.piece.place.seconds or (0.0, 0.0)
    return Moment(film=Path(hit.path).name, start=start, end=end)


def _asked(library: sensorium.Library, query: Query, work: Path, aspects: Collection[Aspect] | None) -> AskedMoment:
    path = work / "asked" / films.asked_with(query)
    hits = library.search(
        query.text or None,
        like=() if query.source is None else (path,),
        aspects=aspects,
        k=HITS,
        per_item=0,
    )
    moments = dict.fromkeys(moment_of(hit) for hit in hits)
    return AskedMoment(
        id=query.id,
        kind=query.kind,
        right=query.right,
        found=tuple(moments),
        cluster=query.right[0].film if len(query.right) == 1 else str(query.right[0]),
    )


def _table(head: str, found: Sequence[AskedMoment]) -> Iterator[str]:
    rows = [(kind, len(own), moment_figures(own)) for kind, own in by_kind(found).items()]
    yield from figure_table(head, [*rows, ("all", len(found), moment_figures(found))])


def _forms(asked: Sequence[Query], found: Sequence[AskedMoment]) -> list[tuple[str, int, dict[str, Interval]]]:
    forms: dict[str, list[AskedMoment]] = {}
    for query, one in zip(asked, found, strict=True):
        forms.setdefault(f"{query.kind}: {query.form}", []).append(one)
    return [(form, len(own), moment_figures(own)) for form, own in forms.items()]
