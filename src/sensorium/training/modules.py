"""The whole towers as torch modules: what is exported, and the reference that golden vectors come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from sensorium.training import efficientnet, minilm, precision
from sensorium.training.heads import Floats, Head, unit
from sensorium.training.space import Towers


class TextTower(nn.Module):  # type: ignore[misc]
    """input_ids, attention_mask, both int64 [n, tokens] -> unit vectors [n, width]."""

    def __init__(self, transformer: Any, towers: Towers) -> None:
        super().__init__()
        self.trunk = transformer
        self.shared, self.private = linear(towers.shared.text), linear(towers.private.text)
        self.plan = towers.plan

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        states = self.trunk(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        features = minilm.mean_of_tokens(states, attention_mask)
        shared = blocks_of(self.shared(features), 1 - self.plan.text_share)
        private = blocks_of(self.private(features), self.plan.text_share)
        return functional.pad(torch.cat([shared, private], dim=1), (0, self.plan.image))


class ImageTower(nn.Module):  # type: ignore[misc]
    """uint8 pixels [n, 288, 288, 3] -> unit vectors [n, width]."""

    def __init__(self, trunk: efficientnet.Trunk, towers: Towers) -> None:
        super().__init__()
        self.lower, self.upper = trunk.lower, trunk.upper
        self.published = None if trunk.published is trunk.upper else trunk.published
        self.shared, self.private = linear(towers.shared.image), linear(towers.private.image)
        self.classifier = linear(Head(towers.names.weight, towers.names.bias))
        self.names = nn.Linear(len(towers.names.names), towers.plan.text, bias=False)
        with torch.no_grad():
            self.names.weight.copy_(torch.from_numpy(towers.names.names.T))
        self.plan = towers.plan

    def forward(self, pixels: Any) -> Any:
        cells = self.lower(efficientnet.normalised(pixels))
        tuned = self.upper(cells)
        published = tuned if self.published is None else self.published(cells)
        named = self.names(functional.softmax(self.classifier(published), dim=1))
        return torch.cat(
            [
                blocks_of(self.shared(tuned), self.plan.head_share),
                blocks_of(named, self.plan.name_share),
                blocks_of(self.private(published), self.plan.image_share),
            ],
            dim=1,
        )


def blocks_of(rows: Any, share: float) -> Any:
    """Rows scaled to length sqrt(share)."""
    return functional.normalize(rows, dim=1) * share**0.5


def linear(head: Head) -> Any:
    """A head as a layer, without its scaling to unit length."""
    layer = nn.Linear(head.weight.shape[1], head.weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(head.weight))
        layer.bias.copy_(torch.from_numpy(head.bias))
    return layer


def round_weights(module: Any, store: str) -> None:
    """Gives every large weight the value that it has after `precision` stored it, in place."""
    for part in module.modules():
        weight = getattr(part, "weight", None)
        if weight is None or weight.ndim < 2 or weight.numel() < precision.SMALLEST:
            continue
        with torch.no_grad():
            if store == "fp16":
                weight.copy_(weight.half().float())
            elif store == "int8":
                weight.copy_(torch.from_numpy(precision.rounded_int8(weight.numpy(), axis=1)))


def text_vectors(tower: TextTower, trunk: minilm.Trunk, texts: Sequence[str]) -> Floats:
    """What the text tower gives in torch, each text by itself; a long one is the mean of its windows."""
    found = []
    for text in texts:
        with torch.inference_mode():
            found.append(tower(*minilm.padded(minilm.windows(trunk, text))).numpy().sum(axis=0))
    return unit(np.stack(found))


def image_vectors(tower: ImageTower, pixels: npt.NDArray[np.uint8]) -> Floats:
    """What the image tower gives in torch for pixels [n, side, side, 3]."""
    with torch.inference_mode():
        found: Floats = tower(torch.from_numpy(pixels)).numpy()
    return found
