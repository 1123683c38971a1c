"""Recall: every route fetches its nearest visible pieces, and fetches more until the list is certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sensorium.core.candidates import Candidate
from sensorium.core.ports import VectorIndex
from sensorium.core.spaces import Keys
from sensorium.search.plan import Route

NOTHING = -1.0
"""Below every score: what a route that has run dry can still offer, and the bar while there are too few hits."""


@dataclass(slots=True, kw_only=True)
class Recall:
    """One route being read from the top, best first. dry: nothing more is to be had."""

    route: Route
    index: VectorIndex
    allowed: Keys
    depth: int = 0
    floor: float = 1.0
    dry: bool = False

    def fetch(self, depth: int) -> list[Candidate]:
        """Reads down to rank `depth`; returns the candidates that are new. `floor` bounds what is still to come."""
        depth = min(depth, len(self.allowed))
        new = self._beyond(self.depth, depth) if depth > self.depth else []
        self.depth += len(new)
        # An index that lags behind the store may hold less than is allowed: then it ends early.
        self.dry = self.depth < depth or self.depth == len(self.allowed)
        self.floor = NOTHING if self.dry else self.route.score(new[-1].raw)
        return new

    def _beyond(self, start: int, depth: int) -> list[Candidate]:
        everything = len(self.allowed) == len(self.index)
        found = self.index.search(self.route.vector, depth, None if everything else self.allowed)
        ranked = list(zip(found.keys[0].tolist(), found.scores[0].tolist(), strict=True))
        return [
            Candidate(key=key, route=self.route.name, modality=self.route.modality, raw=raw, rank=rank)
            for rank, (key, raw) in enumerate(ranked[start:], start + 1)
            if key >= 0
        ]


def recall_until(
    recalls: Sequence[Recall], depth: int, settle: Callable[[list[tuple[float, Candidate]]], float]
) -> None:
    """Reads every route, first down to `depth`, then deeper where a better hit may still lie.

    settle: is given what a round found, each candidate with its score, and returns the bar: the score that a further
    piece must exceed to matter, `NOTHING` while there are too few hits.
    """
    waiting = list(recalls)
    while waiting:
        bar = settle([(recall.route.score(new.raw), new) for recall in waiting for new in recall.fetch(depth)])
        waiting = [recall for recall in waiting if not recall.dry and recall.floor > bar]
        depth *= 2
