"""The third stage: a text trunk of many languages learns to stand in for the English one.

It is shown sentences in any language and told where the English tower puts what they say in English, in the shared
block and in the private one (distillation over translations: Reimers & Gurevych 2020, EMNLP). Captions of pictures
also learn to tell their picture from all others; pictures stay where they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sensorium.training.ground import Captioned
from sensorium.training.heads import Floats, Head, Standardised
from sensorium.training.progress import Progress
from sensorium.training.trunks import e5

SCALE = 30.0
"""Inverse temperature by which a sentence is told from the others of its batch."""
RIDGE = 0.03
NONE = -1
"""In place of a picture: there is none."""
BLOCK = 32
"""Sentences of like length that a worker takes at once."""
Tokens = Sequence[int]
Drawn = tuple[int, int]
"""The kind of a sentence and its number among its kind."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilRecipe:
    """How the trunk learns. Rates rise over the first `rising` steps, stay, and fall to nothing over the last `falling`
    share of them, so that a run may be told to end earlier while it goes on.

    layers: of the trunk, from the top, that learn. told_apart, to_pictures: weights of the InfoNCE losses over
    sentences of the batch and over all pictures, beside the distances; private: that of the distance in the private
    block.
    picture_scale: inverse temperature over pictures. first: texts of each kind by which the first heads are fitted.
    save_every: steps between checkpoints.
    """

    steps: int = 1400
    batch: int = 256
    layers: int = 6
    rate: float = 2.5e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    rising: int = 30
    falling: float = 0.4
    private: float = 0.5
    told_apart: float = 0.1
    to_pictures: float = 0.1
    picture_scale: float = 20.0
    clip: float = 1.0
    first: int = 200
    save_every: int = 25
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Sentences that are shown alike often: tokens, and for each the row of its targets and that of its picture.

    translated: whether they are in another language than the teacher's.
    """

    tokens: Sequence[Tokens] = field(repr=False)
    targets: Sequence[int] = field(repr=False)
    share: float
    translated: bool = True
    pictures: Sequence[int] = field(default=(), repr=False)

    def picture(self, number: int) -> int:
        """The row of a sentence's picture, or `NONE`."""
        return self.pictures[number] if self.pictures else NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilData:
    """lessons: what is shown; their shares sum to 1. shared, private: float32 [n, d], where the English tower puts what
    a sentence says. pictures: float32 [m, d], the shared block of all pictures.
    """

    lessons: Sequence[Lessons]
    shared: Floats = field(repr=False)
    private: Floats = field(repr=False)
    pictures: Floats = field(repr=False)


def head_onto(states: Floats, vectors: Floats) -> Head:
    """The head that maps states [n, t] to about `vectors` [n, d]: ridge regression over standardised states."""
    mean, deviation = states.mean(axis=0), np.maximum(states.std(axis=0), 1e-2)
    rows = ((states - mean) / deviation).astype(np.float64)
    target = vectors - vectors.mean(axis=0)
    weight = np.linalg.solve(rows.T @ rows + RIDGE * len(rows) * np.eye(rows.shape[1]), rows.T @ target).T / deviation
    return Head(weight.astype(np.float32), (vectors.mean(axis=0) - weight @ mean).astype(np.float32))


def rate_at(step: int, recipe: DistilRecipe) -> float:
    """The share of the highest rate that a step learns with, 0..1.

    >>> [round(rate_at(step, DistilRecipe(steps=100, rising=10, falling=0.5)), 2) for step in (0, 9, 40, 75, 99)]
    [0.1, 1.0, 1.0, 0.5, 0.02]
    """
    falling = max(1.0, recipe.falling * recipe.steps)
    return min(1.0, (step + 1) / recipe.rising, max(0.0, (recipe.steps - step) / falling))


