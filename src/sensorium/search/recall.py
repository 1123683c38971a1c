"""Recall: every route fetches its nearest visible pieces, and fetches more until the list is certain."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sensorium.core.candidates import Candidate
from sensorium.core.ports import VectorIndex
from sensorium.core.spaces import Keys
from sensorium.search.fuse import Scored
from sensorium.search.plan import Route

NOTHING = -1.0
"""Below every score: what a route that has run dry can still offer, and the bar while there are too few hits."""


@dataclass(slots=True, kw_only=True)
class Recall:
    """One route being read from the top, best first. dry: nothing more is to be had.

    lowest: the last of the candidates that were looked at closer, None where none was. among: the recall whose scores
    these are to be comparable with, where this one reads a part of what that one does. seconds: that the index took.
    """

    route: Route
    index: VectorIndex
    allowed: Keys
    depth: int = 0
    dry: bool = False
    lowest: Scored | None = None
    among: Recall | None = None
    seconds: float = 0.0
    _last: Candidate | None = None
    _seen: set[int] = field(default_factory=set)
    _judge: Callable[[float], tuple[float, bool]] | None = None

    @property
    def floor(self) -> float:
        """What the next candidate's score can not exceed."""
        if self.dry:
            return NOTHING
        return 1.0 if self._last is None else self.scored(self._last).score

    def scored(self, candidate: Candidate) -> Scored:
        """A candidate of this route that nobody has looked at closer."""
        if self._judge is None:
            self._judge = self.route.judge(len((self.among or self).allowed))
        score, matches = self._judge(candidate.raw)
        plain = Scored(candidate=candidate, score=score, matches=matches)
        lowest = (self.among or self).lowest
        return plain if lowest is None else plain.below(lowest)

    def fetch(self, depth: int) -> list[Candidate]:
        """Reads down to rank `depth`; returns the candidates that are new."""
        depth = min(depth, len(self.allowed))
        new = self._beyond(depth) if depth > self.depth else []
        self.depth += len(new)
        # An index that lags behind the store may hold less than is allowed: then it ends early.
        self.dry = self.depth < depth or self.depth == len(self.allowed)
        self._last = new[-1] if new else self._last
        return new

    def _beyond(self, depth: int) -> list[Candidate]:
        """What is new among the nearest `depth`.

        Pieces of equal scores may stand in another order where more are asked for, so they are told by their keys: by
        their ranks alone, one could come twice and another never.
        """
        everything = len(self.allowed) == len(self.index)
        begun = time.perf_counter()
        found = self.index.search(self.route.vector, depth, None if everything else self.allowed)
        self.seconds += time.perf_counter() - begun
        ranked = zip(found.keys[0].tolist(), found.scores[0].tolist(), strict=True)
        new = [(key, raw) for key, raw in ranked if key >= 0 and key not in self._seen]
        self._seen.update(key for key, _ in new)
        return [
            Candidate(key=key, route=self.route.name, modality=self.route.modality, raw=raw, rank=rank)
            for rank, (key, raw) in enumerate(new, self.depth + 1)
        ]


def recall_until(recalls: Sequence[Recall], depth: int, settle: Callable[[list[Scored]], float]) -> None:
    """Reads every route, first down to `depth`, then deeper where a better hit may still lie.

    settle: is given what a round found, and returns the bar: the score that a further piece must exceed to matter,
    `NOTHING` while there are too few hits.
    """
    waiting = list(recalls)
    while waiting:
        bar = settle([recall.scored(new) for recall in waiting for new in recall.fetch(depth)])
        waiting = [recall for recall in waiting if not recall.dry and recall.floor > bar]
        depth *= 2
