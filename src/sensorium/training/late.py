"""A second look: each word of a caption finds its best place in the picture.

Projections of word states and of picture cells to short vectors, learnt on frozen towers; a pair's score is the mean
over words of the best cosine with a cell (MaxSim: Khattab & Zaharia 2020, between words and patches: Yao et al. 2022).
"""

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

from sensorium.training.heads import LARGEST_SCALE, Floats, Head, Heads, Standardised
from sensorium.training.losses import info_nce
from sensorium.training.measures import recalls
from sensorium.training.products import fast_products
from sensorium.training.progress import Progress

log = logging.getLogger(__name__)

SAMPLE = 20_000
"""Words and cells by which states are standardised."""
WEIGHTS = tuple(round(0.05 * step, 2) for step in range(1, 21))
"""Of the second look beside the first, to choose from."""

Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRecipe:
    """How the projections are learnt. width: of the short vectors."""

    width: int = 64
    epochs: int = 15
    batch: int = 200
    rate: float = 1e-3
    decay: float = 0.1
    word_dropout: float = 0.2
    cell_dropout: float = 0.2
    dropout: float = 0.3
    scale: float = 20.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """States of the words of many texts, one behind the other.

    states: float16 [words, t]; borders: text n has the rows borders[n]..borders[n + 1].
    """

    states: Halves = field(repr=False)
    borders: npt.NDArray[np.int64] = field(repr=False)

    def padded(self, texts: Sequence[int]) -> tuple[Any, Any]:
        """float32 [n, longest, t] and its mask, bool [n, longest]."""
        rows = [torch.from_numpy(self.states[self.borders[n] : self.borders[n + 1]]).float() for n in texts]
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(row), dtype=torch.bool) for row in rows], batch_first=True)
        return nn.utils.rnn.pad_sequence(rows, batch_first=True), mask


@dataclass(frozen=True, slots=True, kw_only=True)
class LateData:
    """What is learnt from. cells: float16 [pictures, places, p]. owners: for each text the row of its picture.

    groups: as for heads. projected: whether the cells are short unit vectors already: then only words are learnt.
    """

    words: Words
    cells: Halves = field(repr=False)
    owners: npt.NDArray[np.int64] = field(repr=False)
    groups: Sequence[int] = field(repr=False)
    projected: bool = False


def max_similarity(words: Any, mask: Any, cells: Any) -> Any:
    """[texts, pictures]: mean over a text's words of the best product with a cell of the picture.

    words: [texts, length, d], mask: bool [texts, length], cells: [pictures, places, d]; all of unit length.

    >>> words, cells = torch.eye(2).unsqueeze(0), torch.eye(2).unsqueeze(0)
    >>> max_similarity(words, torch.tensor([[True, True]]), cells).item()
    1.0
    """
    texts, length, width = words.shape
    pictures, places, _ = cells.shape
    products = words.reshape(-1, width) @ cells.reshape(-1, width).T
    best = products.reshape(texts, length, pictures, places).amax(dim=3)
    weight = mask.unsqueeze(-1).to(best.dtype)
    return (best * weight).sum(1) / weight.sum(1).clamp(min=1)


def late_scores(words: Words, cells: Halves, heads: Heads, block: int = 50) -> Floats:
    """float32 [texts, pictures]: what the second look gives for every pair, as it is used."""
    grid = torch.from_numpy(heads.image(np.asarray(cells.reshape(-1, cells.shape[-1]), np.float32))).reshape(
        *cells.shape[:2], -1
    )
    found = []
    for start in range(0, len(words.borders) - 1, block):
        states, mask = words.padded(range(start, min(start + block, len(words.borders) - 1)))
        short = torch.from_numpy(heads.text(states.reshape(-1, states.shape[-1]).numpy()))
        found.append(max_similarity(short.reshape(*mask.shape, -1), mask, grid).numpy())
    return np.vstack(found)


