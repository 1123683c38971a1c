"""The second stage: the image trunk's last blocks learn with the heads, from inputs that were computed once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from sensorium.training.heads import LARGEST_SCALE, CaptionMixer, Floats, Heads, Standardised
from sensorium.training.layers import fold_batch_norms
from sensorium.training.losses import symmetric_info_nce
from sensorium.training.progress import Progress

LEARNT_SCALE = 30.0
"""About the inverse temperature that heads on frozen features end with."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneRecipe:
    """How blocks are tuned. Rates are the highest of the one-cycle schedule.

    trunk_rate: in units of a weight's root mean square, so that layers of different size learn alike (You et al. 2017).
    cell_dropout: share of the 9x9 cells blanked. clip: longest gradient.
    """

    epochs: int = 20
    batch: int = 500
    trunk_rate: float = 7e-3
    head_rate: float = 6e-4
    decay: float = 0.05
    cell_dropout: float = 0.15
    dropout: float = 0.5
    noise: float = 0.3
    clip: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneData:
    """What is tuned on. cells: float16 [n, c, 9, 9], what enters the blocks; texts: [captions, t];
    features: [n, p], what the blocks gave before. picture_of_caption, groups: as for `fit_heads`."""

    cells: npt.NDArray[np.float16] = field(repr=False)
    texts: Floats = field(repr=False)
    features: Floats = field(repr=False)
    picture_of_caption: Sequence[int] = field(repr=False)
    groups: Sequence[int] = field(repr=False)


class Tuning:
    """One run of the second stage: everything that a checkpoint holds.

    `upper` is changed in place: first its BatchNorms are folded into its convolutions, because the statistics of one
    data set would bend them and because it is four times as fast; then its weights learn. The biases that folding makes
    have no gradient and stay as they are.
    """

    def __init__(self, upper: Any, heads: Heads, data: TuneData, recipe: TuneRecipe) -> None:
        self._data, self._recipe = data, recipe
        texts, features = (torch.from_numpy(np.asarray(rows, np.float32)) for rows in (data.texts, data.features))
        self._texts = texts
        fold_batch_norms(upper)
        self.upper = upper.eval().to(memory_format=torch.channels_last)
        self.text, self.image = Standardised.around(heads.text, texts), Standardised.around(heads.image, features)
        self._log_scale = nn.Parameter(torch.tensor(LEARNT_SCALE).log())
        head_parameters = [*self.text.linear.parameters(), *self.image.linear.parameters(), self._log_scale]
        groups: list[dict[str, Any]] = [{"params": head_parameters, "lr": recipe.head_rate}]
        groups += [{"params": [p], "lr": recipe.trunk_rate * root_mean_square(p)} for p in upper.parameters()]
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=recipe.decay)
        steps = recipe.epochs * -(-len(data.cells) // recipe.batch)
        rates = [group["lr"] for group in groups]
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, rates, total_steps=steps)
        parts = nn.ModuleList([upper, self.text.linear, self.image.linear])
        self._progress = Progress(parts, self._optimizer, self._schedule, self._log_scale)

    def run(self, checkpoint: Path, after_epoch: Callable[[int], None] = lambda epoch: None) -> Heads:
        """Trains to the end from the start or from `checkpoint`, which is written after every epoch."""
        progress = self._progress
        progress.load(checkpoint)
        while progress.done < self._recipe.epochs:
            loss = self._epoch(progress.done)
            progress.done += 1
            progress.save(checkpoint)
            log.info("tuning: epoch %d of %d, loss %.4f", progress.done, self._recipe.epochs, loss)
            after_epoch(progress.done)
        return self.heads()

    def heads(self) -> Heads:
        """The heads as they stand."""
        return Heads(self.text.folded(), self.image.folded())

    def _epoch(self, epoch: int) -> float:
        # Seeded by epoch, so that a run that was resumed draws what an uninterrupted one does.
        generator = torch.Generator().manual_seed(self._recipe.seed * 1000 + epoch)
        torch.manual_seed(self._recipe.seed * 1000 + epoch)
        captions = CaptionMixer(self._texts, self._data.picture_of_caption, generator)
        batches = torch.randperm(len(self._data.cells), generator=generator).split(self._recipe.batch)
        return sum(self._step(chosen, captions(chosen)) for chosen in batches) / len(batches)

    def _step(self, chosen: Any, texts: Any) -> float:
        recipe = self._recipe
        cells = disturbed(torch.from_numpy(self._data.cells[chosen.numpy()]).float(), recipe.cell_dropout)
        text_vectors = self.text.train(texts, recipe.dropout, recipe.noise)
        image_vectors = self.image.train(self.upper(cells), recipe.dropout, recipe.noise)
        scale = self._log_scale.exp().clamp(max=LARGEST_SCALE)
        groups = torch.tensor(self._data.groups)[chosen]
        loss = symmetric_info_nce(text_vectors, image_vectors, groups, scale)
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())


def disturbed(cells: Any, dropped: float) -> Any:
    """Cells [n, c, h, w] of which half of the pictures are mirrored and a share of all places is blanked."""
    mirrored = torch.rand(len(cells), 1, 1, 1) < 0.5
    cells = torch.where(mirrored, cells.flip(3), cells)
    kept = torch.rand(len(cells), 1, *cells.shape[2:]) >= dropped
    return (cells * kept).contiguous(memory_format=torch.channels_last)


def root_mean_square(weight: Any) -> float:
    """Root mean square; biases that are all zero count as small weights."""
    return max(float(weight.detach().square().mean().sqrt()), 0.01)
