"""The learned ranker that a library has: its file, read again when it changes."""

from __future__ import annotations

import threading
from pathlib import Path

from sensorium.core.budgets import Budget
from sensorium.core.ports import Arranger, Encoder
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.ranking.clicks import FEEDBACK, read_clicks
from sensorium.ranking.features import BY_CHOICE, NO_CLICKS, Clicks
from sensorium.ranking.learned import LearnedRanker
from sensorium.ranking.model import FILE, RankerModel, read, version


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
        self._read: tuple[str, RankerModel | None] = ("", None)
        self._clicks: dict[str, tuple[str, Clicks]] = {}

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
        now = version(self._path)
        with self._lock:
            if not now:
                return None
            if self._read[0] != now:
                self._read = (now, read(self._path))
            return self._read[1]

    def _liked(self, tenant: str) -> Clicks:
        now = version(self._feedback)
        with self._lock:
            known = self._clicks.get(tenant)
            if known is None or known[0] != now:
                known = (now, read_clicks(self._feedback, tenant))
                self._clicks[tenant] = known
            return known[1]
