"""Spaces of comparable vectors, and the arrays that live in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""float32 [n, width], C-contiguous, each row of unit length."""

Keys = npt.NDArray[np.int64]
"""int64 [n]: the store's own numbers for pieces. They never leave the process, and are never used twice."""

UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A named set of comparable unit vectors. Vectors of two spaces are never compared.

    digest: sha256 (hex) over the model files and their preprocessing: a changed model is another space.

    >>> Space(name="compact", version="1", width=512, digest="ab" * 32).id
    'compact-1-abababababab'
    """

    name: str
    version: str
    width: int
    digest: str

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}-{self.digest[:12]}"


def check_vectors(vectors: npt.NDArray[np.generic], width: int) -> Vectors:
    """`vectors` as float32 [n, width], or ValueError when shape, finiteness or unit length is wrong.

    >>> check_vectors(np.eye(2, dtype=np.float32), width=2).shape
    (2, 2)
    >>> check_vectors(np.ones((1, 2), dtype=np.float32), width=2)
    Traceback (most recent call last):
    ...
    ValueError: row 0 has length 1.4142; expected unit length
    """
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if array.ndim != 2 or array.shape[1] != width:
        raise ValueError(f"expected shape [n, {width}], got {list(array.shape)}")
    lengths = np.sqrt(np.einsum("ij,ij->i", array, array))
    wrong = np.flatnonzero(~(np.abs(lengths - 1.0) <= UNIT_TOLERANCE))
    if wrong.size:
        row = int(wrong[0])
        raise ValueError(f"row {row} has length {lengths[row]:.4f}; expected unit length")
    return array


class SpaceRole(StrEnum):
    """What a space is to a library: filled by pieces that bring their vectors, being built, or searched."""

    BROUGHT = "brought"
    BUILDING = "building"
    SEARCHED = "searched"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpace:
    """A space as a library knows it.

    encoder: the setting that makes its encoder, "" where a program handed that over. is_active: searches are by it.
    is_previous: searches were by it before. One that is SEARCHED and neither is kept.
    """

    space: Space
    role: SpaceRole
    encoder: str = ""
    is_active: bool = False
    is_previous: bool = False

    @property
    def standing(self) -> str:
        """In a word.

        >>> space = Space(name="compact", version="1", width=512, digest="ab" * 32)
        >>> KnownSpace(space=space, role=SpaceRole.SEARCHED, is_active=True).standing
        'active'
        """
        if self.role is not SpaceRole.SEARCHED:
            return "unfinished" if self.role is SpaceRole.BUILDING else "of voices"
        return "active" if self.is_active else "previous" if self.is_previous else "kept"
