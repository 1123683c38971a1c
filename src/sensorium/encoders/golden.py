"""Golden vectors: what the reference implementation gave for fixed contents, checked when a tower loads."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content
from sensorium.core.errors import GoldenMismatch, ModelDamaged
from sensorium.core.spaces import Vectors


@dataclass(frozen=True, slots=True)
class Golden:
    """Contents and the vectors, float32 [n, width], that the reference gave for them."""

    contents: tuple[Content, ...]
    vectors: Vectors

    def check(self, encode: Callable[[Sequence[Content]], Vectors], tolerance: float, subject: str) -> None:
        """Encodes all contents in one batch. Raises GoldenMismatch if a component is off by more than `tolerance`.

        >>> golden = Golden(("a",), np.ones((1, 1), np.float32))
        >>> golden.check(lambda contents: -np.ones((1, 1), np.float32), 0.01, "tower")
        Traceback (most recent call last):
        ...
        sensorium.core.errors.GoldenMismatch: tower: content 0 is off by 2.0000, allowed 0.0100; reinstall sensorium ...
        """
        found = encode(self.contents)
        off = np.abs(found - self.vectors).max(axis=1)
        worst = int(np.argmax(off))
        if not off[worst] <= tolerance:
            raise GoldenMismatch(
                f"content {worst} is off by {off[worst]:.4f}, allowed {tolerance:.4f}",
                subject=subject,
                remedy="reinstall sensorium and onnxruntime; if it stays, report both versions and the processor",
            )


def read_golden(data: bytes, subject: str) -> Golden:
    """Golden vectors of an npz file with `contents` (texts or uint8 pictures) and `vectors`. Raises ModelDamaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            contents: npt.NDArray[np.generic] = arrays["contents"]
            vectors: Vectors = arrays["vectors"]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelDamaged(f"no golden vectors can be read ({error})", subject=subject, remedy="reinstall") from error
    if contents.dtype.kind == "U":
        return Golden(tuple(str(text) for text in contents), vectors)
    return Golden(tuple(contents.astype(np.uint8)), vectors)
