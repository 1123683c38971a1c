"""From torch modules to ONNX files that onnxruntime runs alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch

from sensorium.training import precision

OPSET = 20
"""The first with Gelu and LayerNormalization as single operators."""

LONGEST = {"tokens": 512}
"""As many positions as the text trunk has vectors for."""

STORES: dict[str, Callable[[Any], None]] = {
    "int8": precision.store_int8,
    "fp16": precision.store_fp16,
    "fp32": lambda model: None,
}


def export(
    module: Any,
    inputs: Mapping[str, Any],
    outputs: Sequence[str],
    dynamic: Mapping[str, Mapping[int, str]],
    path: Path,
    store: str,
) -> None:
    """Writes `module` to `path`.

    outputs: the names of what it gives. inputs: an example for each input, in the order of `forward`. dynamic: for each
    input its free axes and their names.
    store: how large weights are kept: "int8", "fp16" or "fp32".
    """
    axes = _axes(dynamic)
    shapes = tuple({axis: axes[free] for axis, free in dynamic[name].items()} for name in inputs)
    with warnings.catch_warnings():
        # The exporter says which of two equal axis names it keeps, and that torch's own code is deprecated.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
        )
    model = program.model_proto
    _strip(model)
    STORES[store](model)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _axes(dynamic: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    """One symbol for each name, so that axes of one name stay equal."""
    dimension: Any = torch.export.Dim  # mypy sees no types in torch
    names = sorted({name for axes in dynamic.values() for name in axes.values()})
    return {name: dimension(name, max=LONGEST.get(name, 4096)) for name in names}


def _strip(model: Any) -> None:
    """Takes out what tells of the machine: source lines, stack traces, the exporter's notes."""
    model.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for entry in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        entry.doc_string = ""
        del entry.metadata_props[:]
