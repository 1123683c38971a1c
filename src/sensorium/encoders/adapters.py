"""Adapters: small layers over the vectors of a frozen encoder, which training on one's own pairs made."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors

Array = npt.NDArray[np.floating]
Arrays = Mapping[str, Array]

IDENTITY, LINEAR, LOW_RANK, MLP = "identity", "linear", "low-rank", "mlp"

SHAPES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    IDENTITY: {},
    LINEAR: {"weight": ("width", "width"), "bias": ("width",)},
    LOW_RANK: {"down": ("width", "rank"), "up": ("rank", "width"), "bias": ("width",)},
    MLP: {"down": ("width", "rank"), "inner": ("rank",), "up": ("rank", "width"), "bias": ("width",)},
}
"""The arrays of each kind. width: of the space. rank: chosen by who made the adapter."""

MOST_RANK = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What is done to the vectors of one modality.

    kind: of `SHAPES`. arrays: float32, of the shapes of that kind. Raises ValueError where they are not.

    >>> weight = np.zeros((2, 2), np.float32)
    >>> lean = Adapter(kind=LINEAR, arrays={"weight": weight, "bias": np.array([0.0, 1.0], np.float32)})
    >>> lean.apply(np.array([[1.0, 0.0]], np.float32)).round(2).tolist()
    [[0.7099999785423279, 0.7099999785423279]]
    """

    kind: str
    arrays: Arrays = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_shapes(self.kind, self.arrays)

    @property
    def width(self) -> int:
        """Of the vectors; 0 where any will do."""
        return len(self.arrays["bias"]) if self.arrays else 0

    def apply(self, rows: Vectors) -> Vectors:
        """Unit rows, float32 [n, width], of such rows; the very same where the adapter changes nothing."""
        if self.kind == IDENTITY:
            return rows
        moved = rows + shift(self.kind, self.arrays, rows)
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def shift(kind: str, arrays: Arrays, rows: Array) -> Array:
    """What a kind adds to rows [n, width] before they are brought to unit length again.

    linear: x W + b. low-rank: x D U + b (LoRA: Hu et al. 2022). mlp: relu(x D + c) U + b, a residual block
    (He et al. 2016; on frozen features CLIP-Adapter, Gao et al. 2021). All of them add nothing when U, W and b are 0.
    """
    if kind == LINEAR:
        return np.asarray(rows @ arrays["weight"] + arrays["bias"])
    inner = rows @ arrays["down"]
    if kind == MLP:
        inner = np.maximum(inner + arrays["inner"], 0)
    return np.asarray(inner @ arrays["up"] + arrays["bias"])


def check_shapes(kind: str, arrays: Arrays) -> None:
    """Raises ValueError where the arrays are not those of the kind, or a number is not finite.

    >>> check_shapes("linear", {"weight": np.zeros((2, 3)), "bias": np.zeros(3)})
    Traceback (most recent call last):
    ...
    ValueError: an adapter of the kind linear has no weight of shape [2, 3]
    """
    if kind not in SHAPES or set(arrays) != set(SHAPES[kind]):
        raise ValueError(f"{', '.join(sorted(arrays)) or 'nothing'} makes no adapter of the kind {kind!r}")
    sizes = (
        {"width": len(arrays["bias"]), "rank": arrays["down"].shape[-1] if "down" in arrays else 0} if arrays else {}
    )
    for name, axes in SHAPES[kind].items():
        array = arrays[name]
        if array.shape != tuple(sizes[axis] for axis in axes):
            raise ValueError(f"an adapter of the kind {kind} has no {name} of shape {list(array.shape)}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite")
    if sizes and sizes["rank"] > MOST_RANK:
        raise ValueError(f"a rank of {sizes['rank']} is more than {MOST_RANK}")


def packed(adapters: Mapping[Modality, Adapter]) -> dict[str, Array]:
    """The arrays of the file that `read_adapters` reads: `MODALITY.NAME`, float32."""
    return {
        f"{modality}.{name}": np.asarray(array, dtype=np.float32)
        for modality, adapter in adapters.items()
        for name, array in adapter.arrays.items()
    }


def read_adapters(data: bytes, kinds: Mapping[Modality, str], width: int) -> dict[Modality, Adapter]:
    """The adapters of an npz file, of these kinds and this width. Nothing in it is unpickled. Raises ModelDamaged.

    >>> file = io.BytesIO()
    >>> np.savez(file, **packed({Modality.TEXT: Adapter(kind=IDENTITY)}))
    >>> read_adapters(file.getvalue(), {Modality.TEXT: IDENTITY}, 512)[Modality.TEXT].kind
    'identity'
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            of_each = {
                modality: {name: arrays[f"{modality}.{name}"] for name in SHAPES[kind]}
                for modality, kind in kinds.items()
            }
        if any(array.dtype != np.float32 for own in of_each.values() for array in own.values()):
            raise ValueError("an array is not of float32")
        adapters = {modality: Adapter(kind=kinds[modality], arrays=own) for modality, own in of_each.items()}
        if any(adapter.width not in (0, width) for adapter in adapters.values()):
            raise ValueError(f"an adapter is not for vectors of {width} numbers")
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelDamaged(
            f"no adapter can be read ({error})", subject="adapters", remedy="train it anew, or restore its folder"
        ) from error
    return adapters
