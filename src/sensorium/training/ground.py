"""After the third stage: the shared head of other languages alone, over captions and the pictures that they describe.

States of the taught trunk stand still and so do the pictures, so many epochs cost a minute or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch.nn import functional

from sensorium.training.heads import Floats, Head, Standardised


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRecipe:
    """How the head learns. scale: inverse temperature over all pictures. near: weight of the distance to where the
    teacher puts a sentence. part: of the way from the head that was there to the one that is learnt, 0..1 (weights
    averaged: Wortsman et al. 2022). share: of the captions whose picture is known, how many it is shown."""

    epochs: int = 30
    batch: int = 1000
    rate: float = 1e-3
    decay: float = 0.1
    dropout: float = 0.4
    noise: float = 0.2
    scale: float = 20.0
    near: float = 2.0
    part: float = 0.6
    share: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioned:
    """states: float32 [n, 384] of captions. wanted: float32 [n, d], where the teacher puts them. owners: the rows of
    their pictures. pictures: float32 [m, d]."""

    states: Floats = field(repr=False)
    wanted: Floats = field(repr=False)
    owners: Sequence[int] = field(repr=False)
    pictures: Floats = field(repr=False)


def ground(head: Head, data: Captioned, recipe: GroundRecipe) -> Head:
    """The head after it learnt; the same arguments give the same head."""
    torch.manual_seed(recipe.seed)
    states, wanted, pictures = (torch.from_numpy(rows) for rows in (data.states, data.wanted, data.pictures))
    owners = torch.tensor(list(data.owners))
    layer = Standardised.around(head, states)
    optimizer = torch.optim.AdamW(layer.linear.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(states) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps)
    for _ in range(recipe.epochs):
        for chosen in torch.randperm(len(states)).split(recipe.batch):
            vectors = layer.train(states[chosen], recipe.dropout, recipe.noise)
            apart = functional.cross_entropy(recipe.scale * vectors @ pictures.T, owners[chosen])
            far = 1 - (vectors * wanted[chosen]).sum(1).mean()
            optimizer.zero_grad()
            (apart + recipe.near * far).backward()
            optimizer.step()
            schedule.step()
    return between(head, layer.folded(), recipe.part)


def between(one: Head, other: Head, part: float) -> Head:
    """Part of the way from one head to another, each scaled to the same size of its weights first.

    >>> flat = Head(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    >>> between(flat, flat, 0.3).weight.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    scale = np.float32(np.linalg.norm(one.weight) / np.linalg.norm(other.weight))
    weight = (1 - part) * one.weight + part * scale * other.weight
    return Head(weight.astype(np.float32), ((1 - part) * one.bias + part * scale * other.bias).astype(np.float32))
