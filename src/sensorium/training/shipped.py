"""An encoder that was shipped, as something to measure on: its tuned picture blocks and the heads of its shared block.

They are what the files hold, so weights have what 8 bits left of them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.errors import ModelDamaged
from sensorium.training.heads import Head, Heads
from sensorium.training.layers import fold_batch_norms
from sensorium.training.trunks.efficientnet import Trunk

Values = Mapping[str, npt.NDArray[Any]]


def shipped_trunk(folder: Path, trunk: Trunk) -> Trunk:
    """The picture trunk with the upper blocks of the encoder in `folder`; `published` stays as it was.

    Raises ModelDamaged where the folder's picture tower has other blocks.
    """
    upper = copy.deepcopy(trunk.published)
    fold_batch_norms(upper)
    found = _weights(folder / "image.onnx")
    try:
        state = {name: torch.tensor(found[f"upper.{name}"]) for name in upper.state_dict()}
        upper.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise ModelDamaged(f"these are other blocks ({error})", subject="image.onnx", remedy="make it anew") from error
    return replace(trunk, upper=upper.eval())


def shipped_heads(folder: Path) -> Heads:
    """The heads of the shared block of the encoder in `folder`. Raises ModelDamaged."""
    return Heads(*(_shared(folder / f"{tower}.onnx") for tower in ("text", "image")))


def _shared(path: Path) -> Head:
    found = _weights(path)
    if not {"shared.weight", "shared.bias"} <= set(found):
        raise ModelDamaged("there is no shared head", subject=path.name, remedy="make it anew")
    return Head(found["shared.weight"].astype(np.float32), found["shared.bias"].astype(np.float32))


def _weights(path: Path) -> Values:
    """All stored values by name, those in 8 bits multiplied out. Raises ModelDamaged where there is no such file."""
    import onnx
    from onnx import numpy_helper

    if not path.is_file():
        raise ModelDamaged("there is no such model", subject=path.name, remedy="make it anew")
    values = {entry.name: numpy_helper.to_array(entry) for entry in onnx.load(path).graph.initializer}
    steps = {name.removesuffix(".step"): step for name, step in values.items() if name.endswith(".step")}
    return values | {name: values[f"{name}.stored"].astype(np.float32) * step for name, step in steps.items()}
