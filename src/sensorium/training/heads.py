"""Heads: the affine maps from what a frozen trunk gives to the shared space, and how they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from sensorium.training.losses import symmetric_info_nce

Floats = npt.NDArray[np.float32]
FIRST_SCALE = 1 / 0.07
LARGEST_SCALE = 100.0

LEAST_DEVIATION = 1e-2
"""Of a feature, when it is standardised. Three of MiniLM's are constant: dividing by their rounding noise would let
that noise outweigh all other features once they are computed at another precision."""


@dataclass(frozen=True, slots=True)
class Head:
    """features -> unit vectors: `weight` float32 [width, features], `bias` float32 [width].

    >>> Head(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))(np.array([[3.0, 4.0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """

    weight: Floats
    bias: Floats

    def __call__(self, features: Floats) -> Floats:
        return unit(features.astype(np.float32) @ self.weight.T + self.bias)


@dataclass(frozen=True, slots=True)
class Heads:
    """A text head and an image head that end in one space."""

    text: Head
    image: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRecipe:
    """How heads are trained. dropout, noise: on standardised features. rate: the highest of the one-cycle schedule."""

    width: int = 256
    dropout: float = 0.6
    noise: float = 0.3
    epochs: int = 250
    batch: int = 1000
    rate: float = 3e-3
    decay: float = 0.1
    seed: int = 0


def unit(rows: Floats) -> Floats:
    """Rows scaled to unit length."""
    scaled: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


class CaptionMixer:
    """Draws, for pictures of a batch, a random mixture of two of each one's captions (mixup within the positives)."""

    def __init__(self, features: Any, picture_of_caption: Sequence[int], generator: torch.Generator) -> None:
        self._features = features
        self._generator = generator
        self._count = torch.bincount(torch.tensor(picture_of_caption))
        self._first = torch.cumsum(self._count, 0) - self._count

    def __call__(self, pictures: Any) -> Any:
        share = torch.rand(len(pictures), 1, generator=self._generator)
        return share * self._draw(pictures) + (1 - share) * self._draw(pictures)

    def _draw(self, pictures: Any) -> Any:
        step = torch.rand(len(pictures), generator=self._generator) * self._count[pictures]
        return self._features[self._first[pictures] + step.long()]


class Standardised:
    """A linear layer behind features that are standardised, dropped and disturbed; folds into a plain `Head`."""

    def __init__(self, features: Any, width: int) -> None:
        self.mean = features.mean(0)
        self.deviation = features.std(0).clamp(min=LEAST_DEVIATION)
        self.linear = nn.Linear(features.shape[1], width)

    @classmethod
    def around(cls, head: Head, features: Any) -> Standardised:
        """The layer that folds into `head` again, with the statistics of `features`."""
        layer = cls(features, len(head.weight))
        weight, bias = torch.from_numpy(head.weight), torch.from_numpy(head.bias)
        with torch.no_grad():
            layer.linear.weight.copy_(weight * layer.deviation)
            layer.linear.bias.copy_(bias + weight @ layer.mean)
        return layer

    def train(self, features: Any, dropout: float, noise: float = 0.0) -> Any:
        """Unit vectors [..., width] of disturbed features [..., p]."""
        clean = (features - self.mean) / self.deviation
        noisy = clean + noise * torch.randn_like(clean) if noise else clean
        return functional.normalize(self.linear(functional.dropout(noisy, dropout)), dim=-1)

    def folded(self) -> Head:
        """The same map without disturbance, with standardisation worked into weight and bias."""
        with torch.no_grad():
            weight = self.linear.weight / self.deviation
            bias = self.linear.bias - weight @ self.mean
        return Head(weight.numpy().copy(), bias.numpy().copy())


def fit_heads(
    texts: Floats, pictures: Floats, picture_of_caption: Sequence[int], groups: Sequence[int], recipe: HeadRecipe
) -> Heads:
    """Heads for captions [c, t] and pictures [n, p] by InfoNCE; the same arguments give the same heads.

    picture_of_caption: for each caption the row of its picture, ascending. groups: for each picture what it shows;
    pictures of one group are not told apart.
    """
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    text_rows, picture_rows = (torch.from_numpy(np.asarray(rows, np.float32)) for rows in (texts, pictures))
    captions = CaptionMixer(text_rows, picture_of_caption, generator)
    text, image = Standardised(text_rows, recipe.width), Standardised(picture_rows, recipe.width)
    log_scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())
    parameters = [*text.linear.parameters(), *image.linear.parameters(), log_scale]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(pictures) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps)
    group_of = torch.tensor(groups)
    for _ in range(recipe.epochs):
        for chosen in torch.randperm(len(pictures), generator=generator).split(recipe.batch):
            text_vectors = text.train(captions(chosen), recipe.dropout, recipe.noise)
            image_vectors = image.train(picture_rows[chosen], recipe.dropout, recipe.noise)
            scale = log_scale.exp().clamp(max=LARGEST_SCALE)
            loss = symmetric_info_nce(text_vectors, image_vectors, group_of[chosen], scale)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return Heads(text.folded(), image.folded())
