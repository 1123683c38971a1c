"""Trees without LightGBM say what LightGBM says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.ranking.trees import Forest, kept_tree

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
"""`python tests/unit/ranking/make_golden.py`: a model as LightGBM 4.7.0 dumps it, rows, and its own predictions."""

LEAF = [1.0]
SPLIT = [0, 0.5, 2, 1, 1, 2]


def rows(said: list[list[float | None]]) -> Any:
    return np.array([[np.nan if one is None else one for one in row] for row in said])


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_predictions_are_those_that_lightgbm_gave(name: str) -> None:
    golden = GOLDEN[name]
    forest = Forest.of([kept_tree(tree) for tree in golden["trees"]], golden["features"])
    assert np.abs(forest.predict(rows(golden["rows"])) - golden["predictions"]).max() < 1e-12


def test_the_golden_models_split_by_all_that_counts_as_missing() -> None:
    kept = [node for golden in GOLDEN.values() for tree in golden["trees"] for node in kept_tree(tree)]
    assert {node[2] for node in kept if len(node) > 1} == {0, 1, 2}
    assert {node[3] for node in kept if len(node) > 1} == {0, 1}


def test_predictions_are_those_of_lightgbm_where_it_is_installed() -> None:
    lightgbm = pytest.importorskip("lightgbm", exc_type=ImportError)
    random = np.random.default_rng(3)
    table = random.normal(size=(400, 6))
    table[random.random(table.shape) < 0.2] = np.nan
    table[random.random(table.shape) < 0.2] = 0.0
    label = np.clip(np.nan_to_num(table[:, 0] + table[:, 1]) + 1, 0, 3).astype(int)
    data = lightgbm.Dataset(table, label=label, group=[20] * 20)
    booster = lightgbm.train({"objective": "lambdarank", "verbosity": -1, "num_threads": 1}, data, 40)
    forest = Forest.of([kept_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]], 6)
    assert np.abs(forest.predict(table) - booster.predict(table)).max() < 1e-9


def test_a_tree_of_one_leaf_says_one_thing() -> None:
    assert Forest.of([[LEAF], [[2.0]]], 1).predict(np.zeros((2, 1))).tolist() == [3.0, 3.0]


def test_trees_of_unlike_depth_stand_together() -> None:
    deep = [[0, 0.0, 0, 1, 1, 2], [1.0], [0, 1.0, 0, 1, 3, 4], [2.0], [3.0]]
    forest = Forest.of([deep, [SPLIT, [10.0], [20.0]]], 1)
    assert forest.predict(np.array([[-1.0], [0.7], [2.0]])).tolist() == [11.0, 22.0, 23.0]


@pytest.mark.parametrize(
    "trees",
    [
        None, [], {}, [[]], [[[]]], [["leaf"]], [[[float("nan")]]], [[[True]]],
        [[SPLIT]], [[SPLIT, LEAF]], [[[1, 0.5, 2, 1, 1, 2], LEAF, LEAF]], [[[-1, 0.5, 2, 1, 1, 2], LEAF, LEAF]],
        [[[0, 0.5, 3, 1, 1, 2], LEAF, LEAF]], [[[0, 0.5, 2, 2, 1, 2], LEAF, LEAF]],
        [[[0, 0.5, 2, 1, 0, 2], LEAF, LEAF]], [[[0, 0.5, 2, 1, 1, 1], LEAF, LEAF]],
        [[[0, float("inf"), 2, 1, 1, 2], LEAF, LEAF]], [[[0.0, 0.5, 2, 1, 1, 2], LEAF, LEAF]],
        [[LEAF] * 1024], [[LEAF]] * 1001,
    ],
    ids=lambda trees: str(trees)[:40],
)  # fmt: skip
def test_what_is_no_tree_is_refused(trees: Any) -> None:
    with pytest.raises(ValueError):
        Forest.of(trees, 1)


def test_a_split_by_category_is_refused() -> None:
    leaf = {"leaf_value": 0.0}
    with pytest.raises(ValueError, match="=="):
        kept_tree({"decision_type": "==", "left_child": leaf, "right_child": leaf})
