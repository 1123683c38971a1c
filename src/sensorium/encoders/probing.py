"""A look at a tower without golden vectors: whether it gives vectors at all, and tells contents apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sensorium.core.contents import AudioInput, Content, ImageInput
from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.spaces import Space, Vectors, check_vectors
from sensorium.encoders.guessed import PROBES
from sensorium.encoders.model_files import REMEDY

SAME = 1 - 1e-6
"""The inner product from which two vectors are the same one."""


def require_tells_apart(
    encode: Callable[[Sequence[Content]], Vectors],
    space: Space,
    modality: Modality,
    wanted: ImageInput | AudioInput | None,
) -> None:
    """Encodes two contents that no model takes for the same. Raises ModelDamaged where one vector stands for both.

    wanted: the pixels or samples that the tower takes; None for texts.
    """
    try:
        first, second = check_vectors(encode(unlike(wanted)), space.width)
    except ValueError as error:
        raise ModelDamaged(f"it gives no vectors ({error})", subject=space.id, remedy=REMEDY) from error
    if float(first @ second) > SAME:
        raise ModelDamaged(
            f"every {modality} gets the same vector", subject=space.id, remedy="take another export of it"
        )


def unlike(wanted: ImageInput | AudioInput | None) -> list[Content]:
    """Two texts, a black picture and a noisy one, or a tone and noise of half a second.

    >>> [picture.shape for picture in unlike(ImageInput(width=3, height=2))]
    [(2, 3, 3), (2, 3, 3)]
    """
    noise = np.random.default_rng(3)
    if wanted is None:
        return [PROBES[0], PROBES[1]]
    if isinstance(wanted, ImageInput):
        shape = (wanted.height, wanted.width, 3)
        return [np.zeros(shape, np.uint8), noise.integers(0, 256, shape, dtype=np.uint8)]
    samples = max(1, min(wanted.rate // 2, wanted.most_samples))
    tone = 8_000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / wanted.rate)
    return [tone.astype(np.int16), noise.integers(-8_000, 8_000, samples, dtype=np.int16)]
