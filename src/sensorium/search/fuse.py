"""One ranked list out of many routes: scores are calibrated, so the best score of a piece is its place in the list."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sensorium.core.calibration import logit
from sensorium.core.candidates import Admitted, Candidate, Ranked, VisiblePiece
from sensorium.core.results import Evidence, Look

LEAST = 1e-9
"""The probability nearest to 0, and from 1, that log-odds are taken of."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its calibrated score. matches: whether it reaches the cut. looks: the closer looks that were
    taken, in order; raws: the raw score after each.

    beneath: orders what has the same score; above 0 for what lies below the candidates that were looked at closer.
    """

    candidate: Candidate
    score: float
    matches: bool
    looks: tuple[str, ...] = ()
    raws: tuple[float, ...] = ()
    beneath: float = 0.0

    @property
    def order(self) -> tuple[float, float, int]:
        """The place in a list, the smaller the better. Equals stand in the order of adding, so that nothing is left
        to chance."""
        return -self.score, self.beneath, self.candidate.key

    def below(self, lowest: Scored) -> Scored:
        """The same where it stands below all that was looked at closer, of which `lowest` is the last.

        Raw scores of two chains are not comparable, so a candidate that nobody looked at gets no better score than the
        last one that somebody did, and keeps its order among its like.
        """
        return replace(
            self,
            score=min(self.score, lowest.score),
            matches=self.matches and lowest.matches,
            beneath=2.0 - self.candidate.raw,
        )

    @property
    def evidence(self) -> Evidence:
        """What is told of it."""
        looks = tuple(Look(name=name, raw=raw) for name, raw in zip(self.looks, self.raws, strict=True))
        return Evidence(route=self.candidate.route, raw=self.candidate.raw, rank=self.candidate.rank, looks=looks)


@dataclass(slots=True, kw_only=True)
class Entry:
    """A verified piece in the list: the best that a route made of it, and every route that found it."""

    found: Admitted
    best: Scored
    found_by: list[Scored]

    def ranked(self, opened: VisiblePiece) -> Ranked:
        """The same with what the piece holds, as it is arranged: in the order of its score."""
        return Ranked(
            found=opened,
            score=self.best.score,
            matches=self.best.matches,
            evidence=tuple(one.evidence for one in self.found_by),
            strength=logit(min(max(self.best.score, LEAST), 1 - LEAST)),
        )


class RankedList:
    """Verified pieces by score; at most `per_item` of one item (0: no limit), `k` in all."""

    def __init__(self, *, k: int, per_item: int) -> None:
        self.k = k
        self._per_item = per_item
        self._entries: dict[int, Entry] = {}
        self._best: list[Entry] | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, found: Admitted, scored: Scored) -> None:
        """Enters a piece, or one more piece of evidence for it."""
        entry = self._entries.get(found.key)
        if entry is None:
            self._entries[found.key] = Entry(found=found, best=scored, found_by=[scored])
        else:
            entry.best = min(entry.best, scored, key=lambda scored: scored.order)
            entry.found_by.append(scored)
        self._best = None

    @property
    def full(self) -> bool:
        """Whether there are `k` hits already."""
        return len(self.best()) == self.k

    def deepen(self, k: int) -> None:
        """Goes on to `k` hits. What stood in the list before stands at its beginning."""
        self.k = k
        self._best = None

    @property
    def last(self) -> Scored:
        """The last hit."""
        return self.best()[-1].best

    def best(self) -> list[Entry]:
        """The hits as they stand, best first."""
        if self._best is None:
            self._best = self._pick()
        return self._best

    def _pick(self) -> list[Entry]:
        taken: dict[str, int] = {}
        picked: list[Entry] = []
        for entry in sorted(self._entries.values(), key=lambda entry: entry.best.order):
            item_id = entry.found.item_id
            if self._per_item and taken.get(item_id, 0) >= self._per_item:
                continue
            taken[item_id] = taken.get(item_id, 0) + 1
            picked.append(entry)
            if len(picked) == self.k:
                break
        return picked
