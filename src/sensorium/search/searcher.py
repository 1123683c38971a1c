"""The whole of a search: plan, recall, guard, a closer look, fuse, present."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial

from sensorium.core.budgets import Budget
from sensorium.core.candidates import Admitted, Candidate, Ranked, VisiblePiece
from sensorium.core.items import Preview
from sensorium.core.ports import Arranger, Encoder, IndexSource, Reranker
from sensorium.core.queries import Query
from sensorium.core.results import Hit, SearchResults
from sensorium.core.rules import NO_RULES, Pin, RuleBook, narrowed
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Vectors
from sensorium.core.store_ports import ItemStore
from sensorium.core.trace import Stage, Trace
from sensorium.govern import guard
from sensorium.search.arranging.careful import Careful
from sensorium.search.arranging.placing import BROUGHT
from sensorium.search.arranging.stage import ArrangeChoice, Arranging
from sensorium.search.asking.naming import pins_of
from sensorium.search.closer import Closer, LookChoice, closers
from sensorium.search.fuse import RankedList, Scored
from sensorium.search.plan import Route, asked_parts, plan
from sensorium.search.recall import NOTHING, Recall, recall_until
from sensorium.search.showing.views import shown_with
from sensorium.search.visible import VisibleKeys

WORDS = "words"
"""The route of what was found by its words alone."""


def no_rerankers(scope: Scope) -> Sequence[Reranker]:
    """No closer look for anybody."""
    return ()


def no_arrangers(scope: Scope) -> Sequence[Arranger]:
    """Nothing that puts hits into another order."""
    return ()


def no_rules(scope: Scope) -> RuleBook:
    """No rules for anybody."""
    return NO_RULES


def no_vectors(space_id: str, keys: Sequence[int]) -> Mapping[int, Vectors]:
    """No vector of any piece."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPorts:
    """What a search needs of the machine.

    rerankers: the closer looks that a caller may take, in any order. vectors: of a space, by key, for pieces that were
    verified. arrangers: what puts hits into another order, one after the other. rules: the owner's, as they read for a
    caller; raises BadRules. clock: Unix seconds. names: whether files that a question names come first.
    """

    items: ItemStore
    indexes: IndexSource
    encoders: Sequence[Encoder]
    rerankers: Callable[[Scope], Sequence[Reranker]] = no_rerankers
    vectors: Callable[[str, Sequence[int]], Mapping[int, Vectors]] = no_vectors
    arrangers: Callable[[Scope], Sequence[Arranger]] = no_arrangers
    rules: Callable[[Scope], RuleBook] = no_rules
    clock: Callable[[], float] = time.time
    names: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One search under way. looked: candidates of a route that are looked at closer. waiting: what was recalled and is
    not verified, since it lies too deep so far. opened: pieces of the list whose content was read."""

    scope: Scope
    query: Query
    ranked: RankedList
    trace: Trace
    budget: Budget
    looked: int
    waiting: list[Scored] = field(default_factory=list)
    opened: dict[int, VisiblePiece] = field(default_factory=dict)


class Searcher:
    """Answers questions over one library. Safe to use from several threads."""

    def __init__(
        self, ports: SearchPorts, choice: LookChoice | None = None, arrange: ArrangeChoice | None = None
    ) -> None:
        self._ports = ports
        self._choice = choice or LookChoice()
        self._arrange = arrange or ArrangeChoice()
        self._visible = VisibleKeys(ports.items)

    def plainly(self) -> Searcher:
        """The same, whose hits stand in the order of their scores, whatever rules and arrangers there are."""
        ports = replace(self._ports, arrangers=no_arrangers, rules=no_rules, names=False)
        return Searcher(ports, self._choice, self._arrange)

    def search(self, scope: Scope, query: Query, trace: Trace | None = None) -> SearchResults:
        """One list over all modalities, best first; `query.k` hits while that many are visible.

        Raises BadQuery, BadRules. The counts in the trace are taken after the guard, so they tell of visible pieces
        only. Where a closer look is taken, the stages `look` and `fuse` follow on `recall`; a look that is late or
        fails is left out, and the trace says so. Where rules, arrangers or the question arrange the list, the stage
        `arrange` follows.
        """
        trace = trace or Trace()
        with trace.stage("plan") as counts:
            book = self._rules(scope, query, counts)
            query = replace(query, filter=book.narrowed(query.filter))
            if self._ports.names:
                book = replace(book, rules=(*book.rules, *pins_of(query, partial(self._is_any, scope))))
            routes = plan(query, self._ports.encoders)
            looks = closers(query, routes, self._ports.encoders, self._ports.rerankers(scope), self._choice)
            counts["routes"] = len(routes)
            trace.parts[:] = asked_parts(query)
        arranging = self._arranging(scope, query, book)
        depth = arranging.window if arranging.needed else query.k
        ranked = RankedList(k=depth, per_item=query.per_item)
        budget = Budget(seconds=self._choice.milliseconds / 1_000, clock=trace.clock)
        # Looked at deeper for a longer list, the beginning of an arranged one would change with its length.
        looked = self._choice.depth if arranging.needed else max(self._choice.depth, query.k)
        asking = _Asking(scope=scope, query=query, ranked=ranked, trace=trace, budget=budget, looked=looked)
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
        trace.within += took(recalls.values(), budget)
        listed = self._listed(asking)
        if arranging.needed:
            with trace.stage("arrange") as counts:
                bring = partial(self._brought, asking, recalls)
                listed = arranging.arranged(partial(self._first, asking, recalls), bring, counts)
            for arranger in arranging.arrangers:
                if isinstance(arranger, Careful):
                    arranger.tell(trace)
        with trace.stage("present") as counts:
            hits = self._present(scope, listed)
            counts["hits"] = len(hits)
        return SearchResults(question=query.words, hits=hits, trace=trace)

    def _top(self, asking: _Asking, recall: Recall, closer: Closer) -> list[tuple[Admitted, Candidate]]:
        """The first candidates of a route that the guard verifies, as many as are looked at closer, and those that a
        look knows of besides."""
        depth = asking.looked
        top: list[tuple[Admitted, Candidate]] = []
        while len(top) < depth and not recall.dry:
            new = recall.fetch(recall.depth + depth - len(top))
            visible = self._verified(asking, new)
            top += [(visible[candidate.key], candidate) for candidate in new if candidate.key in visible]
        return top + self._known(asking, recall.route, closer, {found.key for found, _ in top})

    def _known(self, asking: _Asking, route: Route, closer: Closer, seen: Set[int]) -> list[tuple[Admitted, Candidate]]:
        """What the looks of a route know of besides `seen`, verified, with the raw score that its vector has."""
        known, left_out = closer.recall(asking.query, route.modality, self._choice.depth, asking.budget)
        asking.trace.leave_out(*left_out)
        keys = [key for key in known if key not in seen]
        visible = guard.verify(self._ports.items, asking.scope, route.filter, keys) if keys else {}
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
        query, ranked, waiting = asking.query, asking.ranked, asking.waiting

        def settle(found: list[Scored]) -> float:
            """Verifies what may be a hit, best first, and leaves the rest waiting: looking at rows costs more."""
            waiting.extend(found)
            waiting.sort(key=lambda scored: scored.order)
            while waiting and (not ranked.full or waiting[0].order < ranked.last.order):
                batch = waiting[: ranked.k]
                del waiting[: ranked.k]
                visible = self._verified(asking, [scored.candidate for scored in batch])
                for scored in batch:
                    if scored.candidate.key in visible:
                        ranked.add(visible[scored.candidate.key], scored)
            return ranked.last.score if ranked.full else NOTHING

        # Pieces of one item share places in the list, so more than k are read at first.
        recall_until(recalls, ranked.k * 2 if query.per_item else ranked.k, settle)

    def _is_any(self, scope: Scope, filter: Filter) -> bool:
        """Whether a piece that can be found is what this filter speaks of."""
        spaces = [encoder.space for encoder in self._ports.encoders]
        generations = {space.id: self._ports.indexes.current(space).generation for space in spaces}
        return any(len(self._visible.at(at, scope, filter, space)) for space, at in generations.items())

    def _verified(self, asking: _Asking, candidates: Sequence[Candidate]) -> dict[int, Admitted]:
        keys = [candidate.key for candidate in candidates]
        return guard.verify(self._ports.items, asking.scope, asking.query.filter, keys)

    def _listed(self, asking: _Asking) -> list[Ranked]:
        """The list as it stands, with what its pieces hold; what has gone since it was verified is left out."""
        entries, opened = asking.ranked.best(), asking.opened
        new = [entry.found.key for entry in entries if entry.found.key not in opened]
        opened.update(guard.opened(self._ports.items, asking.scope, asking.query.filter, new) if new else {})
        return [entry.ranked(opened[entry.found.key]) for entry in entries if entry.found.key in opened]

    def _open(self, scope: Scope, route: Route) -> Recall:
        index = self._ports.indexes.current(route.space)
        allowed = self._visible.at(index.generation, scope, route.filter, route.space.id)
        return Recall(route=route, index=index, allowed=allowed)

    # -- arranging -----------------------------------------------------------------------------------------------------

    def _rules(self, scope: Scope, query: Query, counts: dict[str, int]) -> RuleBook:
        """The rules that are for this question. Says in `counts` how many, and where their file is broken."""
        if not query.arrangement.rules:
            return NO_RULES
        book = self._ports.rules(scope).of(query)
        counts.update({"rules": len(book)} if book.rules else {}, **({"rules_broken": 1} if book.problem else {}))
        return book

    def _arranging(self, scope: Scope, query: Query, book: RuleBook) -> Arranging:
        return Arranging(
            query=query,
            choice=self._arrange,
            book=book,
            arrangers=tuple(self._ports.arrangers(scope)),
            now=self._ports.clock(),
            vectors=self._vectors,
        )

    def _vectors(self, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of verified pieces, of the first space that has them."""
        found: dict[int, Vectors] = {}
        for encoder in self._ports.encoders:
            left = [key for key in keys if key not in found]
            found.update(self._ports.vectors(encoder.space.id, left) if left else {})
        return found

    def _first(self, asking: _Asking, recalls: Mapping[Route, Recall], count: int) -> list[Ranked]:
        """The first `count` of the list, as far as there are so many; reads deeper where that is needed."""
        if count > asking.ranked.k:
            asking.ranked.deepen(count)
            self._fuse(asking, list(recalls.values()))
        return self._listed(asking)

    def _brought(self, asking: _Asking, recalls: Mapping[Route, Recall], pin: Pin) -> list[Ranked]:
        """What a pin is for, by the same routes over nothing else; the scores are those it has among all."""
        assert pin.where is not None, "a pin without a condition is not read"
        query = replace(asking.query, filter=narrowed(asking.query.filter, pin.where))
        own = replace(asking, query=query, ranked=RankedList(k=pin.most, per_item=1), waiting=[])
        opened = [
            replace(self._open(asking.scope, replace(route, filter=narrowed(route.filter, pin.where))), among=recall)
            for route, recall in recalls.items()
        ]
        self._fuse(own, opened)
        return [
            replace(hit, evidence=tuple(replace(evidence, route=BROUGHT) for evidence in hit.evidence))
            for hit in self._listed(own)
        ]

    def _present(self, scope: Scope, listed: Sequence[Ranked]) -> tuple[Hit, ...]:
        pieces = [one.found.piece for hit in listed for one in (hit, *hit.folded)]
        previews = shown_with(self._ports.items, scope, pieces)
        return tuple(_hit(ranked, previews) for ranked in listed)


def _hit(ranked: Ranked, previews: Mapping[str, Preview]) -> Hit:
    return Hit(
        item=ranked.found.item,
        piece=ranked.found.piece,
        score=ranked.score,
        matches=ranked.matches,
        evidence=ranked.evidence,
        rules=ranked.rules,
        folded=tuple(_hit(one, previews) for one in ranked.folded),
        preview=previews.get(ranked.found.piece.id),
    )


def took(recalls: Iterable[Recall], budget: Budget) -> list[Stage]:
    """What the routes of a search took, by the modality that they look for, and its closer looks, by their names."""
    routes: dict[str, float] = defaultdict(float)
    for recall in recalls:
        routes[f"route {recall.route.modality}"] += recall.seconds
    looks = {f"look {name}": seconds for name, seconds in budget.took.items()}
    return [Stage(name=name, seconds=seconds, counts={}) for name, seconds in {**routes, **looks}.items()]


def _look(asking: _Asking, closer: Closer, recall: Recall, top: Sequence[tuple[Admitted, Candidate]]) -> None:
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
