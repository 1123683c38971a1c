"""A closer look: rerankers give the best verified candidates of a route new raw scores, with a curve of their own.

A look that is late or fails costs no search and makes no score wrong: it is left out, and the trace says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sensorium.core.banks import HUBNESS
from sensorium.core.budgets import Budget, OutOfTime
from sensorium.core.calibration import Calibration
from sensorium.core.candidates import Candidate
from sensorium.core.errors import BadQuery, PluginBroken
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, LookCurves, Recaller, Reranker
from sensorium.core.queries import Query
from sensorium.core.trace import FAILED, LATE, UNCALIBRATED, LeftOut
from sensorium.search.fuse import Scored
from sensorium.search.plan import Route

BATCH = 50
"""Candidates that a look is given at once where time is limited: between two batches the clock is read. What a
candidate gets does not depend on those beside it (`Reranker`), so batches change no score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookChoice:
    """What is done where a question leaves it open. depth: candidates of a route that are looked at, at least k.

    milliseconds: for all looks of one search together; 0 for no limit.
    """

    rerank: bool = True
    hubness: bool = False
    depth: int = 100
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the looks of a route made of its candidates. scored: None where no look was taken: then candidates have the
    scores that they had. left_out: looks that were not taken after all."""

    scored: list[Scored] | None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """The looks that the candidates of one route get, in order.

    curves: by the names of the looks that were really taken, for all of them and for fewer. A look that is late or
    raises is left out, and the candidates get the curve of the others.
    """

    rerankers: tuple[Reranker, ...]
    curves: Mapping[tuple[str, ...], Calibration]

    def recall(self, query: Query, found: Modality, count: int, budget: Budget) -> tuple[list[int], list[LeftOut]]:
        """Keys of pieces that a look knows of itself, each once, best first; and what was left out."""
        keys: list[int] = []
        left_out: list[LeftOut] = []
        for one in self.rerankers:
            if not isinstance(one, Recaller):
                continue
            try:
                with budget.charged(f"{one.name} {found}"):
                    keys += one.recall(query, found, count)
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises, the search goes on
                left_out.append(_left_out(one, found, error, query))
        return list(dict.fromkeys(keys)), left_out

    def look(self, query: Query, candidates: Sequence[Candidate], pieces: int, budget: Budget) -> Looked:
        """The candidates with their new scores. pieces: how many they were chosen from.

        Raises BadQuery where a look says so and the question insists on it.
        """
        if not candidates:
            return Looked(scored=None)
        found = candidates[0].modality
        keys = [candidate.key for candidate in candidates]
        raw = [candidate.raw for candidate in candidates]
        taken: list[tuple[Reranker, list[float]]] = []
        left_out: list[LeftOut] = []
        for reranker in self.rerankers:
            try:
                raw = _rescored(reranker, query, found, keys, raw, budget)
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises, the search goes on
                left_out.append(_left_out(reranker, found, error, query))
            else:
                taken.append((reranker, raw))
        while taken and _names(taken) not in self.curves:  # raw scores that no curve is for are no scores
            reranker, _ = taken.pop()
            left_out.append(LeftOut(name=reranker.name, found=str(found), why=UNCALIBRATED))
        return Looked(scored=self._scored(candidates, taken, pieces), left_out=tuple(left_out))

    def _scored(
        self, candidates: Sequence[Candidate], taken: Sequence[tuple[Reranker, list[float]]], pieces: int
    ) -> list[Scored] | None:
        if not taken:
            return None
        looks, judge = _names(taken), self.curves[_names(taken)].judge(pieces)
        raws = zip(*(raw for _, raw in taken), strict=True)
        return [
            Scored(candidate, *judge(raw[-1]), looks=looks, raws=raw)
            for candidate, raw in zip(candidates, raws, strict=True)
        ]


def _names(taken: Sequence[tuple[Reranker, list[float]]]) -> tuple[str, ...]:
    return tuple(reranker.name for reranker, _ in taken)


def _rescored(
    reranker: Reranker, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float], budget: Budget
) -> list[float]:
    """New raw scores. Raises OutOfTime, PluginBroken for an answer that does not fit, whatever the reranker raises."""
    at_once = BATCH if budget.seconds else len(keys)
    scores: list[float] = []
    for start in range(0, len(keys), at_once):
        batch = slice(start, start + at_once)
        with budget.charged(f"{reranker.name} {found}"):
            new = list(reranker.rescore(query, found, keys[batch], raw[batch]))
        if len(new) != len(keys[batch]) or not all(map(math.isfinite, new)):
            raise PluginBroken(
                "it did not give one finite score for each candidate",
                subject=f"reranker {reranker.name}",
                remedy="search without it, and report it to who wrote it",
            )
        scores += new
    return scores


def _left_out(reranker: Reranker, found: Modality, error: Exception, query: Query) -> LeftOut:
    """What is told of a look that did not get to its end. Raises BadQuery again where the question insists on it."""
    if isinstance(error, OutOfTime):
        return LeftOut(name=reranker.name, found=str(found), why=LATE)
    if isinstance(error, BadQuery) and (query.hubness if reranker.name == HUBNESS else query.rerank):
        raise error
    return LeftOut(name=reranker.name, found=str(found), why=FAILED, error=type(error).__name__)


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
    curves: dict[tuple[str, ...], Calibration] = {}
    longest: tuple[Reranker, ...] = ()
    for chain in _chains(able):
        names = tuple(reranker.name for reranker in chain)
        curve = encoder.calibration_after(query.parts[0].modality, route.modality, names)
        if curve is not None:
            curves[names] = curve
            longest = longest or chain
    return Closer(rerankers=longest, curves=curves) if longest else None


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
