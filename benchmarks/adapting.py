"""How much a few pairs of one's own help, and what is forgotten for it: `python -m benchmarks.adapting --data DIR`.

Titles of products find their pictures: 20, 100 and 1,000 pairs of shop photos to learn from and to stop by, as
`sensorium train` takes them, and titles that are held out. What is forgotten is measured on photos with captions and
on drawings with names, of which nothing is learned. `--choose` compares recipes on the products' dev split, the titles
that are held out are not looked at.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import adapting_data
from benchmarks.adapting_data import Captioned, Data
from benchmarks.adapting_product import through_the_product
from sensorium.adapting.curate import doubtful
from sensorium.adapting.curves import calibration_error
from sensorium.adapting.learn import BOTH, QUERY, Outcome, Pairs, Recipe, learn
from sensorium.adapting.split import split
from sensorium.adapting.train import curves_of, elsewhere_of
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.encoders.adapters import Adapter
from sensorium.evaluation.intervals import Interval, Values, cluster_bootstrap

SIZES = (0, 20, 100, 1_000)
SEEDS = (0, 1, 2)
KINDS = ("linear", "low-rank", "mlp")
KS = (1, 5, 10)
FORGOTTEN = ("Flickr8k t2i", "Flickr8k i2t", "Flickr8k t2t", "drawings t2i")

CHOICES = {"rank": (32, 128), "ridge": (3e-3, 3e-2), "stay": (10.0, 30.0, 100.0)}
"""What `--choose` tries, each with each."""

RECIPES = {
    "mlp": Recipe(),
    "linear": Recipe(kind="linear", ridge=3e-2, stay=10.0),
    "linear, held": Recipe(kind="linear", ridge=3e-2),
    "low-rank": Recipe(kind="low-rank", rank=32, ridge=3e-2, stay=10.0),
}
"""What was chosen on the dev split for each kind: by what it finds, and for `linear` by what it forgets too."""

LONG = 1_000
"""Pairs from which one seed has to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """By query, on one split: rank of the first right answer. forgotten: R@1 in percent elsewhere, by name."""

    ranks: Values
    forgotten: Mapping[str, float]
    best: float
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adapting", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds fashion/, flickr8k/ and tuxpaint/")
    parser.add_argument("--work", type=Path, default=Path(".work/adapting"), help="where vectors are kept")
    parser.add_argument("--choose", action="store_true", help="compare recipes on the dev split")
    parser.add_argument("--product", action="store_true", help="ask a library that the base filled")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    arguments = parser.parse_args()
    data = adapting_data.read(arguments.data, arguments.work)
    if arguments.product:
        lines = through_the_product(
            data, arguments.data / "fashion" / "images", learned(data, 1_000, Recipe()).adapters
        )
    else:
        lines = _choosing(data, arguments.sizes) if arguments.choose else _table(data, arguments.sizes)
    for line in lines:
        print(line, flush=True)
    return 0


def _table(data: Data, sizes: Sequence[int]) -> Iterator[str]:
    """The held-out titles, by the recipe of each kind."""
    test = data.fashion["test"]
    base = measure(data, "test", 0, Recipe())
    yield f"{len(test.texts)} titles, {len(test.pictures)} pictures; space {data.encoder.space.id}"
    heads = ["pairs", "kind", "side", *(f"R@{k}" for k in KS), "MRR", "MRR - base", *FORGOTTEN, "s"]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield _row("0", "-", "-", [base], base)
    for size, (name, recipe), side in product(sizes, RECIPES.items(), (QUERY, BOTH)):
        if size:
            seeds = SEEDS if size < LONG else SEEDS[:1]
            runs = [measure(data, "test", size, replace(recipe, side=side, seed=seed)) for seed in seeds]
            yield _row(f"{size:,}", name, side, runs, base)
    yield ""
    yield from _errors(data, sizes)
    yield from _mixed_up(data)


