"""What each part of the recipe brings: the tables of `docs/quality.md`, made anew.

Needs what `make_compact` left in its work folder; nothing is trained but heads, and nothing is written.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.encoders.compact import CompactEncoder
from sensorium.training.compact import (
    Cells,
    CompactRecipe,
    Featured,
    Trunks,
    cells_of,
    featured,
    image_features,
    load_trunks,
    text_features,
    train,
)
from sensorium.training.heads import Floats, HeadRecipe, fit_heads, unit
from sensorium.training.make import measure
from sensorium.training.measures import both_ways, label_precision, neighbour_overlap, recalls
from sensorium.training.pairs import hold_out, read_pairs
from sensorium.training.space import SpacePlan, Towers

Row = tuple[str, ...]

HEADS = (
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

SHARES = (0.35, 0.5, 0.65, 0.8)
NAME_WEIGHTS = (0.0, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Pictures with a label each, on which nothing is trained. name: of the set in the table."""

    name: str
    pictures: tuple[Path, ...]
    labels: tuple[str, ...]

    @classmethod
    def read(cls, said: str) -> Labelled:
        """`NAME=TABLE:PICTURE COLUMN:LABEL COLUMN`; pictures lie beside the table or in `images/`.

        Raises BadInput for another form, or a file that is not there.
        """
        name, _, rest = said.partition("=")
        table, _, columns = rest.partition(":")
        picture, _, label = columns.partition(":")
        if not (name and label and Path(table).is_file()):
            raise BadInput("no labelled pictures", subject=said, remedy="say NAME=TABLE.tsv:PICTURE:LABEL")
        with Path(table).open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row[label]]
        pictures = tuple(_picture(Path(table).parent, row[picture]) for row in rows)
        return cls(name=name, pictures=pictures, labels=tuple(row[label] for row in rows))


@dataclass(frozen=True, slots=True)
class Study:
    """What the tables are made of. kept, held: the training pictures that were trained on, and those that were not."""

    trunks: Trunks
    towers: Towers
    kept: Featured
    held: Featured
    work: Path

    @classmethod
    def of(cls, data: Path, work: Path, recipe: CompactRecipe) -> Study:
        """Trains by `recipe`, or takes up what an earlier run left in `work`."""
        trunks = load_trunks()
        everything = featured(read_pairs(data, "train"), trunks, work)
        kept, held = (everything.take(part) for part in hold_out(len(everything.pairs), recipe.held_out, recipe.seed))
        return cls(trunks, train(kept, trunks, work, recipe), kept, held, work)

    def planned(self, plan: SpacePlan) -> Towers:
        """The same heads under another plan."""
        return replace(self.towers, plan=plan)

    def features(self, labelled: Labelled) -> tuple[Floats, Floats]:
        """Tuned and published features of labelled pictures."""
        return _both(cells_of(labelled.pictures, self.trunks, self.work)[0], self.trunks)


def stages(study: Study, data: Path, out: Path) -> Iterator[Row]:
    """The dev split, stage by stage, up to the files in `out`."""
    dev = featured(read_pairs(data, "dev"), study.trunks, study.work)
    tuned, published = _both(dev.cells, study.trunks)
    published_kept = image_features(study.kept.cells, study.trunks, published=True)
    plain = fit_heads(
        study.kept.texts, published_kept, study.kept.pairs.picture_of_caption, study.kept.groups, HEADS[-1]
    )
    shared = study.towers.shared
    nameless = study.planned(replace(study.towers.plan, name_weight=0.0))
    yield ("stage", "t2i", "i2t")
    for stage, texts, pictures in (
        ("heads on published trunks, 32 bit", plain.text(dev.texts), plain.image(published)),
        ("heads and last blocks tuned, 32 bit", shared.text(dev.texts), shared.image(tuned)),
        ("the whole vector without names", nameless.texts(dev.texts), nameless.pictures(tuned, published)),
        ("the whole vector with names", study.towers.texts(dev.texts), study.towers.pictures(tuned, published)),
    ):
        yield (stage, *map(str, both_ways(texts, pictures, dev.pairs.picture_of_caption)))
    yield ("as shipped", *map(str, measure(CompactEncoder.load(folder=out), dev.pairs)))


