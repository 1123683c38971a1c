"""`python -m sensorium.training.speaker_export --out FOLDER`: resemblyzer's speaker encoder as ONNX, once.

The weights are those of the registry package Resemblyzer 0.1.4 (Apache-2.0), which has to be installed (`pip install
--no-deps resemblyzer==0.1.4`; its code is not run). The graph is written node by node: three LSTM layers, a layer with
a ReLU, unit length. Matrices are stored in 8 bits, with a step for every 32 weights of a row, and multiplied out when
the model loads; the one that hears the mel bands, whose weights reach 61 while half are below 0.17, is stored in 16.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.perception import speakers
from sensorium.training.precision import int8_steps

CHECKPOINT_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
LAYERS, HIDDEN = 3, 256
OPSET = 17
BLOCK = 32
WIDE = "weight_ih_l0"
"""The matrix that 8 bits do not hold: rounded so, it alone turns vectors by up to 22 degrees."""

Floats = npt.NDArray[np.float32]


def checkpoint() -> dict[str, Floats]:
    """The published weights by name, checked by sha256 and read without running any of it."""
    spec = find_spec("resemblyzer")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("install the weights first: pip install --no-deps resemblyzer==0.1.4")
    path = Path(next(iter(spec.submodule_search_locations))) / "pretrained.pt"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != CHECKPOINT_SHA256:
        raise SystemExit(f"{path.name} is another file: sha256 {found}")
    state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    return {name: value.float().numpy() for name, value in state.items() if name.startswith(("lstm.", "linear."))}


def stored(name: str, weight: Floats) -> list[npt.NDArray[Any]]:
    """A weight as it is kept: a vector as it is, a matrix in 16 bits, or in 8 bits with its steps in 16.

    8 bits: int8 [rows, columns / 32, 32] and float16 [rows, columns / 32, 1], whose product is about the matrix.
    """
    if weight.ndim == 1:
        return [weight]
    if name.endswith(WIDE):
        return [weight.astype(np.float16)]
    blocks = weight.reshape(len(weight), -1, BLOCK)
    step = np.maximum(int8_steps(blocks, axis=2)[1].astype(np.float16), np.float16(1e-7))
    return [np.clip(np.rint(blocks / step), -127, 127).astype(np.int8), step]


def widened(weights: dict[str, Floats]) -> dict[str, Floats]:
    """The weights as they are after storing them."""
    found = {}
    for name, weight in weights.items():
        values, *steps = (part.astype(np.float32) for part in stored(name, weight))
        found[name] = (values * steps[0] if steps else values).reshape(weight.shape)
    return found


def build(weights: dict[str, Floats]) -> Any:
    """An ONNX model: mels float32 [n, 160, 40] -> vectors float32 [n, 256], unit length."""
    from onnx import TensorProto, checker, helper

    graph = _Graph()
    graph.node("Transpose", ["mels"], ["layer0"], perm=[1, 0, 2])
    for layer in range(LAYERS):
        _lstm(graph, weights, layer)
    graph.node("Squeeze", [f"last{LAYERS - 1}", graph.constant("direction", np.array([0], np.int64))], ["heard"])
    matrix = graph.matrix("linear.weight", weights["linear.weight"])
    graph.node("Gemm", ["heard", matrix, graph.constant("bias", weights["linear.bias"])], ["raw"], transB=1)
    graph.node("Relu", ["raw"], ["positive"])
    graph.node("LpNormalization", ["positive"], ["vectors"], axis=1, p=2)
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "speaker",
            [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["n", speakers.WINDOW, speakers.MELS])],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", speakers.WIDTH])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
        producer_name="sensorium",
    )
    checker.check_model(made, full_check=True)
    return made


class _Graph:
    """Nodes and constants in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def matrix(self, name: str, weight: Floats, *leading: int) -> str:
        """The name of a matrix of float32 [*leading, rows, columns], made of what is stored."""
        from onnx import TensorProto

        wide = []
        for position, part in enumerate(stored(name, weight)):
            wide.append(f"{name}.wide{position}")
            self.node("Cast", [self.constant(f"{name}.{position}", part)], wide[-1:], to=TensorProto.FLOAT)
        if len(wide) > 1:
            self.node("Mul", wide, [f"{name}.product"])
            wide = [f"{name}.product"]
        shape = self.constant(f"{name}.shape", np.array([*leading, *weight.shape], np.int64))
        self.node("Reshape", [*wide, shape], [name])
        return name


def _lstm(graph: _Graph, weights: dict[str, Floats], layer: int) -> None:
    """One layer. torch orders the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    given = {
        name: _reordered(weights[f"lstm.{name}_l{layer}"]) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    bias = np.concatenate([given["bias_ih"], given["bias_hh"]])
    inputs = [
        f"layer{layer}",
        graph.matrix(f"weight_ih_l{layer}", given["weight_ih"], 1),
        graph.matrix(f"weight_hh_l{layer}", given["weight_hh"], 1),
        graph.constant(f"b{layer}", bias[None]),
    ]
    outputs = [f"all{layer}", f"last{layer}"]
    graph.node("LSTM", inputs, outputs, hidden_size=HIDDEN)
    if layer + 1 < LAYERS:
        axis = graph.constant(f"axis{layer}", np.array([1], np.int64))
        graph.node("Squeeze", [f"all{layer}", axis], [f"layer{layer + 1}"])


def _reordered(rows: Floats) -> Floats:
    entered, forgotten, cell, given = np.split(rows, 4)
    return np.concatenate([entered, given, forgotten, cell])


def original(weights: dict[str, Floats], mels: Floats) -> Floats:
    """What the published network gives, by torch: float32 [n, 256]."""
    lstm = torch.nn.LSTM(speakers.MELS, HIDDEN, LAYERS, batch_first=True)
    lstm.load_state_dict({n.removeprefix("lstm."): torch.from_numpy(w) for n, w in weights.items() if n[1] == "s"})
    with torch.no_grad():
        _, (hidden, _) = lstm(torch.from_numpy(mels))
        matrix, bias = torch.from_numpy(weights["linear.weight"]), torch.from_numpy(weights["linear.bias"])
        raw = torch.relu(torch.nn.functional.linear(hidden[-1], matrix, bias))
        found: Floats = torch.nn.functional.normalize(raw, dim=1).numpy()
    return found


def main(arguments: list[str] | None = None) -> None:
    """Writes model and manifest, and prints how far the model is from the published one on a made sound."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training.speaker_export", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder of the encoder")
    chosen = parser.parse_args(arguments)
    weights = checkpoint()
    model = build(weights).SerializeToString()
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / speakers.MODEL).write_bytes(model)
    heard = speakers.windows(speakers.as_loud(speakers.golden_sound()))
    (found,) = speakers.open_session(model, 1).run(["vectors"], {"mels": heard})
    published, wanted = original(weights, heard), original(widened(weights), heard)
    print(f"cosine to the published network: {(found * published).sum(axis=1).min():.6f}")
    print(f"largest difference to torch with the same weights: {np.abs(found - wanted).max():.6f}")
    golden = wanted.mean(axis=0) / np.linalg.norm(wanted.mean(axis=0))
    manifest = {
        "made_by": "python -m sensorium.training.speaker_export --out FOLDER",
        "name": "speaker.resemblyzer",
        "version": "1",
        "files": {speakers.MODEL: hashlib.sha256(model).hexdigest()},
        "golden": [round(float(value), 5) for value in golden],
    }
    (chosen.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
