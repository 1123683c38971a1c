"""A picture tower that was shipped in 16 bits, stored in 8: `make weights` stores it so at once.

`python -m sensorium.training shrink --out DIR` rewrites `image.onnx` and its golden vectors, which are computed by the
reference implementation of ONNX, that shares no code with the runtime. Bank and curves follow by `refit`.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
import onnx

from sensorium.core.errors import BadInput
from sensorium.encoders.golden import read_golden
from sensorium.training import precision
from sensorium.training.golden import write_golden
from sensorium.training.publish import IMAGE_STORE, rewrite_manifest

log = logging.getLogger(__name__)

FARTHEST = 0.02
"""How far a component of a golden vector may go from what it was: farther, and something else than rounding changed."""


def shrink_pictures(out: Path) -> None:
    """Raises BadInput where the tower is not stored in 16 bits or its vectors change by more than rounding does."""
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(out / "image.onnx")
    if not any(entry.data_type == onnx.TensorProto.FLOAT16 for entry in model.graph.initializer):
        raise BadInput("the picture tower is not stored in 16 bits", subject=str(out), remedy="run `make weights`")
    precision.restore_floats(model)
    precision.store_int8(model)
    onnx.checker.check_model(model, full_check=True)
    path = out / "golden_image.npz"
    pixels = np.asarray(read_golden(path.read_bytes(), path.name).contents)
    names = [output.name for output in model.graph.output]
    runs = [ReferenceEvaluator(model).run(names, {"pixels": one[None]}) for one in pixels]
    found = [np.concatenate(parts) for parts in zip(*runs, strict=True)]
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as before:
        moved = float(np.abs(before["vectors"] - found[0]).max())
    log.info("pictures in %s: golden vectors move by %.4f", IMAGE_STORE, moved)
    if moved > FARTHEST:
        raise BadInput(f"golden vectors move by {moved:.3f}", subject=str(out), remedy="run `make weights`")
    write_golden(path, pixels, *found)
    (out / "image.onnx").write_bytes(model.SerializeToString(deterministic=True))
    rewrite_manifest(out)
