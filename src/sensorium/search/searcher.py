"""The whole of a search: plan, recall, guard, fuse, present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensorium.core.candidates import Candidate
from sensorium.core.ports import Encoder, IndexSource, ItemStore
from sensorium.core.queries import Query
from sensorium.core.results import Hit, SearchResults
from sensorium.core.scopes import Scope
from sensorium.core.trace import Trace
from sensorium.govern import guard
from sensorium.search.fuse import RankedList
from sensorium.search.plan import Route, plan
from sensorium.search.recall import NOTHING, Recall, recall_until
from sensorium.search.visible import VisibleKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPorts:
    """What a search needs of the machine."""

    items: ItemStore
    indexes: IndexSource
    encoders: Sequence[Encoder]


class Searcher:
    """Answers questions over one library. Safe to use from several threads."""

    def __init__(self, ports: SearchPorts) -> None:
        self._ports = ports
        self._visible = VisibleKeys(ports.items)

    def search(self, scope: Scope, query: Query, trace: Trace | None = None) -> SearchResults:
        """One list over all modalities, best first; `query.k` hits while that many are visible.

        Raises BadQuery. The counts in the trace are taken after the guard, so they tell of visible pieces only.
        """
        trace = trace or Trace()
        with trace.stage("plan") as counts:
            routes = plan(query, self._ports.encoders)
            counts["routes"] = len(routes)
        with trace.stage("recall") as counts:
            ranked = self._recall(scope, query, routes)
            counts["visible"] = len(ranked)
        with trace.stage("present") as counts:
            hits = self._present(scope, ranked)
            counts["hits"] = len(hits)
        return SearchResults(question=query.words, hits=hits, trace=trace)

    def _recall(self, scope: Scope, query: Query, routes: Sequence[Route]) -> RankedList:
        recalls = [self._open(scope, route) for route in routes]
        ranked = RankedList(k=query.k, per_item=query.per_item)
        waiting: list[tuple[float, Candidate]] = []

        def settle(found: list[tuple[float, Candidate]]) -> float:
            """Verifies what may be a hit, best first, and leaves the rest waiting: looking at rows costs more."""
            waiting.extend(found)
            waiting.sort(key=lambda entry: (-entry[0], entry[1].key))
            while waiting and (not ranked.full or waiting[0][0] >= ranked.bar):
                batch = waiting[: query.k]
                del waiting[: query.k]
                visible = guard.verify(self._ports.items, scope, query.filter, [candidate for _, candidate in batch])
                for score, candidate in batch:
                    if candidate.key in visible:
                        ranked.add(visible[candidate.key], score, candidate)
            return ranked.bar if ranked.full else NOTHING

        # Pieces of one item share places in the list, so more than k are read at first.
        recall_until(recalls, query.k * 2 if query.per_item else query.k, settle)
        return ranked

    def _open(self, scope: Scope, route: Route) -> Recall:
        index = self._ports.indexes.current(route.space)
        allowed = self._visible.at(index.generation, scope, route.filter, route.space.id)
        return Recall(route=route, index=index, allowed=allowed)

    def _present(self, scope: Scope, ranked: RankedList) -> tuple[Hit, ...]:
        entries = ranked.best()
        previews = self._ports.items.previews(scope, [entry.found.piece.id for entry in entries])
        return tuple(
            Hit(
                item=entry.found.item,
                piece=entry.found.piece,
                score=entry.score,
                evidence=tuple(entry.evidence),
                preview=previews.get(entry.found.piece.id),
            )
            for entry in entries
        )
