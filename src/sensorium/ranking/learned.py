"""The learned ranker at work: it puts the first hits of a question in words into the order that its trees give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorium.core.candidates import Ranked
from sensorium.core.items import Modality
from sensorium.core.queries import Query
from sensorium.core.reordering import reordered
from sensorium.ranking.features import NO_CLICKS, Clicks, table
from sensorium.ranking.model import RankerModel


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
