"""One ONNX file as it is run: what goes in, what comes out, how many rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import BadSetting, ModelDamaged
from sensorium.core.spaces import Vectors
from sensorium.encoders.model_files import REMEDY, ModelFiles
from sensorium.processes.cores import usable_cores

Array = npt.NDArray[np.generic]

TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(uint8)": np.uint8,
}

ROUNDS_BY_BATCH = b"DynamicQuantizeLinear"
"""An operator that rounds by the largest value in the batch, so that a row would depend on its neighbours."""


class OnnxModel:
    """A model out of `files`. Its bytes are held against their digest before they are parsed.

    rows: most rows of one run; 0 for as many as wanted. inputs: their types by name. Threads may share it.
    """

    def __init__(self, files: ModelFiles, name: str, threads: int) -> None:
        self.name = name
        data = files.read(name)
        self._session = _open(data, {other: files.read(other) for other in external_data(files, name)}, name, threads)
        inputs = self._session.get_inputs()
        self.inputs = {entry.name: TYPES.get(entry.type) for entry in inputs}
        self.shapes: dict[str, Sequence[int | str]] = {entry.name: entry.shape for entry in inputs}
        self.outputs = {entry.name: len(entry.shape) for entry in self._session.get_outputs()}
        fixed = [shape[0] for shape in self.shapes.values() if shape and isinstance(shape[0], int)]
        self.rows = 1 if ROUNDS_BY_BATCH in data else min(fixed, default=0)

    def output(self, wanted: Sequence[str]) -> str:
        """The first of `wanted` that the model gives, else the only output with one vector a row. Raises BadSetting."""
        found = next((name for name in wanted if name in self.outputs), None)
        flat = [name for name, dimensions in self.outputs.items() if dimensions == 2]
        if found is None and len(flat) == 1 and len(self.outputs) == 1:
            found = flat[0]
        if found is None:
            raise BadSetting(
                f"the model gives {', '.join(self.outputs)} and none of {', '.join(wanted)}",
                subject=self.name,
                remedy="take an export whose last layer projects into the shared space",
            )
        return found

    def require_inputs(self, known: Sequence[str]) -> None:
        """Raises BadSetting where the model wants something that nobody here can give."""
        strange = set(self.inputs) - set(known) | {name for name, kind in self.inputs.items() if kind is None}
        if strange:
            raise BadSetting(
                f"the model asks for {', '.join(sorted(strange))}",
                subject=self.name,
                remedy="take an export for pictures of one size and texts of one length",
            )

    def run(self, output: str, feed: Mapping[str, Array], width: int) -> Vectors:
        """float32 [rows, width], as the model gives them. Raises ModelDamaged for another shape or no numbers."""
        count = len(next(iter(feed.values())))
        step = self.rows or count
        parts = [self._run(output, {k: v[n : n + step] for k, v in feed.items()}) for n in range(0, count, step)]
        found = np.concatenate(parts).astype(np.float32, copy=False)[:count]
        if found.shape != (count, width) or not np.isfinite(found).all():
            raise ModelDamaged(
                f"the model gives an array of shape {list(found.shape)}, not numbers in [{count}, {width}]",
                subject=self.name,
                remedy=REMEDY,
            )
        return found

    def _run(self, output: str, feed: Mapping[str, Array]) -> Array:
        typed = {name: rows.astype(self.inputs[name], copy=False) for name, rows in feed.items()}
        missing = self.rows - len(next(iter(typed.values()))) if self.rows > 1 else 0
        if missing > 0:  # a model of a fixed number of rows gets the last one again
            typed = {name: np.concatenate([rows, *[rows[-1:]] * missing]) for name, rows in typed.items()}
        result: Array = self._session.run([output], typed)[0]
        return result


def external_data(files: ModelFiles, model: str) -> list[str]:
    """The files beside a model that hold its weights, as exporters name them: `model.onnx_data`, `model.onnx.data`."""
    return [name for name in files.names if name.startswith((f"{model}_data", f"{model}.data"))]


def _open(data: bytes, beside: Mapping[str, bytes], name: str, threads: int) -> Any:
    """A session on the processor. Weights beside the model come from memory: what was hashed is what is used."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Spinning threads would take the cores from the reading process and from other searches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if beside:
        names = [path.rsplit("/", 1)[-1] for path in beside]
        buffers = [bytearray(part) for part in beside.values()]
        options.add_external_initializers_from_files_in_memory(names, buffers, [len(part) for part in buffers])
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises types of its own, which share no base but this one
        raise ModelDamaged(f"no model can be made of it ({_first_line(error)})", subject=name, remedy=REMEDY) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
