"""The learned ranker at work: it puts the first hits of a question in words into the order that its trees give."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sensorium.core.budgets import Budget
from sensorium.core.candidates import Ranked
from sensorium.core.items import Modality
from sensorium.core.ports import Arranger, Encoder
from sensorium.core.queries import Query
from sensorium.core.reordering import reordered
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.ranking.clicks import read_clicks
from sensorium.ranking.features import BY_CHOICE, NO_CLICKS, Clicks, table
from sensorium.ranking.model import FILE, RankerModel, read

FEEDBACK = Path("server") / "feedback.jsonl"
"""Where a server keeps what people thought of hits, below the folder of a library."""


class LearnedRanker:
    """Orders the first `RankerModel.depth` hits by what the trees say; the others stay behind them, as they are.

    Fits the port `Arranger`. Ranks what a question of one text found, since it was trained on such. Scores, matches and
    evidence stay: they are calibrated, and what the trees say is not.
    """

    name = "learned"

    def __init__(self, model: RankerModel, clicks: Clicks = NO_CLICKS) -> None:
        self._model = model
        self._clicks = clicks

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        """The hits in the order of the trees; equals stay as they stand."""
        if [part.modality for part in query.parts] != [Modality.TEXT] or len(hits) < 2:
            return list(hits)
        first = hits[: self._model.depth]
        said = self._model.forest.predict(table(query, first, self._model.features, self._clicks))
        order = np.argsort(-said, kind="stable").tolist()
        return reordered(hits, range(len(first)), order, "the learned ranker")


class LearnedRankers:
    """The learned ranker of a library, read again when its file changes. Safe to use from several threads.

    Fits the port `ArrangerSource`. space_id: raw scores of another space mean something else.
    """

    name = "learned"

    def __init__(self, folder: Path, space_id: str) -> None:
        self._space_id = space_id
        self._path = folder / FILE
        self._feedback = folder / FEEDBACK
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, ...], RankerModel | None] = ((), None)
        self._clicks: dict[str, tuple[tuple[int, ...], Clicks]] = {}

    @classmethod
    def load(cls, settings: Settings, encoder: Encoder, folder: Path) -> LearnedRankers:
        """Fits the port `ArrangerFactory`."""
        return cls(folder, encoder.space.id)

    def arranger(self, scope: Scope, budget: Budget) -> Arranger | None:
        """What orders hits for this caller; None without one, or where it is for another space. Raises ModelDamaged."""
        model = self._model()
        if model is None or model.space != self._space_id:
            return None
        clicks = self._liked(scope.tenant) if BY_CHOICE.intersection(model.features) else NO_CLICKS
        return LearnedRanker(model, clicks)

    def _model(self) -> RankerModel | None:
        now = _state(self._path)
        with self._lock:
            if not now:
                return None
            if self._read[0] != now:
                self._read = (now, read(self._path))
            return self._read[1]

    def _liked(self, tenant: str) -> Clicks:
        now = _state(self._feedback)
        with self._lock:
            known = self._clicks.get(tenant)
            if known is None or known[0] != now:
                known = (now, read_clicks(self._feedback, tenant))
                self._clicks[tenant] = known
            return known[1]


def _state(path: Path) -> tuple[int, ...]:
    """What changes when a file does; () where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
