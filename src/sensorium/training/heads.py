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
from torch.optim.swa_utils import AveragedModel

from sensorium.training.losses import LOSSES

Floats = npt.NDArray[np.float32]
FIRST_SCALE = 1 / 0.07
LARGEST_SCALE = 100.0
FIRST_SHIFT = -10.0
"""Of logits of the sigmoid loss (Zhai et al. 2023): at first, no pair is taken to belong together."""

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
    """How heads are trained.

    dropout, noise: on standardised features. rate: the highest of the one-cycle schedule. loss: one of `LOSSES`.
    draws: how often a batch shows each of its pictures, each time with other captions. averaged: the share of epochs,
    from the last one, after which weights are taken into a mean that the heads end as (Izmailov et al. 2018).
    """

    width: int = 256
    dropout: float = 0.6
    noise: float = 0.3
    epochs: int = 250
    batch: int = 1000
    rate: float = 3e-3
    decay: float = 0.1
    loss: str = "info-nce"
    draws: int = 1
    averaged: float = 0.0
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
    """Heads for captions [c, t] and pictures [n, p] by `recipe`; the same arguments give the same heads.

    picture_of_caption: for each caption the row of its picture, ascending. groups: for each picture what it shows;
    pictures of one group are not told apart.
    """
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    text_rows, picture_rows = (torch.from_numpy(np.asarray(rows, np.float32)) for rows in (texts, pictures))
    captions = CaptionMixer(text_rows, picture_of_caption, generator)
    text, image = Standardised(text_rows, recipe.width), Standardised(picture_rows, recipe.width)
    fit = _Fit(text, image, recipe, steps=recipe.epochs * -(-len(pictures) // recipe.batch))
    group_of = torch.tensor(groups)
    for epoch in range(recipe.epochs):
        for drawn in torch.randperm(len(pictures), generator=generator).split(recipe.batch):
            chosen = drawn.repeat(recipe.draws)
            fit.step(captions(chosen), picture_rows[chosen], group_of[chosen])
        if epoch >= recipe.epochs * (1 - recipe.averaged):
            fit.average()
    return fit.heads()


class _Fit:
    """Two heads on their way. steps: how many there will be."""

    def __init__(self, text: Standardised, image: Standardised, recipe: HeadRecipe, steps: int) -> None:
        self._text, self._image, self._recipe = text, image, recipe
        self._log_scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())
        self._shift = nn.Parameter(torch.tensor(FIRST_SHIFT))
        self._parts = nn.ModuleList([text.linear, image.linear])
        self._mean = AveragedModel(self._parts)
        # A loss that asks for no scale or shift gives it no gradient, and it stays.
        parameters = [*self._parts.parameters(), self._log_scale, self._shift]
        self._optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=recipe.decay)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, recipe.rate, total_steps=steps)

    def step(self, texts: Any, pictures: Any, groups: Any) -> None:
        """One step on features of which row i belong together."""
        recipe = self._recipe
        text_vectors = self._text.train(texts, recipe.dropout, recipe.noise)
        image_vectors = self._image.train(pictures, recipe.dropout, recipe.noise)
        scale = self._log_scale.exp().clamp(max=LARGEST_SCALE)
        loss = LOSSES[recipe.loss](text_vectors @ image_vectors.T, groups, scale, self._shift)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self._schedule.step()

    def average(self) -> None:
        """Takes the weights as they stand into their mean."""
        self._mean.update_parameters(self._parts)

    def heads(self) -> Heads:
        """The mean of the weights if there is one, else the weights as they stand."""
        if self._recipe.averaged:
            self._parts.load_state_dict(self._mean.module.state_dict())
        return Heads(self._text.folded(), self._image.folded())