def head_recipes(study: Study) -> Iterator[Row]:
    """Heads on published trunks, by recipe, over the pictures that were kept out."""
    kept, held = (image_features(part.cells, study.trunks, published=True) for part in (study.kept, study.held))
    yield ("heads on published trunks", "t2i", "i2t")
    for recipe in HEADS:
        heads = fit_heads(study.kept.texts, kept, study.kept.pairs.picture_of_caption, study.kept.groups, recipe)
        owners = study.held.pairs.picture_of_caption
        yield (str(recipe), *map(str, both_ways(heads.text(study.held.texts), heads.image(held), owners)))


def text_shares(study: Study, labelled: Sequence[Labelled]) -> Iterator[Row]:
    """By the share of the private block: neighbours kept of plain MiniLM among labels, and captions of one picture."""
    captions = tuple(str(owner) for owner in study.held.pairs.picture_of_caption)
    depth = len(captions) // len(study.held.pairs) - 1
    sets = [(one.name, text_features(sorted(set(one.labels)), study.trunks, study.work)) for one in labelled]

    def row(name: str, embed: Callable[[Floats], Floats]) -> Row:
        kept = [f"{neighbour_overlap(embed(rows), unit(rows)):.3f}" for _, rows in sets]
        return (name, *kept, f"{label_precision(embed(study.held.texts), captions, depth):.3f}")

    yield ("text share", *(name for name, _ in sets), "captions")
    yield row("0: heads alone", study.towers.shared.text)
    for share in SHARES:
        yield row(f"{share:g}", study.planned(replace(study.towers.plan, text_share=share)).texts)
    yield row("1: private block alone", study.towers.private.text)
    yield row("plain MiniLM", unit)


def picture_shares(study: Study, labelled: Sequence[Labelled]) -> Iterator[Row]:
    """By the share of the private block: how many of a picture's ten nearest carry its label."""
    sets = [(one.labels, *study.features(one)) for one in labelled]

    def row(name: str, embed: Callable[[Floats, Floats], Floats]) -> Row:
        return (name, *(f"{label_precision(embed(tuned, plain), labels):.3f}" for labels, tuned, plain in sets))

    yield ("picture share", *(one.name for one in labelled))
    yield row("0: heads alone", lambda tuned, plain: study.towers.shared.image(tuned))
    for share in SHARES:
        yield row(f"{share:g}", study.planned(replace(study.towers.plan, image_share=share)).pictures)
    yield row("1: private block alone", lambda tuned, plain: study.towers.private.image(plain))
    yield row("published features", lambda tuned, plain: unit(plain))


def name_weights(study: Study, labelled: Sequence[Labelled]) -> Iterator[Row]:
    """By the weight of names: recall over the kept-out pictures, and of labels that look for a picture with them."""
    held = _both(study.held.cells, study.trunks)
    sets = [(one, sorted(set(one.labels)), study.features(one)) for one in labelled]
    yield ("name weight", "t2i", "i2t", *(one.name for one in labelled))
    for weight in NAME_WEIGHTS:
        towers = study.planned(replace(study.towers.plan, name_weight=weight))
        owners = study.held.pairs.picture_of_caption
        crossed = both_ways(towers.texts(study.held.texts), towers.pictures(*held), owners)
        found = []
        for one, names, features in sets:
            asked = towers.texts(text_features(names, study.trunks, study.work))
            right = np.asarray(names)[:, None] == np.asarray(one.labels)[None, :]
            found.append(recalls(asked @ towers.pictures(*features).T, right))
        yield (f"{weight:g}", *map(str, crossed), *map(str, found))


def _both(cells: Cells, trunks: Trunks) -> tuple[Floats, Floats]:
    """Features by the tuned blocks and by the published ones."""
    return image_features(cells, trunks), image_features(cells, trunks, published=True)


def _picture(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / "images" / name):
        if path.is_file():
            return path
    raise BadInput("a picture is missing", subject=str(folder / name), remedy="complete the folder")


def markdown(rows: Iterator[Row]) -> Iterator[str]:
    """The rows as lines of a table, the first one as its head.

    >>> list(markdown(iter([("a", "b"), ("1", "2")])))
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if number == 0:
            yield "|" + " --- |" * len(row)
