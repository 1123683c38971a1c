"""The third stage: a text trunk of many languages learns to stand in for the English one.

It is shown sentences in any language and told where the English tower puts what they say in English, in the shared
block and in the private one (distillation over translations: Reimers & Gurevych 2020, EMNLP). So pictures need not be
looked at again, and texts that are no captions are told apart as before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sensorium.training import e5
from sensorium.training.heads import Floats, Head, Standardised
from sensorium.training.progress import Progress

SCALE = 30.0
"""Inverse temperature by which a sentence is told from the others of its batch."""
RIDGE = 0.03
Tokens = Sequence[int]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilRecipe:
    """How the trunk learns. Rates are the highest of the one-cycle schedule.

    layers: of the trunk, from the top, that learn. told_apart: weight of the InfoNCE loss beside the distances.
    save_every: steps between checkpoints.
    """

    steps: int = 140
    batch: int = 768
    layers: int = 6
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    told_apart: float = 0.1
    clip: float = 1.0
    save_every: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Sentences that are shown alike often: tokens, and for each the row of its targets."""

    tokens: Sequence[Tokens] = field(repr=False)
    targets: Sequence[int] = field(repr=False)
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilData:
    """lessons: what is shown; their shares sum to 1. shared, private: float32 [n, d], where the English tower puts what
    a sentence says. states: float32 [m, 384], what the trunk gave, as it was published, for `known`: rows of targets.
    """

    lessons: Sequence[Lessons]
    shared: Floats = field(repr=False)
    private: Floats = field(repr=False)
    states: Floats = field(repr=False)
    known: Sequence[int] = field(repr=False)


def head_onto(states: Floats, vectors: Floats) -> Head:
    """The head that maps states [n, t] to about `vectors` [n, d]: ridge regression over standardised states."""
    mean, deviation = states.mean(axis=0), np.maximum(states.std(axis=0), 1e-2)
    rows = ((states - mean) / deviation).astype(np.float64)
    target = vectors - vectors.mean(axis=0)
    weight = np.linalg.solve(rows.T @ rows + RIDGE * len(rows) * np.eye(rows.shape[1]), rows.T @ target).T / deviation
    return Head(weight.astype(np.float32), (vectors.mean(axis=0) - weight @ mean).astype(np.float32))


class Distilling:
    """One run of the third stage: everything that a checkpoint holds. Changes `trunk` in place."""

    def __init__(self, trunk: e5.Trunk, data: DistilData, recipe: DistilRecipe) -> None:
        self._trunk, self._data, self._recipe = trunk, data, recipe
        known = list(data.known)
        states = torch.from_numpy(data.states)
        self._shared, self._private = (
            Standardised.around(head_onto(data.states, targets[known]), states)
            for targets in (data.shared, data.private)
        )
        learning = trunk.model.encoder.layer[e5.LAYERS - recipe.layers :]
        self._parts = nn.ModuleList([self._shared.linear, self._private.linear, *learning])
        heads = [*self._shared.linear.parameters(), *self._private.linear.parameters()]
        self._optimizer = torch.optim.AdamW(
            [{"params": heads, "lr": recipe.head_rate}, {"params": list(learning.parameters()), "lr": recipe.rate}],
            weight_decay=recipe.decay,
        )
        rates = [recipe.head_rate, recipe.rate]
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, rates, total_steps=recipe.steps)
        self._progress = Progress(self._parts, self._optimizer, self._schedule)

    def run(self, checkpoint: Path, after: Callable[[int], None] = lambda done: None) -> tuple[Head, Head]:
        """Trains to the end from the start or from `checkpoint`; returns the shared head and the private one."""
        progress, steps = self._progress, self._recipe.steps
        progress.load(checkpoint)
        losses = []
        while progress.done < steps:
            # Seeded by step, so that a run that was resumed draws what an uninterrupted one does.
            losses.append(self._step(np.random.default_rng((self._recipe.seed, progress.done))))
            progress.done += 1
            if progress.done % self._recipe.save_every == 0 or progress.done == steps:
                progress.save(checkpoint)
                log.info("distilling: step %d of %d, losses %s", progress.done, steps, _mean(losses))
                losses.clear()
                after(progress.done)
        return self.heads()

    def heads(self) -> tuple[Head, Head]:
        """Both heads as they stand."""
        return self._shared.folded(), self._private.folded()

    def _step(self, chance: np.random.Generator) -> list[float]:
        tokens, targets = self._drawn(chance)
        states = e5.mean_states(self._trunk.model, tokens, learning=self._recipe.layers)
        shared, private = self._shared.train(states, 0.0), self._private.train(states, 0.0)
        wanted, known = (torch.from_numpy(rows[targets]) for rows in (self._data.shared, self._data.private))
        losses = torch.stack(
            [1 - (shared * wanted).sum(1).mean(), 1 - (private * known).sum(1).mean(), _told_apart(shared, wanted)]
        )
        self._optimizer.zero_grad()
        (losses @ torch.tensor([1.0, 1.0, self._recipe.told_apart])).backward()
        nn.utils.clip_grad_norm_(self._parts.parameters(), self._recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        found: list[float] = losses.detach().tolist()
        return found

    def _drawn(self, chance: np.random.Generator) -> tuple[list[Tokens], list[int]]:
        tokens: list[Tokens] = []
        targets: list[int] = []
        for lessons in self._data.lessons:
            for number in chance.integers(len(lessons.tokens), size=round(lessons.share * self._recipe.batch)):
                tokens.append(lessons.tokens[number])
                targets.append(lessons.targets[number])
        return tokens, targets


def _told_apart(vectors: Any, wanted: Any) -> Any:
    """InfoNCE of each vector over the targets of the batch; equal targets, of one sentence twice, are no negatives."""
    logits = SCALE * vectors @ wanted.T
    same = (wanted @ wanted.T > 0.9999) & ~torch.eye(len(wanted), dtype=torch.bool)
    return functional.cross_entropy(logits.masked_fill(same, float("-inf")), torch.arange(len(wanted)))


def _mean(losses: Sequence[Sequence[float]]) -> str:
    return ", ".join(f"{value:.4f}" for value in np.mean(losses, axis=0))
