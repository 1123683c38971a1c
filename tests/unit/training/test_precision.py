"""Weights stored in fewer bits give what the rounded weights give, and change little."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from sensorium.training import precision  # noqa: E402

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(100, 64)).astype(np.float32)
MATRIX = (RNG.normal(size=(64, 80)) * np.linspace(0.01, 3, 80)).astype(np.float32)
GEMM = RNG.normal(size=(70, 80)).astype(np.float32)


def model() -> Any:
    """ids -> rows of a table -> product with a matrix -> a layer with transposed weights."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("MatMul", ["rows", "matrix"], ["wide"]),
        helper.make_node("Gemm", ["wide", "gemm"], ["vectors"], transB=1),
    ]
    weights = [numpy_helper.from_array(w, n) for n, w in (("table", TABLE), ("matrix", MATRIX), ("gemm", GEMM))]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", 70])
    graph = helper.make_graph(nodes, "g", [ids], [vectors], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(made: Any, ids: list[int]) -> np.ndarray:
    import onnxruntime

    onnx.checker.check_model(made, full_check=True)
    session = onnxruntime.InferenceSession(made.SerializeToString())
    found: np.ndarray = session.run(None, {"ids": np.array(ids)})[0]
    return found


def test_int8_storage_computes_with_exactly_the_rounded_weights() -> None:
    made = model()
    precision.store_int8(made)
    table, matrix, gemm = (precision.rounded_int8(w, axis) for w, axis in ((TABLE, 1), (MATRIX, 0), (GEMM, 1)))
    np.testing.assert_allclose(run(made, [3, 99, 0]), table[[3, 99, 0]] @ matrix @ gemm.T, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(("store", "share"), [(precision.store_int8, 0.3), (precision.store_fp16, 0.55)])
def test_a_stored_model_is_smaller_and_points_the_same_way(store: Any, share: float) -> None:
    whole, made = model(), model()
    store(made)
    assert len(made.SerializeToString()) < share * len(whole.SerializeToString())
    one, other = run(whole, list(range(100))), run(made, list(range(100)))
    cosines = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    assert cosines.min() > 0.999


def test_an_int8_model_gives_a_row_the_same_alone_and_in_a_batch() -> None:
    made = model()
    precision.store_int8(made)
    np.testing.assert_allclose(run(made, [5]), run(made, [1, 5, 7])[1:2], rtol=1e-5)


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_rounding_twice_is_rounding_once(seed: int, size: float) -> None:
    weight = (np.random.default_rng(seed).normal(size=(6, 9)) * size).astype(np.float32)
    once = precision.rounded_int8(weight, axis=1)
    np.testing.assert_allclose(precision.rounded_int8(once, axis=1), once, rtol=1e-6)
    step = np.abs(weight).max(axis=1, keepdims=True) / 127
    assert (np.abs(once - weight) <= 0.501 * step).all()


def convolution() -> Any:
    """A depthwise convolution of 64 channels and a pointwise one after it."""
    chance = np.random.default_rng(1)
    weights = {
        "deep": chance.normal(size=(64, 1, 9, 9)).astype(np.float32),
        "point": chance.normal(size=(70, 64, 1, 1)).astype(np.float32) * np.linspace(0.01, 3, 70)[:, None, None, None],
    }
    nodes = [
        helper.make_node("Conv", ["pixels", "deep"], ["cells"], group=64, pads=[4, 4, 4, 4]),
        helper.make_node("Conv", ["cells", "point"], ["found"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 64, 5, 5])
    found = helper.make_tensor_value_info("found", TensorProto.FLOAT, ["n", 70, 5, 5])
    stored = [numpy_helper.from_array(weight.astype(np.float32), name) for name, weight in weights.items()]
    graph = helper.make_graph(nodes, "g", [pixels], [found], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def seen(made: Any) -> np.ndarray:
    import onnxruntime

    onnx.checker.check_model(made, full_check=True)
    pixels = np.random.default_rng(2).normal(size=(2, 64, 5, 5)).astype(np.float32)
    found: np.ndarray = onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"pixels": pixels})[0]
    return found


def test_each_channel_of_a_convolution_has_a_step_of_its_own() -> None:
    made = convolution()
    precision.store_int8(made)
    for ours, theirs in zip(np.rollaxis(seen(made), 1), np.rollaxis(seen(convolution()), 1), strict=True):
        assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max()


def test_a_model_in_16_bits_is_restored_to_what_it_computed() -> None:
    halves, made = convolution(), convolution()
    precision.store_fp16(halves)
    precision.store_fp16(made)
    precision.restore_floats(made)
    assert [node.op_type for node in made.graph.node] == ["Conv", "Conv"]
    np.testing.assert_allclose(seen(made), seen(halves), rtol=1e-5, atol=1e-5)


def test_a_slice_of_zeros_stays_zero() -> None:
    assert precision.rounded_int8(np.zeros((2, 3), np.float32), axis=1).tolist() == [[0, 0, 0], [0, 0, 0]]