def best_weight(raw: Floats, late: Floats, owners: Sequence[int], depth: int = 100) -> tuple[float, float]:
    """The weight of `WEIGHTS` with which most texts find their picture first, among their `depth` best by `raw`.

    Also how many points of recall at 1 it brings.

    raw, late: [texts, pictures], by the first look and by the second.
    """
    right = np.asarray(owners)[:, None] == np.arange(raw.shape[1])[None, :]
    bar = -np.sort(-raw, axis=1)[:, min(depth, raw.shape[1]) - 1, None]
    looked = np.where(raw >= bar, late, -np.inf)
    found = {weight: recalls((raw + weight * looked).astype(np.float32), right).first for weight in WEIGHTS}
    weight = max(WEIGHTS, key=found.__getitem__)
    return weight, found[weight] - recalls(raw, right).first


def fit_late(data: Callable[[], LateData], recipe: LateRecipe, checkpoint: Path) -> Heads:
    """Projections of words and of cells; a stopped run goes on from `checkpoint`. That of cells means nothing where
    they were `projected` before.

    data: called only where the run is not at its end.
    """
    finished = checkpoint.with_suffix(".npz")
    if not finished.exists():
        heads = _Fitting(data(), recipe).run(checkpoint)
        arrays = [heads.text.weight, heads.text.bias, heads.image.weight, heads.image.bias]
        partial = finished.with_name(f"{finished.stem}.partial.npz")
        np.savez(partial, *arrays)
        partial.replace(finished)
    with np.load(finished, allow_pickle=False) as arrays_of:
        text, text_bias, image, image_bias = (arrays_of[name] for name in arrays_of.files)
    return Heads(Head(text, text_bias), Head(image, image_bias))


class _Fitting:
    """One run: everything that a checkpoint holds."""

    def __init__(self, data: LateData, recipe: LateRecipe) -> None:
        self._data, self._recipe = data, recipe
        torch.manual_seed(recipe.seed)
        words = torch.from_numpy(data.words.states[:SAMPLE]).float()
        cells = torch.from_numpy(data.cells.reshape(-1, data.cells.shape[-1])[:SAMPLE]).float()
        self._words, self._cells = Standardised(words, recipe.width), Standardised(cells, recipe.width)
        parts = nn.ModuleList([self._words.linear, self._cells.linear])
        self._log_scale = nn.Parameter(torch.tensor(recipe.scale).log())
        parameters = [*parts.parameters(), self._log_scale]
        self._optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=recipe.decay)
        self._texts_of = [np.flatnonzero(data.owners == picture) for picture in range(len(data.cells))]
        self._pictures = torch.tensor([number for number, texts in enumerate(self._texts_of) if len(texts)])
        self._groups = torch.tensor(data.groups)
        steps = recipe.epochs * -(-len(self._pictures) // recipe.batch)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, recipe.rate, total_steps=steps)
        self._progress = Progress(parts, self._optimizer, self._schedule, self._log_scale)

    def run(self, checkpoint: Path) -> Heads:
        progress, recipe = self._progress, self._recipe
        progress.load(checkpoint)
        while progress.done < recipe.epochs:
            torch.manual_seed(recipe.seed * 1000 + progress.done)
            chance = np.random.default_rng((recipe.seed, progress.done))
            batches = self._pictures[torch.randperm(len(self._pictures))].split(recipe.batch)
            loss = float(np.mean([self._step(chosen, chance) for chosen in batches]))
            progress.done += 1
            progress.save(checkpoint)
            log.info("second look: epoch %d of %d, loss %.3f", progress.done, recipe.epochs, loss)
        return Heads(self._words.folded(), self._cells.folded())

    def _step(self, chosen: Any, chance: np.random.Generator) -> float:
        recipe = self._recipe
        states, mask = self._data.words.padded([int(chance.choice(self._texts_of[one])) for one in chosen.tolist()])
        mask &= torch.rand(mask.shape) >= recipe.word_dropout
        count = self._data.cells.shape[1]
        places = torch.randperm(count)[: max(1, round(count * (1 - recipe.cell_dropout)))]
        grid = torch.from_numpy(self._data.cells[chosen.numpy()])[:, places].float()
        with fast_products():
            words = self._words.train(states, recipe.dropout)
            cells = grid if self._data.projected else self._cells.train(grid, recipe.dropout)
            likeness = max_similarity(words, mask, cells)
        scale = self._log_scale.exp().clamp(max=LARGEST_SCALE)
        loss = info_nce(likeness.float(), self._groups[chosen], scale)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())
