"""Seeds of the second stage: what each finds, and what the mean of their weights finds. Hours; each epoch is kept.

All seeds start at the same heads, so that their weights can be averaged (model soups, Wortsman et al. 2022).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from sensorium.training.compact import CompactRecipe, Trunks, image_features, load_trunks
from sensorium.training.finetune import TuneRecipe
from sensorium.training.heads import Head, Heads
from sensorium.training.measures import Recalls
from sensorium.training.stages import checkpoint_of, image_tuning
from sensorium.training.study.heads import COLUMNS, Ground, HeadStudy, mean_and_deviation

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tuned:
    """Upper blocks of the picture trunk, and the heads that learnt with them."""

    upper: Any = field(repr=False)
    heads: Heads = field(repr=False)


def tuned_seeds(study: HeadStudy, recipe: CompactRecipe, seeds: Sequence[int]) -> Iterator[Row]:
    """Recall of each seed of the second stage, of their mean and deviation (R@1), and of the mean of their weights."""
    trunks, rows, members = load_trunks(), [], []
    yield ("second stage", *COLUMNS)
    for seed in seeds:
        members.append(tuned(study, trunks, recipe, seed))
        found = measured(study, trunks, members[-1])
        rows.append([one.first for one in found])
        yield (f"seed {seed}", *map(str, found))
    if len(members) > 1:
        yield ("R@1, mean and deviation", *mean_and_deviation(rows))
        yield ("mean of weights", *map(str, measured(study, trunks, soup(members))))


def tuned(study: HeadStudy, trunks: Trunks, recipe: CompactRecipe, seed: int) -> Tuned:
    """One seed, from the start or from where its checkpoint in the work folder stands."""
    ground, tune = study.grounds[0], replace(recipe.tune or TuneRecipe(), seed=seed)
    own = replace(trunks.image, upper=copy.deepcopy(trunks.image.published))
    heads = study.heads(ground, recipe.heads)
    run = image_tuning(study.kept, ground.kept, heads, Trunks(trunks.english, own), tune)
    return Tuned(own.upper, run.run(_checkpoint(study, recipe, tune)))


def measured(study: HeadStudy, trunks: Trunks, one: Tuned) -> list[Recalls]:
    """t2i and i2t of the kept-out pictures, then of dev."""
    own = Trunks(trunks.english, replace(trunks.image, upper=one.upper))
    held, dev = (image_features(part.cells, own) for part in (study.held, study.dev))
    return study.of_heads(Ground("tuned", study.grounds[0].kept, held, dev), one.heads)


def soup(members: Sequence[Tuned]) -> Tuned:
    """The mean of the weights of all members."""
    upper = copy.deepcopy(members[0].upper)
    states = [one.upper.state_dict() for one in members]
    upper.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return Tuned(upper, Heads(*(_mean_head([getattr(one.heads, sense) for one in members]) for sense in SENSES)))


SENSES = ("text", "image")


def _mean_head(heads: Sequence[Head]) -> Head:
    weight, bias = (sum(getattr(head, part) for head in heads) / len(heads) for part in ("weight", "bias"))
    return Head(weight, bias)


def _checkpoint(study: HeadStudy, recipe: CompactRecipe, tune: TuneRecipe) -> Path:
    return checkpoint_of(study.kept, study.work, "tuning", recipe.heads, tune)
