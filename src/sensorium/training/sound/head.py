"""The head of the sound tower: what the trunk hears -> the blocks of the space in which texts lie.

A sound is taught to lie where the names of what is heard in it lie: in the shared block, in which pictures are met, and
in the private block of texts, which knows more names (ConSE: Norouzi et al. 2014; here with a softmax over the names,
after Radford et al. 2021). The private block of pictures stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from sensorium.training.heads import LEAST_DEVIATION
from sensorium.training.space import SpacePlan

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRecipe:
    """Every choice.

    hidden: units between features and blocks. dropout, noise: on standardised features. scale: the inverse temperature
    of the softmax over names. pull: weight of the distance from the weighted mean of names. labelled: how much more a
    labelled clip counts than a free sound. label: the share of a clip's target that its label has beside what the
    teacher hears. share: of the squared length that the shared block takes.
    """

    hidden: int = 192
    dropout: float = 0.4
    noise: float = 0.2
    scale: float = 30.0
    pull: float = 0.5
    labelled: float = 2.0
    label: float = 0.7
    share: float = 0.5
    epochs: int = 25
    batch: int = 256
    rate: float = 2e-3
    decay: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLessons:
    """What is learnt from. features: float32 [n, p] of blocks. targets: float32 [n, names], rows with a sum of 1.
    weights: float32 [n]. prompts: float32 [prompts, names, plan.width], text vectors of the names."""

    features: Floats
    targets: Floats
    weights: Floats
    prompts: Floats


class SoundHead(nn.Module):  # type: ignore[misc]
    """features float32 [n, p] -> unit vectors float32 [n, plan.width]."""

    def __init__(self, features: int, hidden: int, plan: SpacePlan, share: float) -> None:
        super().__init__()
        self.plan, self.share = plan, share
        self.first = nn.Linear(features, hidden)
        self.shared, self.private = nn.Linear(hidden, plan.shared), nn.Linear(hidden, plan.text)

    def blocks(self, features: Any) -> tuple[Any, Any]:
        """Both blocks, each of unit length."""
        hidden = functional.gelu(self.first(features))
        return functional.normalize(self.shared(hidden), dim=-1), functional.normalize(self.private(hidden), dim=-1)

    def forward(self, features: Any) -> Any:
        shared, private = self.blocks(features)
        whole = torch.cat([self.share**0.5 * shared, (1 - self.share) ** 0.5 * private], dim=-1)
        return functional.pad(whole, (0, self.plan.image))


def fit_sound_head(lessons: SoundLessons, plan: SpacePlan, recipe: SoundRecipe) -> SoundHead:
    """The head that these lessons teach; the same arguments give the same head."""
    torch.manual_seed(recipe.seed)
    features = torch.from_numpy(lessons.features)
    mean, deviation = features.mean(0), features.std(0).clamp(min=LEAST_DEVIATION)
    clean = (features - mean) / deviation
    head = SoundHead(clean.shape[1], recipe.hidden, plan, recipe.share)
    targets, weights = torch.from_numpy(lessons.targets), torch.from_numpy(lessons.weights)
    names = _blocks(torch.from_numpy(lessons.prompts), plan)
    optimizer = torch.optim.AdamW(head.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(clean) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps)
    for _ in range(recipe.epochs):
        for chosen in torch.randperm(len(clean)).split(recipe.batch):
            noisy = clean[chosen] + recipe.noise * torch.randn_like(clean[chosen])
            found = head.blocks(functional.dropout(noisy, recipe.dropout))
            prompt = int(torch.randint(len(lessons.prompts), ()))
            loss = torch.zeros(())
            for block, of_names in zip(found, names, strict=True):
                loss = loss + name_loss(block, of_names[prompt], targets[chosen], weights[chosen], recipe)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return _folded(head, mean, deviation)


def name_loss(block: Any, names: Any, targets: Any, weights: Any, recipe: SoundRecipe) -> Any:
    """Cross entropy of the softmax over names, less what is due to the targets alone, and the distance from the
    weighted mean of the names: a scalar.

    What all names of a prompt have in common is taken from them before the mean: it tells no sounds apart, and with it
    a sound would be near to every question that is put in the same form.
    """
    odds = functional.log_softmax(recipe.scale * block @ names.T, dim=1)
    entropy = torch.special.entr(targets).sum(1)
    apart = -(targets * odds).sum(1) - entropy
    away = 1 - (block * functional.normalize(targets @ (names - names.mean(0)), dim=1)).sum(1)
    return (weights * (apart + recipe.pull * recipe.scale * away)).sum() / weights.sum()


def sharpened(scores: Floats, silence: int, power: float = 1.0) -> Floats:
    """Scores of the teacher as shares with a sum of 1; silence is no name that anybody looks for.

    >>> sharpened(np.array([[0.2, 0.6, 0.9]], np.float32), silence=2).round(2).tolist()
    [[0.25, 0.75, 0.0]]
    """
    heard = scores.astype(np.float32) ** np.float32(power)
    heard[:, silence] = 0
    heard += np.float32(1e-9)
    heard[:, silence] = 0
    shares: Floats = heard / heard.sum(axis=1, keepdims=True)
    return shares


def _blocks(rows: Any, plan: SpacePlan) -> tuple[Any, Any]:
    """The shared and the private block of text vectors, each of unit length."""
    shared, private = rows[..., : plan.shared], rows[..., plan.shared : plan.shared + plan.text]
    return functional.normalize(shared, dim=-1), functional.normalize(private, dim=-1)


def _folded(head: SoundHead, mean: Any, deviation: Any) -> SoundHead:
    """The same with the standardisation worked into the first layer."""
    with torch.no_grad():
        head.first.weight.div_(deviation)
        head.first.bias.sub_(head.first.weight @ mean)
    head.eval()
    return head


def means(features: Sequence[Floats]) -> Floats:
    """One row for each sound: the mean over its blocks."""
    return np.stack([rows.mean(axis=0) for rows in features]).astype(np.float32)
