"""The whole towers as torch modules: what is exported, and the reference that golden vectors come from."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from sensorium.training import precision
from sensorium.training.heads import Floats, Head, unit
from sensorium.training.space import SpacePlan, TextHeads, Towers
from sensorium.training.tokens import padded
from sensorium.training.trunks import e5, efficientnet, minilm


class FourBitWeight(nn.Module):  # type: ignore[misc]
    """A weight that is stored in 4 bits and multiplied out where it is used."""

    def __init__(self, weight: e5.FourBit) -> None:
        super().__init__()
        halves = weight.nibbles.reshape(*weight.scales.shape, 2, e5.BLOCK // 2)
        packed = halves[:, :, 0] | halves[:, :, 1] << 4
        self.register_buffer("packed", torch.from_numpy(packed))
        self.register_buffer("scales", torch.from_numpy(weight.scales.copy()))

    def forward(self, rows: Any) -> Any:
        """float32 [..., columns]: the rows of these numbers."""
        return self._multiplied(self.packed[rows], self.scales[rows])

    def whole(self) -> Any:
        """float32 [rows, columns]: all of it."""
        return self._multiplied(self.packed, self.scales)

    def _multiplied(self, packed: Any, scales: Any) -> Any:
        packed = packed.float()
        high = torch.floor(packed / 16)  # in floats: exporters disagree on the types of shifted bytes
        values = torch.cat([packed - 16 * high, high], dim=-1) - 8
        return (values * scales.float().unsqueeze(-1)).flatten(-2)


class FourBitLinear(nn.Module):  # type: ignore[misc]
    """A linear layer whose weight is stored in 4 bits."""

    def __init__(self, weight: e5.FourBit, bias: Any) -> None:
        super().__init__()
        self.stored, self.bias = FourBitWeight(weight), bias

    def forward(self, states: Any) -> Any:
        return functional.linear(states, self.stored.whole(), self.bias)


def as_published(model: Any, stored: Mapping[str, e5.FourBit]) -> Any:
    """A copy of the model in which every large weight that did not learn is stored as it was published."""
    model = copy.deepcopy(model)
    for name, weight in stored.items():
        owner, _, part = name.removesuffix(".weight").rpartition(".")
        place = model.get_submodule(owner)
        layer = getattr(place, part)
        if name == e5.TABLE:
            setattr(place, part, FourBitWeight(weight))
        elif np.array_equal(layer.weight.detach().numpy(), weight.floats()):
            setattr(place, part, FourBitLinear(weight, layer.bias))
    return model


class TextTower(nn.Module):  # type: ignore[misc]
    """input_ids, attention_mask, both int64 [n, tokens] -> unit vectors [n, width] and, where it is `detailed`, words
    [n, tokens, late width]: unit vectors too, zeros for padding.

    model: a BERT, as transformers runs it.
    """

    def __init__(self, model: Any, heads: TextHeads, plan: SpacePlan, *, detailed: bool = True) -> None:
        super().__init__()
        self.detailed = detailed
        self.embeddings, self.layers = model.embeddings, model.encoder.layer
        self.shared, self.private, self.late = linear(heads.shared), linear(heads.private), linear(heads.late)
        self.plan = plan

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        states = self.embeddings(input_ids)
        bias = (1 - attention_mask[:, None, None].float()) * -1e4
        for layer in self.layers:
            states = layer(states, bias)
        features = minilm.mean_of_tokens(states, attention_mask)
        shared = blocks_of(self.shared(features), 1 - self.plan.text_share)
        private = blocks_of(self.private(features), self.plan.text_share)
        vectors = functional.pad(torch.cat([shared, private], dim=1), (0, self.plan.image))
        if not self.detailed:
            return (vectors,)
        return vectors, functional.normalize(self.late(states), dim=2) * attention_mask.unsqueeze(2).float()


class ImageTower(nn.Module):  # type: ignore[misc]
    """uint8 pixels [n, 288, 288, 3] -> unit vectors [n, width] and, where it is `detailed`, grid [n, 81, late width] of
    unit vectors."""

    def __init__(self, trunk: efficientnet.Trunk, towers: Towers, *, detailed: bool = True) -> None:
        super().__init__()
        self.detailed = detailed
        self.lower, self.upper = trunk.lower, efficientnet.without_pooling(trunk.upper)
        self.published = None if trunk.published is trunk.upper else trunk.published
        self.shared, self.private = linear(towers.shared.image), linear(towers.private.image)
        self.late = linear(towers.late.image)
        self.classifier = linear(Head(towers.names.weight, towers.names.bias))
        self.names = nn.Linear(len(towers.names.names), towers.plan.text, bias=False)
        with torch.no_grad():
            self.names.weight.copy_(torch.from_numpy(towers.names.names.T))
        self.plan = towers.plan

    def forward(self, pixels: Any) -> Any:
        cells = self.lower(efficientnet.normalised(pixels))
        grid = self.upper(cells).flatten(2).transpose(1, 2)
        tuned = grid.mean(dim=1)
        published = tuned if self.published is None else self.published(cells)
        named = self.names(functional.softmax(self.classifier(published), dim=1))
        vectors = torch.cat(
            [
                blocks_of(self.shared(tuned), self.plan.head_share),
                blocks_of(named, self.plan.name_share),
                blocks_of(self.private(published), self.plan.image_share),
            ],
            dim=1,
        )
        if not self.detailed:
            return (vectors,)
        return vectors, functional.normalize(self.late(grid), dim=2)


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
                summed = tuple(range(1, weight.ndim))
                weight.copy_(torch.from_numpy(precision.rounded_int8(weight.numpy(), axis=summed)))


def text_vectors(tower: TextTower, windows: Sequence[Sequence[Sequence[int]]]) -> Floats:
    """What a text tower gives in torch for the windows of each text, each text by itself: the mean of its windows."""
    found = []
    for rows in windows:
        with torch.inference_mode():
            found.append(tower(*padded(rows))[0].numpy().sum(axis=0))
    return unit(np.stack(found))


def image_vectors(tower: ImageTower, pixels: npt.NDArray[np.uint8]) -> list[Floats]:
    """What the image tower gives in torch for pixels [n, side, side, 3]: vectors and, where it is detailed, grids."""
    with torch.inference_mode():
        return [found.numpy() for found in tower(torch.from_numpy(pixels))]
