"""The stage between fusing and showing: windows of the list, each arranged by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sensorium.core.candidates import Ranked
from sensorium.core.errors import PluginBroken
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query
from sensorium.core.rules import Pin, RuleBook
from sensorium.core.spaces import Vectors
from sensorium.search.arranging.folding import folded
from sensorium.search.arranging.placing import marked, put_in_place, within_quotas
from sensorium.search.arranging.shifting import apart, put_first, shifted
from sensorium.search.arranging.sorting import in_sorted_order
from sensorium.search.arranging.varying import varied


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeChoice:
    """How far down a list is arranged at once. depth: hits. sort_depth: hits where they are sorted by an attribute,
    which is about all that match."""

    depth: int = 200
    sort_depth: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranging:
    """All that one list is arranged by. book: the rules for this question. now: Unix seconds.

    arrangers: what else puts hits into another order, before the rules. vectors: of verified pieces, by key.
    """

    query: Query
    choice: ArrangeChoice
    book: RuleBook
    arrangers: tuple[Arranger, ...]
    now: float
    vectors: Callable[[Sequence[int]], Mapping[int, Vectors]]

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.arrangers or self.book.ordering) or self.query.arrangement.asked

    @property
    def window(self) -> int:
        """Hits that are arranged together. It does not depend on how many are wanted, so that what comes first is the
        same however long the list that is asked for: pages fit together."""
        return self.choice.sort_depth if self.query.arrangement.sort else self.choice.depth

    def arranged(
        self,
        first: Callable[[int], Sequence[Ranked]],
        bring: Callable[[Pin], Sequence[Ranked]],
        counts: dict[str, int],
    ) -> list[Ranked]:
        """The `query.k` hits to show; the first window is arranged, then the next behind it, until there are enough.

        first: the best hits of the list, as many as are asked for while there are so many. bring: the hits that a pin
        is for, best first, scored as those of the list. counts: told how many hits were looked at.
        """
        done: list[Ranked] = []
        start = 0
        while len(done) < self.query.k:
            window = list(first(start + self.window)[start:])
            done = self._with_first(window, bring) if start == 0 else self._with_further(done, window, start)
            if len(window) < self.window:
                break
            start += self.window
        counts["candidates"] = start + len(window)
        return done[: self.query.k]

    def _with_first(self, hits: list[Ranked], bring: Callable[[Pin], Sequence[Ranked]]) -> list[Ranked]:
        rules = self.book.ordering
        ordered = self._by_strength(hits, 0)
        brought = {rule: bring(rule) for rule in rules if isinstance(rule, Pin)}
        listed, owners = marked(ordered, brought, self.query.per_item)
        _, listed = self._thinned([], listed)
        return self._sorted(put_in_place(within_quotas(listed, rules), owners))

    def _with_further(self, done: list[Ranked], hits: list[Ranked], start: int) -> list[Ranked]:
        ordered = without_pinned(self._by_strength(hits, start), done, self.query.per_item)
        above, listed = self._thinned(done, ordered)
        return above + self._sorted(listed)

    def _by_strength(self, hits: list[Ranked], start: int) -> list[Ranked]:
        """As arrangers, then rules, order them."""
        for arranger in self.arrangers:
            hits = dealt(arranger.name, hits, arranger.arrange(self.query, hits))
        rules = self.book.ordering
        if rules or self.query.arrangement.diversity:
            hits = apart(hits)
        return put_first(shifted(hits, rules, self.now, start), rules, start)

    def _thinned(self, above: list[Ranked], hits: list[Ranked]) -> tuple[list[Ranked], list[Ranked]]:
        """What stands above, with folds, and the hits without near duplicates, varied."""
        arrangement = self.query.arrangement
        if arrangement.fold:
            above, hits = folded(above, hits)
        if arrangement.diversity and hits:
            hits = varied(hits, self.vectors([hit.found.key for hit in hits]), arrangement.diversity)
        return above, hits

    def _sorted(self, hits: list[Ranked]) -> list[Ranked]:
        sort = self.query.arrangement.sort
        return hits if sort is None else in_sorted_order(hits, sort)


def dealt(name: str, before: Sequence[Ranked], after: Sequence[Ranked]) -> list[Ranked]:
    """The hits of `after` with the strengths of `before`, the greatest first: another order on the same scale.

    Raises PluginBroken where the arranger of this name gave a hit that was not there, or one twice.
    """
    known = {hit.found.key for hit in before}
    given = {hit.found.key for hit in after}
    if len(given) < len(after) or not given <= known:
        remedy = "search without it, and report it to who wrote it"
        raise PluginBroken("it gave a hit that was not there, or one twice", subject=f"arranger {name}", remedy=remedy)
    strengths = sorted((hit.strength for hit in before), reverse=True)
    return [replace(hit, strength=strength) for hit, strength in zip(after, strengths, strict=False)]


def without_pinned(hits: Sequence[Ranked], done: Sequence[Ranked], per_item: int) -> list[Ranked]:
    """The hits without what a pin brought further up."""
    pinned = [hit.found for hit in done if hit.pinned]
    keys, items = {found.key for found in pinned}, {found.item.id for found in pinned}
    return [hit for hit in hits if hit.found.key not in keys and not (per_item == 1 and hit.found.item.id in items)]
