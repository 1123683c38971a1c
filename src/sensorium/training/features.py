"""What frozen layers give for fixed inputs, computed once and kept on disk under a key of inputs and producer."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
T = TypeVar("T")


def digest_of(parts: Iterable[bytes]) -> str:
    """One sha256 (hex) over parts with their borders, so that moving a border changes it.

    >>> digest_of([b"ab", b"c"]) == digest_of([b"a", b"bc"])
    False
    """
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def cached_features(
    folder: Path,
    producer: str,
    inputs: Sequence[T],
    identify: Callable[[T], bytes],
    compute: Callable[[list[T]], Array],
    block: int = 64,
) -> npt.NDArray[np.float16]:
    """float16 [len(inputs), ...]: `compute` over blocks of `inputs`, read back when the same was computed before.

    producer: names the layers, their weights and their input; identify: the bytes that an input stands for. block: how
    many inputs are computed at once.
    The file appears whole or not at all; a stopped computation starts again.
    """
    key = digest_of([producer.encode(), *map(identify, inputs)])
    path = folder / f"{key}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        _fill(partial, inputs, compute, block)
        partial.replace(path)
    found: npt.NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _fill(path: Path, inputs: Sequence[T], compute: Callable[[list[T]], Array], block: int) -> None:
    target = None
    for start in range(0, len(inputs), block):
        values = compute(list(inputs[start : start + block]))
        if target is None:
            shape = (len(inputs), *values.shape[1:])
            target = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
        target[start : start + len(values)] = values
    if target is None:
        raise ValueError("there is nothing to compute features of")
    target.flush()
