"""Trees of a learned ranker, evaluated with numpy alone: what LightGBM's own prediction gives, without LightGBM.

The rule at a node is that of LightGBM (Ke et al. 2017, NeurIPS; `Tree::NumericalDecision` of its source): a value that
is not larger than the threshold goes left; what is missing goes where it went in training.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.ranking.features import Table

MOST_TREES = 1_000
MOST_NODES = 1_023
"""Of one tree, leaves among them."""

MISSING = ("None", "Zero", "NaN")
"""What counts as missing at a node: nothing (then NaN counts as 0), zeros and NaN, or NaN."""

ZERO = 1e-35
"""What is not further from 0 is a zero (LightGBM's `kZeroThreshold`)."""

Numbers = npt.NDArray[np.int64]
Node = list[float]
"""As it is kept: `[value]` for a leaf, else `[feature, threshold, missing, default_left, left, right]`, where children
are places in the tree's list, behind their parent."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """All nodes of all trees, one array a field; a leaf is its own child.

    roots: int64 [trees]. depth: steps from a root after which every row is at a leaf. trees: as they are kept.
    """

    roots: Numbers
    feature: Numbers
    threshold: npt.NDArray[np.float64]
    missing: Numbers
    default_left: npt.NDArray[np.bool_]
    left: Numbers
    right: Numbers
    value: npt.NDArray[np.float64]
    depth: int
    trees: Sequence[Sequence[Node]] = field(repr=False)

    @classmethod
    def of(cls, trees: Any, features: int) -> Forest:
        """From trees as they are kept. Raises ValueError for anything that is no tree over so many features.

        >>> forest = Forest.of([[[0, 0.5, 2, 1, 1, 2], [-1.0], [1.0]]], features=1)
        >>> forest.predict(np.array([[0.25], [0.75], [np.nan]])).tolist()
        [-1.0, 1.0, -1.0]
        """
        if not isinstance(trees, list) or not 0 < len(trees) <= MOST_TREES:
            raise ValueError(f"expected 1 to {MOST_TREES} trees")
        rows: list[tuple[int, float, int, bool, int, int, float]] = []
        roots, depth = [], 0
        for tree in trees:
            roots.append(len(rows))
            own, steps = _checked(tree, features, len(rows))
            rows += own
            depth = max(depth, steps)
        columns = list(zip(*rows, strict=True))
        return cls(
            roots=np.array(roots, np.int64),
            feature=np.array(columns[0], np.int64),
            threshold=np.array(columns[1], np.float64),
            missing=np.array(columns[2], np.int64),
            default_left=np.array(columns[3], np.bool_),
            left=np.array(columns[4], np.int64),
            right=np.array(columns[5], np.int64),
            value=np.array(columns[6], np.float64),
            depth=depth,
            trees=trees,
        )

    def predict(self, table: Table) -> npt.NDArray[np.float64]:
        """float64 [rows]: the sum over trees of the leaf that a row comes to."""
        at = np.broadcast_to(self.roots, (len(table), len(self.roots)))
        rows = np.arange(len(table))[:, np.newaxis]
        for _ in range(self.depth):
            values = table[rows, self.feature[at]]
            nan, kind = np.isnan(values), self.missing[at]
            values = np.where(nan & (kind != 2), 0.0, values)
            gone = (kind == 2) & nan | (kind == 1) & (np.abs(values) <= ZERO)
            goes_left = np.where(gone, self.default_left[at], values <= self.threshold[at])
            at = np.where(goes_left, self.left[at], self.right[at])
        total: npt.NDArray[np.float64] = self.value[at].sum(axis=1)
        return total


def _checked(tree: Any, features: int, start: int) -> tuple[list[tuple[int, float, int, bool, int, int, float]], int]:
    """The rows of one tree, the first of them at `start`, and its depth."""
    if not isinstance(tree, list) or not 0 < len(tree) <= MOST_NODES:
        raise ValueError(f"a tree has 1 to {MOST_NODES} nodes")
    depths, parents = [0] * len(tree), [0] * len(tree)
    rows: list[tuple[int, float, int, bool, int, int, float]] = []
    for place, node in enumerate(tree):
        if not isinstance(node, list) or not all(type(one) in (int, float) and math.isfinite(one) for one in node):
            raise ValueError("a node is a list of finite numbers")
        own = start + place
        if len(node) == 1:
            rows.append((0, 0.0, 0, True, own, own, float(node[0])))
            continue
        if len(node) != 6 or any(type(node[part]) is not int for part in (0, 2, 3, 4, 5)):
            raise ValueError("a node has one number, or six")
        feature, threshold, missing, default_left, left, right = node
        if not (0 <= feature < features and 0 <= missing < len(MISSING) and default_left in (0, 1)):
            raise ValueError("a node asks for what there is not")
        for child in (left, right):
            if not place < child < len(tree) or parents[child]:
                raise ValueError("a child stands behind its parent, and has one")
            parents[child], depths[child] = 1, depths[place] + 1
        rows.append((feature, float(threshold), missing, bool(default_left), start + left, start + right, 0.0))
    return rows, max(depths)


def kept_tree(structure: Mapping[str, Any]) -> list[Node]:
    """A tree of LightGBM's `Booster.dump_model()` as it is kept here. Raises ValueError for splits by category."""
    nodes: list[Node] = []

    def add(node: Mapping[str, Any]) -> int:
        place = len(nodes)
        if "leaf_value" in node:
            nodes.append([float(node["leaf_value"])])
            return place
        if node["decision_type"] != "<=":
            raise ValueError(f"a tree splits by {node['decision_type']}")
        nodes.append([])
        left, right = add(node["left_child"]), add(node["right_child"])
        missing = MISSING.index(node["missing_type"])
        nodes[place] = [
            int(node["split_feature"]), float(node["threshold"]), missing, int(node["default_left"]), left, right
        ]  # fmt: skip
        return place

    add(structure)
    return nodes
