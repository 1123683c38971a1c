"""The whole of a search: plan, recall, guard, a closer look, fuse, present."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sensorium.core.candidates import Candidate, VisiblePiece
from sensorium.core.ports import Encoder, IndexSource, ItemStore, Reranker
from sensorium.core.queries import Query
from sensorium.core.results import Hit, SearchResults
from sensorium.core.scopes import Scope
from sensorium.core.trace import Trace
from sensorium.govern import guard
from sensorium.search.closer import Closer, LookChoice, closers
from sensorium.search.fuse import RankedList, Scored
from sensorium.search.plan import Route, plan
from sensorium.search.recall import NOTHING, Recall, recall_until
from sensorium.search.views import shown_with
from sensorium.search.visible import VisibleKeys


def no_rerankers(scope: Scope) -> Sequence[Reranker]:
    """No closer look for anybody."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPorts:
    """What a search needs of the machine. rerankers: the closer looks that a caller may take, in any order."""

    items: ItemStore
    indexes: IndexSource
    encoders: Sequence[Encoder]
    rerankers: Callable[[Scope], Sequence[Reranker]] = no_rerankers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One search under way."""

    scope: Scope
    query: Query
    ranked: RankedList


class Searcher:
    """Answers questions over one library. Safe to use from several threads."""

    def __init__(self, ports: SearchPorts, choice: LookChoice | None = None) -> None:
        self._ports = ports
        self._choice = choice or LookChoice()
        self._visible = VisibleKeys(ports.items)

    def search(self, scope: Scope, query: Query, trace: Trace | None = None) -> SearchResults:
        """One list over all modalities, best first; `query.k` hits while that many are visible.

        Raises BadQuery. The counts in the trace are taken after the guard, so they tell of visible pieces only. Where
        a closer look is taken, the stages `look` and `fuse` follow on `recall`.
        """
        trace = trace or Trace()
        with trace.stage("plan") as counts:
            routes = plan(query, self._ports.encoders)
            looks = closers(query, routes, self._ports.encoders, self._ports.rerankers(scope), self._choice)
            counts["routes"] = len(routes)
        ranked = RankedList(k=query.k, per_item=query.per_item)
        asking = _Asking(scope=scope, query=query, ranked=ranked)
        with trace.stage("recall") as counts:
            recalls = {route: self._open(scope, route) for route in routes}
            tops = {route: self._top(asking, recalls[route]) for route in looks}
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

    def _top(self, asking: _Asking, recall: Recall) -> list[tuple[VisiblePiece, Candidate]]:
        """The first candidates of a route that the guard verifies, as many as are looked at closer."""
        depth = max(self._choice.depth, asking.query.k)
        top: list[tuple[VisiblePiece, Candidate]] = []
        while len(top) < depth and not recall.dry:
            new = recall.fetch(recall.depth + depth - len(top))
            visible = guard.verify(self._ports.items, asking.scope, asking.query.filter, new)
            top += [(visible[candidate.key], candidate) for candidate in new if candidate.key in visible]
        return top

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
    """Enters the top of a route with the scores of the closer look; what lies deeper stands below its last."""
    looked = closer.look(asking.query, [candidate for _, candidate in top], len(recall.allowed))
    for (found, _), scored in zip(top, looked, strict=True):
        asking.ranked.add(found, scored)
    if looked:
        recall.lowest = max(looked, key=lambda scored: scored.order)
