"""A closer look: rerankers give the best verified candidates of a route new raw scores, with a curve of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sensorium.core.banks import HUBNESS
from sensorium.core.calibration import Calibration
from sensorium.core.candidates import Candidate
from sensorium.core.errors import BadQuery, PluginBroken
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, LookCurves, Recaller, Reranker
from sensorium.core.queries import Query
from sensorium.core.results import Look
from sensorium.search.fuse import Scored
from sensorium.search.plan import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class LookChoice:
    """What is done where a question leaves it open. depth: candidates of a route that are looked at, at least k."""

    rerank: bool = True
    hubness: bool = False
    depth: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """The looks that the candidates of one route get, in order, and the curve of what comes out."""

    rerankers: tuple[Reranker, ...]
    curve: Calibration

    def recall(self, query: Query, found: Modality, count: int) -> list[int]:
        """Keys of pieces that a look knows of itself, each once, best first."""
        known = (one.recall(query, found, count) for one in self.rerankers if isinstance(one, Recaller))
        return list(dict.fromkeys(key for keys in known for key in keys))

    def look(self, query: Query, candidates: Sequence[Candidate], pieces: int = 0) -> list[Scored]:
        """The candidates with their new scores. pieces: how many they were chosen from.

        Raises PluginBroken for an answer that does not fit.
        """
        keys = [candidate.key for candidate in candidates]
        raw = [candidate.raw for candidate in candidates]
        looks: list[tuple[Look, ...]] = [() for _ in candidates]
        for reranker in self.rerankers if candidates else ():
            raw = reranker.rescore(query, candidates[0].modality, keys, raw)
            if len(raw) != len(keys) or not all(map(math.isfinite, raw)):
                raise PluginBroken(
                    "it did not give one finite score for each candidate",
                    subject=f"reranker {reranker.name}",
                    remedy="search without it, and report it to who wrote it",
                )
            looks = [(*before, Look(name=reranker.name, raw=new)) for before, new in zip(looks, raw, strict=True)]
        return [
            Scored(
                candidate=candidate,
                score=self.curve.score(new, pieces),
                matches=self.curve.matches(new, pieces),
                looks=taken,
            )
            for candidate, new, taken in zip(candidates, raw, looks, strict=True)
        ]


def closers(
    query: Query,
    routes: Sequence[Route],
    encoders: Sequence[Encoder],
    rerankers: Sequence[Reranker],
    choice: LookChoice,
) -> dict[Route, Closer]:
    """The looks for each route that gets any.

    Curves are fitted for questions of one part, so others get none. Raises BadQuery when the question insists on a
    look that no route can have.
    """
    by_space = {encoder.space.id: encoder for encoder in encoders}
    wanted = _wanted(query, rerankers, choice)
    found: dict[Route, Closer] = {}
    if len(query.parts) == 1:
        for route in routes:
            closer = _closer(query, route, by_space[route.space.id], wanted)
            if closer is not None:
                found[route] = closer
    _check_insisted(query, {reranker.name for closer in found.values() for reranker in closer.rerankers}, bool(routes))
    return found


def _wanted(query: Query, rerankers: Sequence[Reranker], choice: LookChoice) -> list[Reranker]:
    """By `hubness` the look of that name, by `rerank` every other one."""
    rerank = choice.rerank if query.rerank is None else query.rerank
    hubness = choice.hubness if query.hubness is None else query.hubness
    return [
        reranker
        for reranker in sorted(rerankers, key=lambda reranker: reranker.name)
        if (hubness if reranker.name == HUBNESS else rerank)
    ]


def _closer(query: Query, route: Route, encoder: Encoder, wanted: Sequence[Reranker]) -> Closer | None:
    """The longest chain of looks that has a curve. Where two are as long, the one whose last look is the later."""
    if not isinstance(encoder, LookCurves):
        return None
    able = [reranker for reranker in wanted if reranker.applies(query, route.modality)]
    for chain in _chains(able):
        names = tuple(reranker.name for reranker in chain)
        curve = encoder.calibration_after(query.parts[0].modality, route.modality, names)
        if curve is not None:
            return Closer(rerankers=chain, curve=curve)
    return None


def _chains(able: Sequence[Reranker]) -> Iterator[tuple[Reranker, ...]]:
    """Every choice of one or more, in order, the longest first."""
    count = len(able)
    masks = sorted(range(1, 2**count), key=lambda mask: (-mask.bit_count(), -mask))
    for mask in masks:
        yield tuple(reranker for position, reranker in enumerate(able) if mask >> position & 1)


def _check_insisted(query: Query, taken: set[str], anywhere: bool) -> None:
    if not anywhere:
        return
    if query.hubness and HUBNESS not in taken:
        raise BadQuery(
            "hubs can not be set back here: the encoder brings no bank of questions like this one",
            remedy="leave hubness out, ask with words alone or a picture alone, or choose another encoder",
        )
    if query.rerank and not taken - {HUBNESS}:
        raise BadQuery(
            "no closer look can be taken here: nothing more is known of what is kept than its vectors",
            remedy="leave rerank out, ask with words alone, or choose an encoder that keeps details",
        )
