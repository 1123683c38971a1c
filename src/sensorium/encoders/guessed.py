"""Curves for spaces that nobody fitted any for: what the model itself knows, else an honest guess.

A guess orders the hits of one pair of senses as their inner products do, which no guess can spoil. What it can not
know is how a picture's score stands beside a text's, nor where matching ends: so no cut is set, and a list of several
senses is only as good as the guess. `docs/models.md` says so to users.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.errors import ModelDamaged
from sensorium.core.spaces import Vectors

SLOPE, BIAS = 1.55, -7.5
"""Over standardised scores: the line that was fitted for texts among texts in the space of `compact`."""

CROSS_MEAN, CROSS_DEVIATION = 0.1, 0.1
LIKE_MEAN, LIKE_DEVIATION = 0.4, 0.15
"""Of unrelated pairs: between senses, and within one. Guesses; spaces differ."""

CLIP_SCALE = 100.0
"""What CLIP multiplies cosines by: its training stops the scale there (Radford et al. 2021, section 2.5)."""
CLIP_FITS = 0.28
"""The cosine from which a text was taken to fit its picture when LAION-5B was filtered with CLIP ViT-B/32 (Schuhmann et
al. 2022, section 3.2)."""

SIGLIP_SCALE = 112.0
"""What SigLIP SO400M multiplies cosines by after its training (mlfoundations/open_clip, issue 746)."""
SIGLIP_BIAS = -10.0
"""What SigLIP adds at the start of its training (Zhai et al. 2023, section 3.2); at its end it is some units lower."""

PROBES = (
    "A bus waits at the corner.",
    "The contract ends in the third quarter.",
    "Whisk the eggs with sugar until pale.",
    "Glaciers carve deep valleys.",
    "He tuned the old piano by ear.",
    "Password must have twelve characters.",
    "A heron stands in shallow water.",
    "Interest rates rose by half a point.",
    "The patient has a fever.",
    "Two teams drew after extra time.",
    "Cotton shirt with short sleeves.",
    "Rust spreads under the paint.",
    "The moon of Jupiter is covered with ice.",
    "She signed the petition yesterday.",
    "Sort the list in linear time.",
    "Children build a castle of sand.",
    "The train to the coast is late.",
    "Prune roses before spring.",
    "A red chair beside the window.",
    "The court rejected the appeal.",
    "Thunder rolled over the hills.",
    "Grind the beans just before brewing.",
    "The statue lost an arm in the war.",
    "Charge the battery before first use.",
)
"""Sentences that have nothing to do with each other: what unrelated texts look like to an encoder."""


def by_sigmoid(scale: float, bias: float) -> Calibration:
    """A model that was trained with a sigmoid says the probability itself: `1 / (1 + exp(-(scale * cosine + bias)))`.

    Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", equation 1.

    >>> round(by_sigmoid(100.0, -12.0).score(0.12), 6)
    0.5
    """
    return Calibration(mean=0.0, deviation=1.0, slope=scale, bias=bias)


def by_softmax(scale: float = CLIP_SCALE) -> Calibration:
    """For models that were trained to tell the right one of a batch: steep as they were, even odds at `CLIP_FITS`.

    >>> round(by_softmax().score(CLIP_FITS), 6)
    0.5
    """
    return Calibration(mean=CLIP_FITS, deviation=1.0, slope=scale, bias=0.0)


def unknown(alike: bool) -> Calibration:
    """For a pair of which nothing is known. alike: whether both are of one sense."""
    mean, deviation = (LIKE_MEAN, LIKE_DEVIATION) if alike else (CROSS_MEAN, CROSS_DEVIATION)
    return Calibration(mean=mean, deviation=deviation, slope=SLOPE, bias=BIAS)


def of_texts(encode: Callable[[Sequence[str]], Vectors]) -> Calibration:
    """For texts among texts: how far apart unrelated ones lie is measured with `PROBES`, the rest is guessed."""
    vectors = encode(PROBES)
    pairs = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)].astype(np.float64)
    return Calibration(mean=float(pairs.mean()), deviation=max(float(pairs.std()), 1e-3), slope=SLOPE, bias=BIAS)


def scalars(path: Path, names: Sequence[str]) -> dict[str, float]:
    """Numbers that stand by themselves in a safetensors file, by name; those that it lacks are left out.

    https://github.com/huggingface/safetensors#format: a length in 8 bytes, a head of JSON, then the tensors. No more
    than the head and these numbers is read. Raises ModelDamaged.
    """
    import json

    found: dict[str, float] = {}
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > 100_000_000:
                raise ValueError("the head is too long")
            head: Any = json.loads(file.read(length))
            if not isinstance(head, dict):
                raise ValueError("the head is no object")
            for name in set(names) & set(head):
                start, stop = head[name]["data_offsets"]
                file.seek(8 + length + start)
                found[name] = _number(head[name]["dtype"], file.read(min(stop - start, 8)))
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelDamaged(
            f"no weights can be read ({error})", subject=path.name, remedy="fetch the model anew"
        ) from error
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _number(kind: str, data: bytes) -> float:
    if kind == "BF16":  # the upper half of a float of 32 bits
        kind, data = "F32", b"\0\0" + data
    forms = {"F32": "<f", "F16": "<e", "F64": "<d"}
    return float(struct.unpack(forms[kind], data)[0])
