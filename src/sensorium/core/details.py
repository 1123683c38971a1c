"""Details: the finer vectors of one content, a row for each word of a question or for each cell of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.core.spaces import Vectors, check_vectors

Details = Sequence[Vectors]
"""One array for each content: float32 [rows, width], rows of unit length. How many rows there are may differ."""

Levels = npt.NDArray[np.int8]
"""int8 [n, cells, width]: the stored details of n pieces, values times `DetailForm.scale`, rounded."""

LARGEST_SCALE = 256.0
"""With `rerankers.late.WORD_SCALE` and unit rows, inner products stay whole numbers that float32 holds exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailForm:
    """What an encoder's details are like, and how much they count.

    width: of a row. cells: rows of one picture. weight: what the late score is multiplied by before it is added to an
    inner product; 0 changes nothing. scale: how many levels of int8 stand for 1.0; what does not fit is cut off at 127.
    mean: the late score of an ordinary candidate, which a piece without details is taken to have.
    Raises ValueError for a number out of its range.
    """

    width: int
    cells: int
    weight: float
    scale: float = 127.0
    mean: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.width <= 4096 and 0 < self.cells <= 65_536):
            raise ValueError(f"{self.cells} rows of width {self.width} are no details")
        if not (1.0 <= self.scale <= LARGEST_SCALE and abs(self.weight) <= 100.0 and abs(self.mean) <= 1.0):
            raise ValueError(f"scale {self.scale}, weight {self.weight} or mean {self.mean} is out of range")

    @property
    def size(self) -> int:
        """Bytes that one picture takes."""
        return self.cells * self.width

    def pack(self, rows: Vectors) -> bytes:
        """The details of one picture, float32 [cells, width], as they are stored. Raises ValueError for other ones.

        >>> DetailForm(width=2, cells=1, weight=1.0).pack(np.array([[0.6, -0.8]], np.float32)).hex()
        '4c9a'
        """
        if len(rows) != self.cells:
            raise ValueError(f"{len(rows)} rows of details, expected {self.cells}")
        rounded = np.rint(check_vectors(rows, self.width) * np.float32(self.scale)).clip(-127, 127)
        levels: Levels = rounded.astype(np.int8)
        return levels.tobytes()

    def unpack(self, blobs: Sequence[bytes]) -> Levels:
        """int8 [len(blobs), cells, width]. Raises ValueError where one of them is not of this form."""
        if any(len(blob) != self.size for blob in blobs):
            raise ValueError(f"expected {self.size} bytes of details for each piece")
        return np.frombuffer(b"".join(blobs), dtype=np.int8).reshape(len(blobs), self.cells, self.width)
