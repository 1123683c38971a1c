"""Training of a learned ranker: LambdaMART (Burges 2010, MSR-TR-2010-82) as LightGBM has it (Ke et al. 2017, NeurIPS).

Trees are fitted on the questions of one part, their number is chosen on a second, and what they gain is told on a third
that nothing was chosen on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.calibration import logit
from sensorium.core.candidates import Ranked, VisiblePiece
from sensorium.core.errors import BadInput, ExtraMissing
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Hit, SearchResults
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.intervals import Values, cluster_bootstrap
from sensorium.evaluation.measures import Judged, per_query
from sensorium.evaluation.rankers.judgments import MOST_GRADE, JudgedQuery, Part
from sensorium.evaluation.rankers.report import RankerGain, RankerReport
from sensorium.processes.cores import usable_cores
from sensorium.ranking.features import NO_CLICKS, STANDARD, Clicks, Table, table
from sensorium.ranking.learned import LearnedRanker
from sensorium.ranking.model import RankerModel
from sensorium.ranking.trees import Forest, kept_tree

DEPTH = 50
"""Hits of a question that are put in order: below them a right answer is seldom worth the features of all above."""

LEAST = {Part.TRAIN: 10, Part.DEV: 5, Part.HELD_OUT: 5}
"""Questions of a part, with a right and a wrong answer among their hits, without which nothing is trained."""

MEASURES = ("nDCG@10", "RR")
ROUNDS, PATIENCE = 500, 50
"""Most trees, and after how many that gain nothing on the second part no more are made."""

PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [10],
    "label_gain": list(range(MOST_GRADE + 1)),  # the gain that nDCG@10 is measured by
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 10,
    "lambda_l2": 1.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""What is small enough for some hundred questions. The same data and the same seed give the same trees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerOptions:
    """features: as `ranking.features.checked` gives them. depth: hits that are put in order. threads: of LightGBM."""

    features: tuple[str, ...] = STANDARD
    depth: int = DEPTH
    seed: int = 0
    clicks: Clicks = NO_CLICKS
    threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What was found for a question. grades: int64 [hits]. right: grades of all its right answers, found or not."""

    query: Query
    hits: tuple[Ranked, ...] = field(repr=False)
    table: Table = field(repr=False)
    grades: npt.NDArray[np.int64]
    right: tuple[int, ...]
    part: Part

    @property
    def teaches(self) -> bool:
        """Whether one order of its hits is better than another."""
        return len(set(self.grades.tolist())) > 1


Ask = Callable[[Query], SearchResults]
"""A search whose hits no learned ranker has put in order."""


def train(
    queries: Sequence[JudgedQuery], ask: Ask, space_id: str, options: RankerOptions, told: Told | None = None
) -> tuple[RankerModel, RankerReport]:
    """A ranker, and what it gains. told: called after each search with how many of how many were made.

    Raises BadInput where there are too few questions, ExtraMissing.
    """
    lightgbm = _lightgbm()
    examples = []
    for done, judged in enumerate(queries, 1):
        examples.append(example(judged, ask, options))
        if told is not None:
            told(done, len(queries))
    parts = {part: [one for one in examples if one.part is part] for part in Part}
    _check_enough(parts)
    booster = _boosted(lightgbm, parts, options)
    best = booster.best_iteration or booster.num_trees()
    dumped = booster.dump_model(num_iteration=best)
    forest = Forest.of([kept_tree(tree["tree_structure"]) for tree in dumped["tree_info"]], len(options.features))
    model = RankerModel(
        features=options.features,
        forest=forest,
        depth=options.depth,
        space=space_id,
        importances=tuple(map(float, booster.feature_importance("gain", iteration=best))),
    )
    report = RankerReport(
        queries={part: len(own) for part, own in parts.items()},
        trees=len(forest.roots),
        made_by=f"lightgbm {lightgbm.__version__}",
        importances=dict(zip(model.features, model.importances, strict=True)),
        gains=gains(model, parts[Part.HELD_OUT], options.clicks),
    )
    return model, report