def _row(size: str, kind: str, side: str, runs: Sequence[Measured], base: Measured) -> str:
    clusters = np.arange(len(base.ranks))

    def mean(values: Sequence[Values]) -> Interval:
        return cluster_bootstrap(np.mean(values, axis=0), clusters)

    shares = [mean([(run.ranks <= k).astype(np.float64) for run in runs]) for k in KS]
    reciprocal = mean([1 / run.ranks for run in runs])
    change = mean([1 / run.ranks - 1 / base.ranks for run in runs])
    forgotten = [float(np.mean([run.forgotten[name] for run in runs])) for name in FORGOTTEN]
    cells = [size, kind, side, *(f"{100 * i.mean:.1f} [{100 * i.low:.1f}, {100 * i.high:.1f}]" for i in shares)]
    cells += [f"{reciprocal}", f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"]
    cells += [f"{value:.1f}" for value in forgotten]
    return f"| {' | '.join([*cells, f'{np.mean([run.seconds for run in runs]):.1f}'])} |"


def _choosing(data: Data, sizes: Sequence[int]) -> Iterator[str]:
    """Recipes by their mean reciprocal rank on the dev split, best first for each size, kind and side."""
    base = measure(data, "dev", 0, Recipe())
    yield f"base: MRR {np.mean(1 / base.ranks):.4f}, drawings {base.forgotten['drawings t2i']:.1f}"
    for size, kind, side in product(sizes, KINDS, (QUERY, BOTH)):
        found = []
        for values in product(*CHOICES.values()) if size else ():
            chosen: dict[str, Any] = dict(zip(CHOICES, values, strict=True))
            recipe = replace(Recipe(), kind=kind, side=side, **chosen)
            seeds = SEEDS if size < LONG else SEEDS[:1]
            runs = [measure(data, "dev", size, replace(recipe, seed=seed), few=True) for seed in seeds]
            gain = float(np.mean([np.mean(1 / run.ranks - 1 / base.ranks) for run in runs]))
            lost = float(np.mean([run.forgotten["drawings t2i"] for run in runs])) - base.forgotten["drawings t2i"]
            found.append((gain, lost, values, float(np.mean([run.best for run in runs]))))
        for gain, lost, values, best in sorted(found, reverse=True):
            told = ", ".join(f"{name} {value:g}" for name, value in zip(CHOICES, values, strict=True))
            yield f"{size}\t{kind}\t{side}\t{gain:+.4f}\t{lost:+.1f}\tepoch {best:.0f}\t{told}"


def measure(data: Data, split_name: str, size: int, recipe: Recipe, *, few: bool = False) -> Measured:
    """What `size` pairs bring on a split. few: measure of what is forgotten the drawings alone."""
    start = time.perf_counter()
    outcome = learned(data, size, recipe)
    seconds = time.perf_counter() - start
    own = data.fashion[split_name]
    texts, pictures = (
        moved(outcome.adapters, Modality.TEXT, own.texts),
        moved(outcome.adapters, Modality.IMAGE, own.pictures),
    )
    return Measured(
        ranks=ranks(texts @ pictures.T, own.right),
        forgotten=_forgotten(data, outcome.adapters, recipe.side, few=few),
        best=outcome.best,
        seconds=seconds,
    )


def learned(data: Data, size: int, recipe: Recipe) -> Outcome:
    """What is learned from so many pairs of the train split, drawn by the recipe's seed, as `train` splits them."""
    pairs = drawn(data.fashion["train"], size, recipe.seed)
    parts = split(pairs, recipe.seed)
    elsewhere = elsewhere_of(data.encoder)
    return learn(pairs.take(parts.learned), pairs.take(parts.judged), recipe, elsewhere=elsewhere)


def drawn(products: Captioned, size: int, seed: int) -> Pairs:
    """So many pairs of these products."""
    names = [name.casefold() for name in products.names]
    number = {name: position for position, name in enumerate(dict.fromkeys(names))}
    whole = Pairs(
        texts=products.texts,
        pictures=products.pictures[products.picture_of],
        text_of=np.array([number[name] for name in names]),
        picture_of=products.picture_of,
    )
    return whole.take(np.random.default_rng(seed).permutation(len(names))[:size])


def moved(adapters: Mapping[Modality, Adapter], modality: Modality, rows: Vectors) -> Vectors:
    """Rows as adapters give them."""
    adapter = adapters.get(modality)
    return rows if adapter is None else adapter.apply(rows)


def ranks(likeness: Vectors, right: np.ndarray) -> Values:
    """Of the first right answer, from 1; what scores as high stands before it."""
    best = np.where(right, likeness, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(1.0 + ((likeness >= best) & ~right).sum(axis=1))


def _forgotten(data: Data, adapters: Mapping[Modality, Adapter], side: str, *, few: bool) -> dict[str, float]:
    drawings, flickr = data.elsewhere["drawings"], data.elsewhere["Flickr8k dev"]
    shares = {"drawings t2i": _first(drawings, adapters)}
    if few:
        return shares
    asked = moved(adapters, Modality.TEXT, flickr.texts)
    kept = asked if side == BOTH else flickr.texts
    pictures = moved(adapters, Modality.IMAGE, flickr.pictures)
    own = flickr.picture_of[:, None] == np.arange(len(flickr.pictures))[None, :]
    shares["Flickr8k t2i"] = _first(flickr, adapters)
    shares["Flickr8k i2t"] = 100 * float(np.mean(ranks(pictures @ kept.T, own.T) <= 1))
    shares["Flickr8k t2t"] = _others(asked, kept, flickr.picture_of)
    return shares


def _first(captioned: Captioned, adapters: Mapping[Modality, Adapter]) -> float:
    texts = moved(adapters, Modality.TEXT, captioned.texts)
    likeness = texts @ moved(adapters, Modality.IMAGE, captioned.pictures).T
    return 100 * float(np.mean(ranks(likeness, captioned.right) <= 1))


def _others(asked: Vectors, kept: Vectors, picture_of: np.ndarray) -> float:
    """Captions, of the first thousand, that find another one of their picture first among all, in percent."""
    found = []
    for start in range(0, min(len(asked), 1_000), 500):
        likeness = asked[start : start + 500] @ kept.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -np.inf
        found.append(picture_of[likeness.argmax(axis=1)] == picture_of[start : start + 500])
    return 100 * float(np.mean(np.concatenate(found)))


def _mixed_up(data: Data) -> Iterator[str]:
    """How many of a tenth of the pairs, whose pictures were mixed up, are told of as doubtful."""
    for name, captioned in (("fashion train", data.fashion["train"]), ("Flickr8k dev", data.elsewhere["Flickr8k dev"])):
        pairs = drawn(captioned, 1_000, 0)
        mixed = len(pairs) // 10
        pictures = pairs.pictures.copy()
        pictures[:mixed] = np.roll(pictures[:mixed], 1, axis=0)
        told = np.array(doubtful(replace(pairs, pictures=pictures)))
        found, wrongly = int((told < mixed).sum()), int((told >= mixed).sum())
        others = len(pairs) - mixed
        yield f"{name}: told of {found} of {mixed} pairs that were mixed up, and {wrongly} of {others} others"


def _errors(data: Data, sizes: Sequence[int]) -> Iterator[str]:
    """How far scores can be believed on the titles held out: by the base's curve, and by it moved."""
    test, curve = data.fashion["test"], data.encoder.calibration(Modality.TEXT, Modality.IMAGE)
    yield f"ECE, base: {calibration_error(curve, (test.texts, test.pictures), test.right):.3f}"
    for size in sizes:
        errors = []
        for seed in () if not size else SEEDS if size < LONG else SEEDS[:1]:
            recipe = replace(Recipe(), seed=seed)
            outcome = learned(data, size, recipe)
            adapters = outcome.adapters
            pairs = drawn(data.fashion["train"], size, seed)
            curves = curves_of(data.encoder, pairs, split(pairs, seed), outcome, recipe.side)
            after = moved(adapters, Modality.TEXT, test.texts), moved(adapters, Modality.IMAGE, test.pictures)
            errors.append(
                [calibration_error(each, after, test.right) for each in (curve, curves.get("text->image", curve))]
            )
        if errors:
            kept, told = np.mean(errors, axis=0)
            yield f"ECE, {size:,} pairs: {kept:.3f} by the base's curve, {told:.3f} by the one that is written"


if __name__ == "__main__":
    sys.exit(main())
