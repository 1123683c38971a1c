"""Golden vectors: what the reference implementation gave for fixed contents, checked when a tower loads."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content
from sensorium.core.details import Details
from sensorium.core.errors import GoldenMismatch, ModelDamaged
from sensorium.core.spaces import Vectors


@dataclass(frozen=True, slots=True)
class Golden:
    """Contents and the vectors, float32 [n, width], that the reference gave for them.

    details: float32 [n, rows, width], what it gave for their words or cells, in order; rows of zeros do not count.
    None where the file has none.
    """

    contents: tuple[Content, ...]
    vectors: Vectors
    details: npt.NDArray[np.float32] | None = None

    def check(self, encode: Callable[[Sequence[Content]], Vectors], tolerance: float, subject: str) -> None:
        """Encodes all contents in one batch. Raises GoldenMismatch if a component is off by more than `tolerance`.

        >>> golden = Golden(("a",), np.ones((1, 1), np.float32))
        >>> golden.check(lambda contents: -np.ones((1, 1), np.float32), 0.01, "tower")
        Traceback (most recent call last):
        ...
        sensorium.core.errors.GoldenMismatch: tower: content 0 is off by 2.0000, allowed 0.0100; reinstall sensorium ...
        """
        self._compare(encode(self.contents), self.vectors, tolerance, subject)

    def check_detailed(
        self,
        encode_detailed: Callable[[Sequence[Content]], tuple[Vectors, Details | None]],
        tolerance: float,
        subject: str,
    ) -> None:
        """As `check`, of vectors and details both; where the file has no details, of vectors alone."""
        vectors, details = encode_detailed(self.contents)
        self._compare(vectors, self.vectors, tolerance, subject)
        if self.details is not None:
            shape = self.details.shape
            expected = _filled([rows[rows.any(axis=1)] for rows in self.details], shape)
            self._compare(_filled(details or (), shape), expected, tolerance, f"{subject} details")

    def _compare(
        self, found: npt.NDArray[np.float32], expected: npt.NDArray[np.float32], tolerance: float, subject: str
    ) -> None:
        off = np.abs(found - expected).reshape(len(self.contents), -1).max(axis=1)
        worst = int(np.argmax(off))
        if not off[worst] <= tolerance:
            raise GoldenMismatch(
                f"content {worst} is off by {off[worst]:.4f}, allowed {tolerance:.4f}",
                subject=subject,
                remedy="reinstall sensorium and onnxruntime; if it stays, report both versions and the processor",
            )


def _filled(details: Details, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Details as an array of that shape, filled up with rows of zeros; all NaN where one of them does not fit."""
    filled = np.zeros(shape, np.float32)
    if len(details) != shape[0] or any(len(rows) > shape[1] or rows.shape[1:] != shape[2:] for rows in details):
        return np.full(shape, np.nan, np.float32)
    for place, rows in zip(filled, details, strict=True):
        place[: len(rows)] = rows
    return filled


def read_golden(data: bytes, subject: str) -> Golden:
    """Golden vectors of an npz file. Raises ModelDamaged.

    It holds `contents` (texts, uint8 pictures or int16 sounds), `vectors` and, where the model gives any, `details`.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            contents: npt.NDArray[np.generic] = arrays["contents"]
            vectors: Vectors = arrays["vectors"]
            details = arrays.get("details")
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelDamaged(f"no golden vectors can be read ({error})", subject=subject, remedy="reinstall") from error
    if contents.dtype.kind == "U":
        return Golden(tuple(str(text) for text in contents), vectors, details)
    kind = np.int16 if contents.dtype == np.int16 else np.uint8
    return Golden(tuple(contents.astype(kind)), vectors, details)
