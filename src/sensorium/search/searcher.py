"""The whole of a search: plan, recall, guard, a closer look, fuse, present."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from sensorium.core.budgets import Budget
from sensorium.core.candidates import Candidate, VisiblePiece
from sensorium.core.ports import Encoder, IndexSource, ItemStore, Reranker
from sensorium.core.queries import Query
from sensorium.core.results import Hit, SearchResults
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Vectors
from sensorium.core.trace import Trace
from sensorium.govern import guard
from sensorium.search.closer import Closer, LookChoice, closers
from sensorium.search.fuse import RankedList, Scored
from sensorium.search.plan import Route, plan
from sensorium.search.recall import NOTHING, Recall, recall_until
from sensorium.search.views import shown_with
from sensorium.search.visible import VisibleKeys

WORDS = "words"
"""The route of what was found by its words alone."""


def no_rerankers(scope: Scope) -> Sequence[Reranker]:
    """No closer look for anybody."""
    return ()


def no_vectors(space_id: str, keys: Sequence[int]) -> Mapping[int, Vectors]:
    """No vector of any piece."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPorts:
    """What a search needs of the machine.

    rerankers: the closer looks that a caller may take, in any order. vectors: of a space, by key, for pieces that were
    verified.
    """

    items: ItemStore
    indexes: IndexSource
    encoders: Sequence[Encoder]
    rerankers: Callable[[Scope], Sequence[Reranker]] = no_rerankers
    vectors: Callable[[str, Sequence[int]], Mapping[int, Vectors]] = no_vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One search under way."""

    scope: Scope
    query: Query
    ranked: RankedList
    trace: Trace
    budget: Budget


class Searcher:
    """Answers questions over one library. Safe to use from several threads."""

    def __init__(self, ports: SearchPorts, choice: LookChoice | None = None) -> None:
        self._ports = ports
        self._choice = choice or LookChoice()
        self._visible = VisibleKeys(ports.items)

    def search(self, scope: Scope, query: Query, trace: Trace | None = None) -> SearchResults:
        """One list over all modalities, best first; `query.k` hits while that many are visible.

        Raises BadQuery. The counts in the trace are taken after the guard, so they tell of visible pieces only. Where
        a closer look is taken, the stages `look` and `fuse` follow on `recall`; a look that is late or fails is left
        out, and the trace says so.
        """
        trace = trace or Trace()
        with trace.stage("plan") as counts:
            routes = plan(query, self._ports.encoders)
            looks = closers(query, routes, self._ports.encoders, self._ports.rerankers(scope), self._choice)
            counts["routes"] = len(routes)
        ranked = RankedList(k=query.k, per_item=query.per_item)
        budget = Budget(seconds=self._choice.milliseconds / 1_000, clock=trace.clock)
        asking = _Asking(scope=scope, query=query, ranked=ranked, trace=trace, budget=budget)
        with trace.stage("recall") as counts:
            recalls = {route: self._open(scope, route) for route in routes}
            tops = {route: self._top(asking, recalls[route], looks[route]) for route in looks}
            if not looks:
                self._fuse(asking, list(recalls.values()))
            counts["visible"] = sum(map(len, tops.values())) if looks else len(ranked)
        if looks:
            with trace.stage("look") as counts:
                for route, top in tops.items():
                    _look(asking, looks[route], recalls[route], top)
                counts["candidates"] = len(ranked)
            with trace.stage("fuse") as counts:
                self._fuse(asking, list(recalls.values()))
                counts["visible"] = len(ranked)
        with trace.stage("present") as counts:
            hits = self._present(scope, ranked)
            counts["hits"] = len(hits)
        return SearchResults(question=query.words, hits=hits, trace=trace)

    def _top(self, asking: _Asking, recall: Recall, closer: Closer) -> list[tuple[VisiblePiece, Candidate]]:
        """The first candidates of a route that the guard verifies, as many as are looked at closer, and those that a
        look knows of besides."""
        depth = max(self._choice.depth, asking.query.k)
        top: list[tuple[VisiblePiece, Candidate]] = []
        while len(top) < depth and not recall.dry:
            new = recall.fetch(recall.depth + depth - len(top))
            visible = guard.verify(self._ports.items, asking.scope, asking.query.filter, new)
            top += [(visible[candidate.key], candidate) for candidate in new if candidate.key in visible]
        return top + self._known(asking, recall.route, closer, {found.key for found, _ in top})

    def _known(
        self, asking: _Asking, route: Route, closer: Closer, seen: Set[int]
    ) -> list[tuple[VisiblePiece, Candidate]]:
        """What the looks of a route know of besides `seen`, verified, with the raw score that its vector has."""
        known, left_out = closer.recall(asking.query, route.modality, self._choice.depth, asking.budget)
        asking.trace.leave_out(*left_out)
        keys = [key for key in known if key not in seen]
        visible = self._ports.items.pieces(asking.scope, route.filter, keys) if keys else {}
        vectors = self._ports.vectors(route.space.id, list(visible)) if visible else {}
        return [
            (
                visible[key],
                Candidate(
                    key=key, route=WORDS, modality=route.modality, raw=float(route.vector[0] @ vectors[key]), rank=rank
                ),
            )
            for rank, key in enumerate(keys, start=1)
            if key in vectors
        ]

    def _fuse(self, asking: _Asking, recalls: Sequence[Recall]) -> None:
        """Reads the routes until the list is certain."""
        query, ranked = asking.query, asking.ranked
        waiting: list[Scored] = []

        def settle(found: list[Scored]) -> float:
            """Verifies what may be a hit, best first, and leaves the rest waiting: looking at rows costs more."""
            waiting.extend(found)
            waiting.sort(key=lambda scored: scored.order)
            while waiting and (not ranked.full or waiting[0].order < ranked.last.order):
                batch = waiting[: query.k]
                del waiting[: query.k]
                visible = guard.verify(
                    self._ports.items, asking.scope, query.filter, [scored.candidate for scored in batch]
                )
                for scored in batch:
                    if scored.candidate.key in visible:
                        ranked.add(visible[scored.candidate.key], scored)
            return ranked.last.score if ranked.full else NOTHING

        # Pieces of one item share places in the list, so more than k are read at first.
        recall_until(recalls, query.k * 2 if query.per_item else query.k, settle)

    def _open(self, scope: Scope, route: Route) -> Recall:
        index = self._ports.indexes.current(route.space)
        allowed = self._visible.at(index.generation, scope, route.filter, route.space.id)
        return Recall(route=route, index=index, allowed=allowed)

    def _present(self, scope: Scope, ranked: RankedList) -> tuple[Hit, ...]:
        entries = ranked.best()
        previews = shown_with(self._ports.items, scope, [entry.found.piece for entry in entries])
        return tuple(
            Hit(
                item=entry.found.item,
                piece=entry.found.piece,
                score=entry.best.score,
                matches=entry.best.matches,
                evidence=tuple(entry.evidence),
                preview=previews.get(entry.found.piece.id),
            )
            for entry in entries
        )


def _look(asking: _Asking, closer: Closer, recall: Recall, top: Sequence[tuple[VisiblePiece, Candidate]]) -> None:
    """Enters the top of a route with the scores of the closer look; what lies deeper stands below its last.

    Where no look was taken, it has the scores that the route gives it, as what lies deeper has.
    """
    candidates = [candidate for _, candidate in top]
    looked = closer.look(asking.query, candidates, len(recall.allowed), asking.budget)
    asking.trace.leave_out(*looked.left_out)
    scored = looked.scored if looked.scored is not None else [recall.scored(candidate) for candidate in candidates]
    for (found, _), one in zip(top, scored, strict=True):
        asking.ranked.add(found, one)
    recalled = [one for one in looked.scored or () if one.candidate.route != WORDS]
    if recalled:
        recall.lowest = max(recalled, key=lambda one: one.order)
