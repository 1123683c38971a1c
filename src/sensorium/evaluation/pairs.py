"""Captions find their pictures, pictures find their captions: how well, by the product's own encoder and index."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.items import Modality
from sensorium.evaluation.captions import read_captions
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.intervals import Clusters, Interval, cluster_bootstrap
from sensorium.evaluation.measures import Ranks, median_rank, reciprocal_rank, success_at_k
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.reports import DIGITS, INTERVALS, TIES, cluster_numbers
from sensorium.evaluation.suite_run import rankings_of
from sensorium.evaluation.texts import figure_lines

PAIRS_SCHEMA = "sensorium.pairs/1"
"""Name and version of the JSON of a `PairsReport`. New fields do not change the version."""

KS = (1, 5, 10)

DEFINITION = "any-hit: a question counts at k when any of its right answers is among the first k of the whole gallery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One way to ask.

    questions, gallery: how many were asked, and how many answers there were to choose from. pictures: how many the
    questions are of. recall: R@k by k, any-hit, 0..1.
    """

    asked: Modality
    found: Modality
    questions: int
    pictures: int
    gallery: int
    recall: dict[int, Interval]
    mean_reciprocal_rank: Interval
    median_rank: float

    @classmethod
    def of(cls, asked: Modality, found: Modality, ranks: Ranks, clusters: Clusters, gallery: int) -> Direction:
        """The figures of these ranks. clusters: int64 [questions], the picture that each question is of."""
        return cls(
            asked=asked,
            found=found,
            questions=len(ranks),
            pictures=len(np.unique(clusters)),
            gallery=gallery,
            recall={k: cluster_bootstrap(success_at_k(ranks, k), clusters) for k in KS},
            mean_reciprocal_rank=cluster_bootstrap(reciprocal_rank(ranks), clusters),
            median_rank=median_rank(ranks),
        )

    def as_json(self) -> dict[str, Any]:
        """Recall as `recall@k`."""
        told = {f"recall@{k}": share for k, share in self.recall.items()} | {"mrr": self.mean_reciprocal_rank}
        return {
            "asked": str(self.asked),
            "found": str(self.found),
            "questions": self.questions,
            "pictures": self.pictures,
            "gallery": self.gallery,
            **{name: round(interval.mean, DIGITS) for name, interval in told.items()},
            "median_rank": self.median_rank,
            "intervals": {name: [round(end, DIGITS) for end in (i.low, i.high)] for name, i in told.items()},
        }

    def __str__(self) -> str:
        counts = f"{self.questions:,} questions of {self.pictures:,} pictures, gallery {self.gallery:,}"
        figures = {f"R@{k}": share for k, share in self.recall.items()} | {"MRR": self.mean_reciprocal_rank}
        return "\n".join([f"{self.asked} -> {self.found}: {counts}", *figure_lines(figures, self.median_rank)])


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsReport:
    """How well one space finds captions and pictures of one split. seconds: what it took, encoding included."""

    split: str
    space_id: str
    directions: tuple[Direction, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `PAIRS_SCHEMA`."""
        return {
            "schema": PAIRS_SCHEMA,
            "split": self.split,
            "space": self.space_id,
            "definition": DEFINITION,
            "ties": TIES,
            "intervals": INTERVALS,
            "directions": [direction.as_json() for direction in self.directions],
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        lines = [
            f"Split {self.split}, space {self.space_id}, {self.seconds:.0f} s",
            *(str(direction) for direction in self.directions),
            f"R@k {DEFINITION}",
            f"ties: {TIES}",
            f"intervals: {INTERVALS}",
        ]
        return "\n".join(lines)


def evaluate_pairs(folder: Path, split: str, ports: EvaluationPorts, told: Told | None = None) -> PairsReport:
    """Both directions of one split of captioned pictures.

    folder: holds `images/` and `captions_SPLIT.tsv` (see `read_captions`). Every picture of the split is decoded by
    the guarded reader and stands in the gallery. told: called after each batch with what is done and what there is.

    Raises BadInput for data that are not as described, a picture that is refused among them, and for an encoder that
    lacks one of the two senses.
    """
    start = time.perf_counter()
    suite = read_captions(folder, split)
    ways = ((Modality.TEXT, Modality.IMAGE), (Modality.IMAGE, Modality.TEXT))
    directions = tuple(
        Direction.of(*way, ranking.judged.first, cluster_numbers(task.clusters), len(ranking.ids))
        for way, task, (_, ranking) in zip(ways, suite.tasks, rankings_of(suite, ports, told), strict=True)
    )
    return PairsReport(
        split=split, space_id=ports.encoder.space.id, directions=directions, seconds=time.perf_counter() - start
    )
