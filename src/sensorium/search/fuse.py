"""One ranked list out of many routes: scores are calibrated, so the best score of a piece is its place in the list."""

from __future__ import annotations

from dataclasses import dataclass

from sensorium.core.candidates import Candidate, VisiblePiece
from sensorium.core.results import Evidence


@dataclass(slots=True, kw_only=True)
class Entry:
    """A verified piece in the list, with every route that found it."""

    found: VisiblePiece
    score: float
    evidence: list[Evidence]


class RankedList:
    """Verified pieces by score; at most `per_item` of one item (0: no limit), `k` in all.

    Equal scores are ordered by key, the order in which pieces were added, so that a list never depends on chance.
    """

    def __init__(self, *, k: int, per_item: int) -> None:
        self._k = k
        self._per_item = per_item
        self._entries: dict[int, Entry] = {}
        self._best: list[Entry] | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, found: VisiblePiece, score: float, candidate: Candidate) -> None:
        """Enters a piece, or one more piece of evidence for it."""
        evidence = Evidence(route=candidate.route, raw=candidate.raw, rank=candidate.rank)
        entry = self._entries.get(found.key)
        if entry is None:
            self._entries[found.key] = Entry(found=found, score=score, evidence=[evidence])
        else:
            entry.score = max(entry.score, score)
            entry.evidence.append(evidence)
        self._best = None

    @property
    def full(self) -> bool:
        """Whether there are `k` hits already."""
        return len(self.best()) == self._k

    @property
    def bar(self) -> float:
        """The score of the last hit."""
        return self.best()[-1].score

    def best(self) -> list[Entry]:
        """The hits as they stand, best first."""
        if self._best is None:
            self._best = self._pick()
        return self._best

    def _pick(self) -> list[Entry]:
        taken: dict[str, int] = {}
        picked: list[Entry] = []
        for entry in sorted(self._entries.values(), key=lambda entry: (-entry.score, entry.found.key)):
            item_id = entry.found.item.id
            if self._per_item and taken.get(item_id, 0) >= self._per_item:
                continue
            taken[item_id] = taken.get(item_id, 0) + 1
            picked.append(entry)
            if len(picked) == self._k:
                break
        return picked