class Distilling:
    """One run of the third stage: everything that a checkpoint holds. Changes `trunk` in place."""

    def __init__(
        self, trunk: e5.Trunk, data: DistilData, recipe: DistilRecipe, heads: tuple[Head, Head] | None = None
    ) -> None:
        """heads: the shared and the private one, where the trunk was taught before."""
        self._trunk, self._data, self._recipe = trunk, data, recipe
        # Each worker takes a block after the other, on one thread: where others use the machine too, threads that wait
        # for the slowest of them at every product would get little done.
        self._workers = ThreadPoolExecutor(
            torch.get_num_threads(), "distilling", initializer=lambda: torch.set_num_threads(1)
        )
        self._below = _Below(trunk, data.lessons, e5.LAYERS - recipe.layers, self._workers)
        self._pictures = torch.from_numpy(data.pictures)
        states, rows = self._first_states()
        heads = heads or (head_onto(states, data.shared[rows]), head_onto(states, data.private[rows]))
        self._shared, self._private = (Standardised.around(head, torch.from_numpy(states)) for head in heads)
        learning = trunk.model.encoder.layer[e5.LAYERS - recipe.layers :]
        self._parts = nn.ModuleList([self._shared.linear, self._private.linear, *learning])
        of_heads = [*self._shared.linear.parameters(), *self._private.linear.parameters()]
        self._optimizer = torch.optim.AdamW(
            [{"params": of_heads, "lr": recipe.head_rate}, {"params": list(learning.parameters()), "lr": recipe.rate}],
            weight_decay=recipe.decay,
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, lambda step: rate_at(step, recipe))
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

    def captioned(self, share: float) -> Captioned:
        """States of captions in other languages, as the trunk is now, and what they were told.

        share: how many of those whose picture is known, of each kind.
        """
        chance = np.random.default_rng(self._recipe.seed)
        lessons = self._data.lessons
        drawn = [
            (kind, int(number))
            for kind, one in enumerate(lessons)
            if one.pictures and one.translated
            for number in chance.permutation(len(one.tokens))[: int(share * len(one.tokens))]
        ]
        drawn.sort(key=lambda one: len(self._below.tokens(one)))
        with torch.inference_mode():
            states = [self._states(drawn[start : start + 512]).numpy() for start in range(0, len(drawn), 512)]
        return Captioned(
            states=np.vstack(states),
            wanted=self._data.shared[[self._target(one) for one in drawn]],
            owners=[lessons[kind].picture(number) for kind, number in drawn],
            pictures=self._data.pictures,
        )

    def heads(self) -> tuple[Head, Head]:
        """Both heads as they stand."""
        return self._shared.folded(), self._private.folded()

    def _step(self, chance: np.random.Generator) -> list[float]:
        drawn = self._drawn(chance)
        below = self._below.of(drawn)
        order = sorted(range(len(drawn)), key=lambda row: -len(below[row]))
        blocks = [order[start : start + BLOCK] for start in range(0, len(order), BLOCK)]
        wanted = torch.from_numpy(self._data.shared[[self._target(one) for one in drawn]])
        parameters = list(self._parts.parameters())

        def gradients(rows: list[int]) -> tuple[Any, Any]:
            losses = self._losses([drawn[row] for row in rows], [below[row] for row in rows], rows, wanted)
            return torch.autograd.grad(losses @ self._weights(), parameters), losses.detach()

        found = list(self._workers.map(gradients, blocks))
        for number, parameter in enumerate(parameters):
            parameter.grad = torch.stack([each[number] for each, _ in found]).sum(0) / len(drawn)
        nn.utils.clip_grad_norm_(parameters, self._recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        losses: list[float] = (sum(losses for _, losses in found) / len(drawn)).tolist()
        return losses

    def _weights(self) -> Any:
        recipe = self._recipe
        return torch.tensor([1.0, recipe.private, recipe.told_apart, recipe.to_pictures])

    def _losses(self, drawn: Sequence[Drawn], below: Sequence[e5.Halves], rows: Sequence[int], wanted: Any) -> Any:
        """Sums over some sentences of a batch: distances in both blocks, InfoNCE over sentences, InfoNCE over pictures.

        rows: where they stand in the batch. wanted: [batch, d], where the teacher puts each sentence of it.
        """
        states = e5.mean_of(*e5.upper_states(self._trunk.model, below, self._recipe.layers))
        shared, private = self._shared.train(states, 0.0), self._private.train(states, 0.0)
        known = torch.from_numpy(self._data.private[[self._target(one) for one in drawn]])
        return torch.stack(
            [
                (1 - (shared * wanted[rows]).sum(1)).sum(),
                (1 - (private * known).sum(1)).sum(),
                _told_apart(shared, wanted, rows),
                self._to_pictures(shared, drawn),
            ]
        )

    def _target(self, one: Drawn) -> int:
        return self._data.lessons[one[0]].targets[one[1]]

    def _to_pictures(self, shared: Any, drawn: Sequence[Drawn]) -> Any:
        """InfoNCE of captions over all pictures, summed."""
        pictures = torch.tensor([self._data.lessons[kind].picture(number) for kind, number in drawn])
        seen = pictures != NONE
        logits = self._recipe.picture_scale * shared[seen] @ self._pictures.T
        return functional.cross_entropy(logits, pictures[seen], reduction="sum")

    def _states(self, drawn: Sequence[Drawn]) -> Any:
        """float32 [n, 384]: mean states of these sentences, as the trunk is now."""
        model, layers = self._trunk.model, self._recipe.layers
        return e5.in_blocks_of_like_length(
            self._below.of(drawn), lambda part: e5.mean_of(*e5.upper_states(model, part, layers))
        )

    def _first_states(self) -> tuple[Floats, list[int]]:
        """States of the first sentences of each kind, as the trunk was published, and the rows of their targets."""
        chance = np.random.default_rng(self._recipe.seed)
        drawn = [
            (kind, int(number))
            for kind, lessons in enumerate(self._data.lessons)
            for number in chance.permutation(len(lessons.tokens))[: self._recipe.first]
        ]
        with torch.inference_mode():
            blocks = [self._states(drawn[start : start + 512]).numpy() for start in range(0, len(drawn), 512)]
        return np.vstack(blocks), [self._data.lessons[kind].targets[number] for kind, number in drawn]

    def _drawn(self, chance: np.random.Generator) -> list[Drawn]:
        """Kind and number of each sentence of a batch."""
        return [
            (kind, int(number))
            for kind, lessons in enumerate(self._data.lessons)
            for number in chance.integers(len(lessons.tokens), size=round(lessons.share * self._recipe.batch))
        ]


class _Below:
    """What the layers that do not learn give, computed when a sentence is first shown and kept: some 2 GB in all."""

    def __init__(self, trunk: e5.Trunk, lessons: Sequence[Lessons], layers: int, workers: ThreadPoolExecutor) -> None:
        self._trunk, self._lessons, self._layers, self._workers = trunk, lessons, layers, workers
        self._known: dict[Drawn, e5.Halves] = {}

    def of(self, drawn: Sequence[Drawn]) -> list[e5.Halves]:
        missing = sorted({one for one in drawn if one not in self._known}, key=lambda one: len(self.tokens(one)))
        blocks = [missing[start : start + BLOCK] for start in range(0, len(missing), BLOCK)]
        for block, rows in zip(blocks, self._workers.map(self._computed, blocks), strict=True):
            self._known.update(zip(block, rows, strict=True))
        return [self._known[one] for one in drawn]

    def _computed(self, block: Sequence[Drawn]) -> list[e5.Halves]:
        return e5.lower_states(self._trunk.model, [self.tokens(one) for one in block], self._layers)

    def tokens(self, one: Drawn) -> Tokens:
        kind, number = one
        return self._lessons[kind].tokens[number]


def _told_apart(vectors: Any, wanted: Any, rows: Sequence[int]) -> Any:
    """InfoNCE of the vectors, which stand in these rows of a batch, over the targets of the batch, summed.

    Equal targets, of one sentence twice, are no negatives.
    """
    own = functional.one_hot(torch.tensor(rows), len(wanted)).bool()
    same = (wanted[rows] @ wanted.T > 0.9999) & ~own
    logits = (SCALE * vectors @ wanted.T).masked_fill(same, float("-inf"))
    return functional.cross_entropy(logits, torch.tensor(rows), reduction="sum")


def _mean(losses: Sequence[Sequence[float]]) -> str:
    return ", ".join(f"{value:.4f}" for value in np.mean(losses, axis=0))
