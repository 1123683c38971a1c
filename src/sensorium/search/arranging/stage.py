"""The stage between fusing and showing: windows of the list, each arranged by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sensorium.core.candidates import Ranked
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

    vectors: of verified pieces, by key. bring: the hits that a pin is for, best first, scored as those of the list.
    """

    query: Query
    choice: ArrangeChoice
    book: RuleBook
    ranker: Arranger | None
    now: float
    vectors: Callable[[Sequence[int]], Mapping[int, Vectors]]
    bring: Callable[[Pin], Sequence[Ranked]]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return self.ranker is not None or bool(self.book.ordering) or self.query.arrangement.asked

    @property
    def window(self) -> int:
        """Hits that are arranged together. It does not depend on how many are wanted, so that what comes first is the
        same however long the list that is asked for: pages fit together."""
        return self.choice.sort_depth if self.query.arrangement.sort else self.choice.depth

    def arranged(self, first: Callable[[int], Sequence[Ranked]]) -> list[Ranked]:
        """The `query.k` hits to show. first: the best hits of the list, as many as are asked for while there are.

        The first window is arranged, then the next behind it, until there are enough or no more.
        """
        done: list[Ranked] = []
        start = 0
        while len(done) < self.query.k:
            window = list(first(start + self.window)[start:])
            done = self._with_window(done, window, start)
            if len(window) < self.window:
                break
            start += self.window
        self.counts["candidates"] = start + len(window)
        return done[: self.query.k]

    def _with_window(self, done: list[Ranked], hits: list[Ranked], start: int) -> list[Ranked]:
        arrangement, rules = self.query.arrangement, self.book.ordering
        owners: dict[str, Pin] = {}
        if self.ranker is not None:
            hits = dealt(hits, self.ranker.arrange(self.query, hits))
        if rules or arrangement.diversity:
            hits = apart(hits)
        hits = put_first(shifted(hits, rules, self.now, start), rules, start)
        if start == 0:
            brought = {rule: self.bring(rule) for rule in rules if isinstance(rule, Pin)}
            hits, owners = marked(hits, brought, self.query.per_item)
        else:
            hits = without(hits, done, self.query.per_item)
        if arrangement.fold:
            done, hits = folded(done, hits)
        if arrangement.diversity:
            hits = varied(hits, self.vectors([hit.found.key for hit in hits]), arrangement.diversity)
        if start == 0:
            hits = put_in_place(within_quotas(hits, rules), owners)
        if arrangement.sort is not None:
            hits = in_sorted_order(hits, arrangement.sort)
        return done + hits


def dealt(before: Sequence[Ranked], after: Sequence[Ranked]) -> list[Ranked]:
    """The hits of `after` with the strengths of `before`, the greatest first: another order on the same scale."""
    strengths = sorted((hit.strength for hit in before), reverse=True)
    return [replace(hit, strength=strength) for hit, strength in zip(after, strengths, strict=False)]


def without(hits: Sequence[Ranked], done: Sequence[Ranked], per_item: int) -> list[Ranked]:
    """The hits without what a pin brought further up."""
    pinned = [hit.found for hit in done if hit.pinned]
    keys, items = {found.key for found in pinned}, {found.item.id for found in pinned}
    return [hit for hit in hits if hit.found.key not in keys and not (per_item == 1 and hit.found.item.id in items)]


def log_odds(score: float) -> float:
    """Of a probability, kept finite.

    >>> log_odds(0.5), round(log_odds(1.0), 1)
    (0.0, 20.7)
    """
    kept = min(max(score, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))
