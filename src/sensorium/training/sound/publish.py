"""The model and the golden vectors of the sound tower, as the encoder's folder holds them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from sensorium.core.contents import Samples
from sensorium.encoders.sound import BLOCK, RATE, blocks_of
from sensorium.training import golden, modules
from sensorium.training.export import export
from sensorium.training.sound.head import SoundHead
from sensorium.training.sound.trunk import SoundTrunk, fold_norms

MODEL, GOLDEN = "sound.onnx", "golden_sound.npz"
STORE = "int8"
WINDOW, HOP = 5.0, 2.5
"""Seconds of a window and from one to the next, as the reader is to cut them."""
GOLDEN_SAMPLES = 12_000
"""Of each golden sound: a quarter of a second, which the tower has to repeat."""


class SoundModel(nn.Module):  # type: ignore[misc]
    """The blocks of one sound, float32 [n, 100, 96] -> its unit vector, float32 [1, width]."""

    def __init__(self, trunk: SoundTrunk, head: SoundHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, blocks: Any) -> Any:
        return self.head(self.trunk(blocks).mean(dim=0, keepdim=True))

    def encode(self, sounds: Sequence[Samples]) -> npt.NDArray[np.float32]:
        """float32 [len(sounds), width]: the reference for what the product gives."""
        with torch.inference_mode():
            return np.vstack([self(torch.from_numpy(blocks_of(samples))).numpy() for samples in sounds])


def publish_sound(trunk: SoundTrunk, head: SoundHead, out: Path) -> None:
    """Writes `sound.onnx` and `golden_sound.npz`. Trunk and head are left as they are."""
    out.mkdir(parents=True, exist_ok=True)
    model = SoundModel(copy.deepcopy(trunk), copy.deepcopy(head)).eval()
    fold_norms(model.trunk)
    modules.round_weights(model, STORE)
    sounds = golden_sounds()
    golden.write_golden(out / GOLDEN, sounds, model.encode(list(sounds)))
    example = torch.from_numpy(blocks_of(np.resize(sounds[0], 2 * BLOCK)))
    export(model, {"blocks": example}, ("vectors",), {"blocks": {0: "batch"}}, out / MODEL, STORE)


def golden_sounds() -> npt.NDArray[np.int16]:
    """int16 [3, GOLDEN_SAMPLES]: a rising tone, a dying chord, and clicks in noise, quiet; made by formula."""
    seconds = np.arange(GOLDEN_SAMPLES) / RATE
    rising = np.sin(2 * np.pi * (300 * seconds + 4_000 * seconds**2))
    chord = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 277.2, 329.6, 5_000.0)) * np.exp(-4 * seconds)
    hiss = np.modf(np.sin(np.arange(GOLDEN_SAMPLES) * 12.9898) * 43_758.5453)[0]
    clicks = 0.1 * hiss + (np.arange(GOLDEN_SAMPLES) % 4_000 < 40)
    sounds = [24_000 * rising, 7_000 * chord, 900 * clicks]
    whole: npt.NDArray[np.int16] = np.rint(np.stack(sounds)).clip(-32_767, 32_767).astype(np.int16)
    return whole