def example(judged: JudgedQuery, ask: Ask, options: RankerOptions) -> Example:
    """What a question finds, with features and grades."""
    query = Query(parts=(QueryPart(modality=Modality.TEXT, content=judged.text),), k=options.depth)
    hits = tuple(map(as_ranked, ask(query).hits))
    return Example(
        query=query,
        hits=hits,
        table=table(query, hits, options.features, options.clicks),
        grades=np.array([judged.grades.get(hit.found.item.id, 0) for hit in hits], np.int64),
        right=tuple(grade for grade in judged.grades.values() if grade > 0),
        part=judged.part,
    )


def as_ranked(hit: Hit) -> Ranked:
    """A hit as an arranger sees it, but for the store's key, which has left with the search."""
    return Ranked(
        found=VisiblePiece(key=-1, piece=hit.piece, item=hit.item),
        score=hit.score,
        matches=hit.matches,
        evidence=hit.evidence,
        strength=logit(hit.score),
    )


def gains(model: RankerModel, examples: Sequence[Example], clicks: Clicks) -> tuple[RankerGain, ...]:
    """What the order of the ranker is worth, against the order that was found. Raises ExtraMissing."""
    ranker = LearnedRanker(model, clicks)
    asked = [one for one in examples if one.right]
    before = _measured([one.grades.tolist() for one in asked], asked)
    after = _measured([_grades_after(ranker, one) for one in asked], asked)
    each = np.arange(len(asked), dtype=np.int64)
    return tuple(
        RankerGain(
            measure=name,
            before=cluster_bootstrap(before[name], each),
            after=cluster_bootstrap(after[name], each),
            gain=cluster_bootstrap(after[name] - before[name], each),
        )
        for name in MEASURES
    )


def _grades_after(ranker: LearnedRanker, one: Example) -> list[int]:
    """The grades of an example's hits in the order that a search would show them in."""
    grade = {id(hit.found): int(own) for hit, own in zip(one.hits, one.grades, strict=True)}
    return [grade[id(hit.found)] for hit in ranker.arrange(one.query, one.hits)]


def _measured(grades: Sequence[Sequence[int]], examples: Sequence[Example]) -> dict[str, Values]:
    """float64 [queries] for each measure."""
    depth = max(1, *map(len, grades)) if grades else 1
    padded = np.zeros((len(grades), depth), np.int64)
    for row, own in enumerate(grades):
        padded[row, : len(own)] = own
    return per_query(Judged(grades=padded, right=[one.right for one in examples]), MEASURES)


def _boosted(lightgbm: Any, parts: dict[Part, list[Example]], options: RankerOptions) -> Any:
    """The trees, as many as are best on the second part."""
    parameters = {**PARAMETERS, "seed": options.seed, "num_threads": options.threads or usable_cores()}
    train_set = _data(lightgbm, parts[Part.TRAIN], options)
    dev_set = _data(lightgbm, parts[Part.DEV], options, train_set)
    return lightgbm.train(
        parameters,
        train_set,
        num_boost_round=ROUNDS,
        valid_sets=[dev_set],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )


def _data(lightgbm: Any, examples: Sequence[Example], options: RankerOptions, reference: Any = None) -> Any:
    able = [one for one in examples if one.teaches]
    return lightgbm.Dataset(
        np.concatenate([one.table for one in able]),
        label=np.concatenate([one.grades for one in able]),
        group=[len(one.grades) for one in able],
        feature_name=[f"f{number}" for number in range(len(options.features))],
        reference=reference,
        free_raw_data=False,
    )


def _check_enough(parts: dict[Part, list[Example]]) -> None:
    for part, least in LEAST.items():
        able = sum(one.teaches for one in parts[part])
        if able < least:
            raise BadInput(
                f"of {len(parts[part])} questions in the part {part}, {able} found a right and a wrong answer, and"
                f" {least} are needed",
                remedy="judge more questions: six of ten train, two choose, two are held out",
            )


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise ExtraMissing(
            f"training a ranker needs {error.name}, which is not installed",
            remedy="install it by `pip install 'sensorium[rank]'`",
        ) from None
    return lightgbm
