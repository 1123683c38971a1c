"""Smaller weights: stored in 8 or 16 bits, used in 32, so that a vector never depends on its batch.

int8 weights are stored with one scale for each output channel and multiplied out by plain ONNX operators, which the
runtime folds when it loads the model. (Dynamic quantisation also rounds activations, by a scale taken over the whole
batch: a content's vector would change with its neighbours.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SMALLEST = 4096
"""Weights with fewer values stay as they are: nothing to win."""


def int8_steps(weight: Floats, axis: int | tuple[int, ...]) -> tuple[npt.NDArray[np.int8], Floats]:
    """Whole numbers -127..127 and the step for each slice, so that their product is about `weight`.

    axis: the one that is summed over in use, or all of them; what stays has a step for each entry.

    >>> values, step = int8_steps(np.array([[1.0, -0.5]], np.float32), axis=1)
    >>> values.tolist(), step.shape
    ([[127, -64]], (1, 1))
    """
    step = np.maximum(np.abs(weight).max(axis=axis, keepdims=True), 1e-12).astype(np.float32) / np.float32(127)
    return np.rint(weight / step).astype(np.int8), step


def rounded_int8(weight: Floats, axis: int | tuple[int, ...]) -> Floats:
    """`weight` as it is after storing it in 8 bits."""
    values, step = int8_steps(weight, axis)
    rounded: Floats = values.astype(np.float32) * step
    return rounded


def store_int8(model: Any) -> None:
    """Stores matrices, convolutions and tables of an ONNX model in 8 bits, in place."""
    for node, position, weight in _large_weights(model, {"MatMul": 1, "Gemm": 1, "Gather": 0, "Conv": 1}):
        if node.op_type == "Gather":
            _gather_int8(model, node, weight)
            continue
        values, step = int8_steps(weight, axis=_summed_axis(node))
        _replace(model, node, position, values, step)


def store_fp16(model: Any) -> None:
    """Stores weights of an ONNX model in 16 bits, in place."""
    for node, position, weight in _large_weights(model, {"MatMul": 1, "Gemm": 1, "Gather": 0, "Conv": 1}):
        _replace(model, node, position, weight.astype(np.float16), None)


def restore_floats(model: Any) -> None:
    """Undoes `store_fp16`, in place: each weight has 32 bits again and the value that it was used with."""
    from onnx import numpy_helper

    stored = {entry.name: entry for entry in model.graph.initializer}
    for node in [one for one in model.graph.node if one.op_type == "Cast" and one.input[0] in stored]:
        name = node.input[0]
        weight = numpy_helper.to_array(stored[name])
        if weight.dtype != np.float16:
            continue
        restored = name.removesuffix(".stored")
        _store(model, name, restored, weight.astype(np.float32))
        for user in model.graph.node:
            inputs = [restored if read == node.output[0] else read for read in user.input]
            del user.input[:]
            user.input.extend(inputs)
        model.graph.node.remove(node)


def _summed_axis(node: Any) -> int | tuple[int, ...]:
    if node.op_type == "Conv":
        return (1, 2, 3)
    transposed = any(a.name == "transB" and a.i for a in node.attribute)
    return 1 if transposed else 0


def _large_weights(model: Any, inputs: dict[str, int]) -> list[tuple[Any, int, Floats]]:
    from onnx import numpy_helper

    stored = {entry.name: entry for entry in model.graph.initializer}
    found = []
    for node in model.graph.node:
        position = inputs.get(node.op_type, -1)
        entry = stored.get(node.input[position]) if position >= 0 else None
        if entry is None:
            continue
        weight = numpy_helper.to_array(entry)
        if weight.dtype == np.float32 and weight.size >= SMALLEST:
            found.append((node, position, weight))
    return found


def _replace(model: Any, node: Any, position: int, values: np.ndarray[Any, Any], step: Floats | None) -> None:
    """Puts `Cast` (and `Mul` by the step) between the stored values and their use."""
    from onnx import TensorProto, helper

    name = node.input[position]
    cast = helper.make_node("Cast", [f"{name}.stored"], [f"{name}.cast"], to=TensorProto.FLOAT)
    added = [cast]
    _store(model, name, f"{name}.stored", values)
    node.input[position] = f"{name}.cast"
    if step is not None:
        _store(model, None, f"{name}.step", step)
        added.append(helper.make_node("Mul", [f"{name}.cast", f"{name}.step"], [f"{name}.used"]))
        node.input[position] = f"{name}.used"
    _insert_before(model, node, added)


def _gather_int8(model: Any, node: Any, weight: Floats) -> None:
    """A table is read by rows: the rows are multiplied out after they were picked."""
    from onnx import TensorProto, helper

    name, picked, found = node.input[0], node.input[1], node.output[0]
    values, step = int8_steps(weight, axis=1)
    _store(model, name, f"{name}.stored", values)
    _store(model, None, f"{name}.step", step)
    added = [
        helper.make_node("Gather", [f"{name}.stored", picked], [f"{name}.rows"]),
        helper.make_node("Cast", [f"{name}.rows"], [f"{name}.cast"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}.step", picked], [f"{name}.steps"]),
        helper.make_node("Mul", [f"{name}.cast", f"{name}.steps"], [found]),
    ]
    _insert_before(model, node, added)
    model.graph.node.remove(node)


def _store(model: Any, old: str | None, name: str, values: np.ndarray[Any, Any]) -> None:
    from onnx import numpy_helper

    for entry in [e for e in model.graph.initializer if e.name == old]:
        model.graph.initializer.remove(entry)
    model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))


def _insert_before(model: Any, node: Any, added: list[Any]) -> None:
    position = list(model.graph.node).index(node)
    for offset, entry in enumerate(added):
        model.graph.node.insert(position + offset, entry)
