"""Makes `golden.json`: tiny models of LightGBM with its own predictions. Needs the extra `rank`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def _model(name: str, random: np.random.Generator, **parameters: Any) -> dict[str, Any]:
    import lightgbm

    table = np.round(random.normal(size=(120, 3)), 3)
    table[random.random(table.shape) < 0.3] = 0.0
    if name != "none":
        table[random.random(table.shape) < 0.2] = np.nan
    label = np.clip(np.nan_to_num(table[:, 0] - table[:, 1]) + 1 + np.isnan(table[:, 2]), 0, 3).astype(int)
    data = lightgbm.Dataset(table, label=label, group=[10] * 12)
    fixed = {"objective": "lambdarank", "num_leaves": 6, "min_data_in_leaf": 3, "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train({**fixed, **parameters}, data, 5)
    asked = np.concatenate([table[:12], [[np.nan] * 3, [0.0] * 3, [1e-36] * 3, [-9.0] * 3, [9.0] * 3]])
    return {
        "features": 3,
        "trees": [_bare(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]],
        "rows": [[None if np.isnan(one) else float(one) for one in row] for row in asked],
        "predictions": booster.predict(asked).tolist(),
    }


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    """What is read of a node."""
    if "leaf_value" in node:
        return {"leaf_value": node["leaf_value"]}
    names = ("split_feature", "threshold", "decision_type", "default_left", "missing_type")
    children = {side: _bare(node[side]) for side in ("left_child", "right_child")}
    return {**{name: node[name] for name in names}, **children}


if __name__ == "__main__":
    random = np.random.default_rng(7)
    models = {
        "nan": _model("nan", random),
        "none": _model("none", random),
        "zero": _model("zero", random, zero_as_missing=True),
    }
    (Path(__file__).parent / "golden.json").write_text(json.dumps(models) + "\n", encoding="utf-8")
