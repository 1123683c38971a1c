"""The trunk of the sound tower: the aiSFX network (Ma & Lerch, ISMIR 2022) out of a registry package.

The package aisfx 0.1.2 holds the weights (CC BY 4.0) as a pickle. It is opened here, at build time, by torch's reader
that knows tensors and plain numbers alone; the package's own code is not run.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from sensorium.core.errors import BadInput, ModelDamaged

WIDTH = 512
CHANNELS = (1, 64, 128, 256, WIDTH)
WEIGHTS_SHA256 = "499ea75909c932a2f94c35fa722fa4fabc5bcb7e84917209cc5f7402627b7eb5"


class ConvBlock(nn.Module):  # type: ignore[misc]
    """Two convolutions of 3 x 3, each with normalisation and ReLU, then a pooling of 2 x 2 or none."""

    def __init__(self, channels: int, width: int, *, pooled: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.pooled = pooled

    def forward(self, cells: Any) -> Any:
        cells = torch.relu(self.bn1(self.conv1(cells)))
        cells = torch.relu(self.bn2(self.conv2(cells)))
        return nn.functional.max_pool2d(cells, 2) if self.pooled else cells


class SoundTrunk(nn.Module):  # type: ignore[misc]
    """Blocks float32 [n, 100, 96] -> what is heard in them, float32 [n, WIDTH]: the published embedding.

    It is the mean over pitch and the maximum over time. The mean over time beside it brought nothing that could be
    measured.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConvBlock(CHANNELS[number], CHANNELS[number + 1], pooled=number < 3) for number in range(4)
        )

    def forward(self, blocks: Any) -> Any:
        cells = blocks.unsqueeze(1)
        for block in self.blocks:
            cells = block(cells)
        return cells.mean(dim=3).amax(dim=2)


def weights_file() -> Path:
    """Where the package keeps its weights. Raises BadInput where it is missing."""
    try:
        package = distribution("aisfx")
    except PackageNotFoundError as error:
        # It asks for a numpy of 2022, for code that is not run here.
        raise BadInput("it is not installed", subject="aisfx", remedy="pip install --no-deps aisfx==0.1.2") from error
    return Path(str(package.locate_file("aisfx/models/checkpoint.pth")))


def load_trunk(path: Path | None = None) -> SoundTrunk:
    """The trunk in evaluation mode. Raises ModelDamaged unless the weights are the ones that were published."""
    path = path or weights_file()
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ModelDamaged("these are other weights", subject=path.name, remedy="reinstall sensorium[train]")
    # The checkpoint's class counts are numbers of numpy, which the reader has to be told of by name.
    scalar = np.int64(0).__reduce__()[0]
    known = [(scalar, "numpy.core.multiarray.scalar"), np.dtype, np.dtypes.Int64DType]
    with torch.serialization.safe_globals(known):
        state, _ = torch.load(path, map_location="cpu", weights_only=True)
    trunk = SoundTrunk()
    prefix = "embedding_net.conv_block"
    named = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    trunk.blocks.load_state_dict({f"{int(name[0]) - 1}{name[1:]}": value for name, value in named.items()})
    trunk.eval()
    return trunk


def fold_norms(trunk: SoundTrunk) -> None:
    """Works the normalisations into the convolutions, in place; gives the same to rounding."""
    for block in trunk.blocks:
        for conv, norm in (("conv1", "bn1"), ("conv2", "bn2")):
            folded = nn.utils.fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm))
            setattr(block, conv, folded)
            setattr(block, norm, nn.Identity())
