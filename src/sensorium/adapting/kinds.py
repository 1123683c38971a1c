"""Adapters while they learn: how each kind starts, and the gradients of its arrays.

numpy alone: on frozen vectors a step is a few products of small matrices, which no framework makes faster. Tests hold
every gradient against differences of the loss.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sensorium.encoders.adapters import IDENTITY, LINEAR, LOW_RANK, MLP, SHAPES, Adapter, Array, shift

KINDS = (LINEAR, LOW_RANK, MLP)
"""What can be trained."""

Learned = dict[str, Array]
"""The arrays of one adapter by name."""

Backward = Callable[[Array], Learned]
"""From the gradient of unit rows, [n, width], to those of an adapter's arrays."""


def started(kind: str, width: int, rank: int, random: np.random.Generator) -> Learned:
    """Arrays that change nothing yet: all zeros but the way in, which is drawn with deviation 1 / sqrt(width).

    >>> arrays = started(LOW_RANK, 4, 2, np.random.default_rng(0))
    >>> bool(np.any(shift(LOW_RANK, arrays, np.eye(4))))
    False
    """
    sizes = {"width": width, "rank": rank}
    arrays: Learned = {}
    for name, axes in SHAPES[kind].items():
        shape = tuple(sizes[axis] for axis in axes)
        drawn = random.standard_normal(shape) / np.sqrt(width) if name == "down" else np.zeros(shape)
        arrays[name] = drawn.astype(np.float32)
    return arrays


def forward(kind: str, arrays: Learned, rows: Array) -> tuple[Array, Backward]:
    """Unit rows of rows [n, width], and the way back from their gradient."""
    moved = rows + shift(kind, arrays, rows)
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    unit = moved / lengths

    def backward(gradient: Array) -> Learned:
        across = (gradient - unit * (gradient * unit).sum(axis=1, keepdims=True)) / lengths
        return _gradients(kind, arrays, rows, across)

    return unit, backward


def frozen(kind: str, arrays: Learned) -> Adapter:
    """What was learned, as the encoder applies it; the identity where it changes nothing."""
    into = [array for name, array in arrays.items() if name not in ("down", "inner")]
    if not any(np.any(array) for array in into):
        return Adapter(kind=IDENTITY)
    return Adapter(kind=kind, arrays={name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()})


def _gradients(kind: str, arrays: Learned, rows: Array, across: Array) -> Learned:
    """Of all arrays, from the gradient of what the adapter adds."""
    bias = across.sum(axis=0)
    if kind == LINEAR:
        return {"weight": rows.T @ across, "bias": bias}
    inner = rows @ arrays["down"]
    back = across @ arrays["up"].T
    if kind == MLP:
        open_ = inner + arrays["inner"] > 0
        inner = np.maximum(inner + arrays["inner"], 0)
        back = back * open_
        return {"down": rows.T @ back, "inner": back.sum(axis=0), "up": inner.T @ across, "bias": bias}
    return {"down": rows.T @ back, "up": inner.T @ across, "bias": bias}
