"""A tower of other languages that was shipped, as something to go on from: its learnt layers and heads.

What it was before it was rounded to 8 bits is gone; going on mends that within a few steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.errors import ModelDamaged
from sensorium.training.heads import Head
from sensorium.training.trunks import e5

Values = Mapping[str, npt.NDArray[Any]]


def read_back(path: Path, trunk: e5.Trunk) -> dict[str, Head]:
    """The heads of a text tower that was exported, by name; its layers are put into `trunk`.

    The vocabulary may be another one: the table of pieces does not learn. Raises ModelDamaged for another model.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    values = {entry.name: numpy_helper.to_array(entry) for entry in model.graph.initializer}
    products = dict(_products(model, values))
    layers = trunk.model.encoder.state_dict()
    learnt = {name: value for name, value in {**values, **products}.items() if name.startswith("layer")}
    found = {name.replace("layers.", "layer.", 1): torch.tensor(value) for name, value in learnt.items()}
    known = {name: value for name, value in found.items() if name in layers}
    try:
        if not known:
            raise KeyError("no layers of a transformer")
        trunk.model.encoder.load_state_dict({**layers, **known})
        return {
            name: Head(np.array(products[f"{name}.weight"], np.float32), np.array(values[f"{name}.bias"], np.float32))
            for name in ("shared", "private", "late")
            if f"{name}.weight" in products
        }
    except (KeyError, RuntimeError) as error:
        raise ModelDamaged(f"this is no text tower ({error})", subject=path.name, remedy="make it anew") from error


def _products(model: Any, values: Values) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Weights in 8 bits that states are multiplied by, as their layer has them, by the names of their layers."""
    after = {read: node for node in model.graph.node if node.op_type == "Add" for read in node.input}
    for node in model.graph.node:
        name = node.input[1].removesuffix(".used") if node.op_type in ("MatMul", "Gemm") else ""
        if f"{name}.stored" not in values or f"{name}.step" not in values:
            continue
        weight = values[f"{name}.stored"].astype(np.float32) * values[f"{name}.step"]
        if node.op_type == "Gemm":
            yield name, weight
            continue
        bias = next((read for read in after[node.output[0]].input if read.endswith(".bias")), "")
        yield f"{bias.removesuffix('.bias')}.weight", weight.T
