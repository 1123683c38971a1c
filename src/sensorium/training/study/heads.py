"""What heads alone are made of: recipes, losses, averages, seeds and several seeds as one. Tables of `docs/quality.md`.

Nothing that takes long is needed before: features are computed once and kept, and so is every pair of heads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sensorium.training.compact import CompactRecipe, Featured, Trunks, featured, image_features, load_trunks
from sensorium.training.ensemble import MeanLikeness, joined, side_by_side
from sensorium.training.features import cached_features, digest_of
from sensorium.training.heads import Floats, Head, HeadRecipe, Heads, fit_heads
from sensorium.training.many import Places
from sensorium.training.measures import Recalls, both_ways
from sensorium.training.pairs import hold_out
from sensorium.training.shipped import shipped_heads, shipped_trunk

Row = tuple[str, ...]
Embed = Callable[[Floats], Floats]

RECIPES = (
    HeadRecipe(epochs=60),
    HeadRecipe(epochs=60, width=192),
    HeadRecipe(epochs=60, width=512),
    HeadRecipe(epochs=60, rate=1e-3),
    HeadRecipe(epochs=60, batch=3000, rate=5e-3),
    HeadRecipe(epochs=60, decay=1.0),
    HeadRecipe(epochs=60, dropout=0.7, noise=0.5),
    HeadRecipe(epochs=150),
    HeadRecipe(),
)
"""Recipes that were held against each other; the last is the one that was taken."""

SHORT = HeadRecipe(epochs=60)
"""What losses and averages are tried on: their order is wanted, not the last point."""
LOSSES = (
    ("InfoNCE, two captions of a picture mixed (taken)", SHORT),
    ("the same, two mixtures of a picture that are no negatives", replace(SHORT, draws=2)),
    ("multi-positive InfoNCE, two mixtures of a picture", replace(SHORT, draws=2, loss="multi-positive")),
    ("sigmoid", replace(SHORT, loss="sigmoid")),
    ("hinge on the hardest, from the beginning", replace(SHORT, loss="hardest")),
    ("InfoNCE with likely negatives counting more", replace(SHORT, loss="hard-info-nce")),
    ("InfoNCE, mean of the weights of the last quarter", replace(SHORT, averaged=0.25)),
    ("InfoNCE, mean of the weights of the last half", replace(SHORT, averaged=0.5)),
)
SEEDS = range(5)
WIDTHS = (256, 512)
COLUMNS = ("kept-out t2i", "i2t", "dev t2i", "i2t")


@dataclass(frozen=True, slots=True)
class Ground:
    """One picture trunk's features of the parts, and `shipped`: heads that were trained together with it, if any."""

    name: str
    kept: Floats = field(repr=False)
    held: Floats = field(repr=False)
    dev: Floats = field(repr=False)
    shipped: Heads | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HeadStudy:
    """What the tables are made of. kept, held: training pictures that were trained on, and that were not."""

    kept: Featured
    held: Featured
    dev: Featured
    grounds: tuple[Ground, ...]
    work: Path

    @classmethod
    def of(cls, places: Places, recipe: CompactRecipe) -> HeadStudy:
        """The published picture trunk, and the tuned one of the encoder that is in `places.out`."""
        trunks, work = load_trunks(), places.work
        everything = featured(places.data, "train", trunks, work)
        kept, held = (everything.take(part) for part in hold_out(len(everything.pairs), recipe.held_out, recipe.seed))
        dev = featured(places.data, "dev", trunks, work)
        tuned = Trunks(trunks.english, shipped_trunk(places.out, trunks.image))
        parts = (kept, held, dev)
        grounds = (
            Ground("published trunk", *_features(parts, trunks, work)),
            Ground("tuned trunk", *_features(parts, tuned, work), shipped_heads(places.out)),
        )
        return cls(kept, held, dev, grounds, work)

    def heads(self, ground: Ground, recipe: HeadRecipe) -> Heads:
        """Trained by `recipe` on the kept pictures, or read back from the work folder."""
        key = digest_of([repr(recipe).encode(), self.kept.english.tobytes(), ground.kept.tobytes()])
        path = self.work / f"heads-{key[:16]}.npz"
        if not path.exists():
            owners, groups = self.kept.pairs.picture_of_caption, self.kept.groups
            _keep(path, fit_heads(self.kept.english, ground.kept, owners, groups, recipe))
        with np.load(path, allow_pickle=False) as found:
            return Heads(*(Head(found[f"{sense}_weight"], found[f"{sense}_bias"]) for sense in ("text", "image")))

    def found(self, ground: Ground, texts: Embed, pictures: Embed) -> list[Recalls]:
        """t2i and i2t of the kept-out pictures, then of dev."""
        parts = ((self.held, ground.held), (self.dev, ground.dev))
        return [
            one
            for part, features in parts
            for one in both_ways(texts(part.english), pictures(features), part.pairs.picture_of_caption)
        ]

    def of_heads(self, ground: Ground, heads: Heads) -> list[Recalls]:
        """The same of a pair of heads."""
        return self.found(ground, heads.text, heads.image)


