"""The bank of questions that a folder of model files may bring: `bank.npz`, in 8 bits a component."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from sensorium.core.banks import QueryBank
from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality

BANK = "bank.npz"
BETA = "_beta"


def packed(banks: Mapping[Modality, QueryBank]) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of the file: for each modality int8 [questions, width], each row scaled to its largest component.

    The length of a row is not kept, because every question has length 1.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for modality, bank in banks.items():
        largest = np.abs(bank.vectors).max(axis=1, keepdims=True)
        arrays[str(modality)] = np.rint(bank.vectors / largest * 127).astype(np.int8)
        arrays[f"{modality}{BETA}"] = np.array(bank.beta)
    return arrays


def read_bank(data: bytes, width: int) -> dict[Modality, QueryBank]:
    """The banks by the modality of their questions. width: of the space. Raises ModelDamaged.

    >>> bank = QueryBank(vectors=np.eye(2, dtype=np.float32), beta=20.0)
    >>> file = io.BytesIO()
    >>> np.savez(file, **packed({Modality.TEXT: bank}))
    >>> read_bank(file.getvalue(), width=2)[Modality.TEXT].vectors.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            names = [name for name in arrays.files if not name.endswith(BETA)]
            return {
                Modality(name): QueryBank(vectors=_unit(arrays[name], width), beta=float(arrays[name + BETA]))
                for name in names
            }
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelDamaged(
            f"no bank of questions can be read ({error})", subject=BANK, remedy="reinstall sensorium"
        ) from error


def _unit(rows: npt.NDArray[np.generic], width: int) -> npt.NDArray[np.float32]:
    if rows.ndim != 2 or rows.shape[1] != width or rows.dtype != np.int8 or not rows.any(axis=1).all():
        raise ValueError(f"expected int8 [questions, {width}] without empty rows, got {rows.dtype} {list(rows.shape)}")
    wide = rows.astype(np.float32)
    return np.asarray(wide / np.linalg.norm(wide, axis=1, keepdims=True), dtype=np.float32)