def _keep(path: Path, heads: Heads) -> None:
    """Writes the file whole or not at all."""
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        text_weight=heads.text.weight,
        text_bias=heads.text.bias,
        image_weight=heads.image.weight,
        image_bias=heads.image.bias,
    )
    partial.replace(path)


def _features(parts: tuple[Featured, Featured, Featured], trunks: Trunks, work: Path) -> tuple[Floats, Floats, Floats]:
    """float32 [n, 1280] of each part: what the upper blocks give, computed once and kept in `work`."""
    weights = [value.numpy().tobytes() for value in trunks.image.upper.state_dict().values()]
    producer = f"upper blocks {digest_of(weights)}"

    def features(part: Featured) -> Floats:
        cells = list(part.cells)
        found = cached_features(
            work / "features",
            producer,
            cells,
            lambda one: one.tobytes(),
            lambda block: image_features(np.stack(block), trunks),
        )
        return np.asarray(found, np.float32)

    kept, held, dev = (features(part) for part in parts)
    return kept, held, dev


def recipes(study: HeadStudy) -> Iterator[Row]:
    """Heads on the published trunk, by recipe, over the pictures that were kept out."""
    ground = study.grounds[0]
    yield (f"heads on the {ground.name}", "t2i", "i2t")
    for recipe in RECIPES:
        yield (str(recipe), *map(str, study.of_heads(ground, study.heads(ground, recipe))[:2]))


def losses(study: HeadStudy) -> Iterator[Row]:
    """Losses and averages on the published trunk, one seed, and all of them as one."""
    ground, members = study.grounds[0], []
    yield (f"heads on the {ground.name}", *COLUMNS)
    for name, recipe in LOSSES:
        members.append(study.heads(ground, recipe))
        yield (name, *map(str, study.of_heads(ground, members[-1])))
    for row in _together(study, ground, members):
        yield (f"all of them, {row[0]}", *row[1:])


def seeds(study: HeadStudy, recipe: HeadRecipe) -> Iterator[Row]:
    """Recall at 1 of five seeds: each, then their mean and standard deviation."""
    yield ("trunk", "seed", *COLUMNS)
    for ground in study.grounds:
        rows = []
        for seed in SEEDS:
            found = study.of_heads(ground, study.heads(ground, replace(recipe, seed=seed)))
            rows.append([one.first for one in found])
            yield (ground.name, str(seed), *(f"{one.first:.1f}" for one in found))
        yield (ground.name, "mean and deviation", *mean_and_deviation(rows))


def mean_and_deviation(rows: Sequence[Sequence[float]]) -> list[str]:
    """Of each column; the deviation is that of a sample (n - 1).

    >>> mean_and_deviation([[1.0, 5.0], [3.0, 5.0]])
    ['2.0 ± 1.4', '5.0 ± 0.0']
    """
    columns = np.asarray(rows, np.float64)
    return [f"{mean:.1f} ± {spread:.1f}" for mean, spread in zip(columns.mean(0), columns.std(0, ddof=1), strict=True)]


def ensembles(study: HeadStudy, recipe: HeadRecipe) -> Iterator[Row]:
    """Several seeds together: by the mean of their cosines, and as one head."""
    yield ("trunk", "heads", *COLUMNS)
    for ground in study.grounds:
        same = [study.heads(ground, replace(recipe, seed=seed)) for seed in SEEDS]
        yield (ground.name, "one seed", *map(str, study.of_heads(ground, same[0])))
        together = {"five seeds": same}
        if ground.shipped is not None:
            yield (ground.name, "as shipped", *map(str, study.of_heads(ground, ground.shipped)))
            together["as shipped and five seeds"] = [ground.shipped, *same]
        for name, members in together.items():
            for row in _together(study, ground, members):
                yield (ground.name, f"{name}, {row[0]}", *row[1:])


def _together(study: HeadStudy, ground: Ground, members: Sequence[Heads]) -> Iterator[Row]:
    mean = MeanLikeness(members)
    yield ("mean of cosines", *map(str, study.found(ground, mean.texts, mean.pictures)))
    whole = side_by_side(members, study.kept.english, ground.kept)
    yield (f"one head {len(whole.text.weight)} wide", *map(str, study.of_heads(ground, whole)))
    for width in WIDTHS:
        heads = joined(members, study.kept.english, ground.kept, width)
        yield (f"cut to {width}", *map(str, study.of_heads(ground, heads)))
