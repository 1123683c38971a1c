"""What each part of the recipe brings: the tables of `docs/quality.md`, made anew.

Needs what `make_compact` left in its work folder; nothing is trained but heads, and nothing is written. The tables of
heads alone are made by `study_heads`, which needs nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    english_states,
    featured,
    image_features,
    image_grids,
    load_trunks,
)
from sensorium.training.heads import Floats, fit_heads, unit
from sensorium.training.languages import read_parallel
from sensorium.training.late import late_scores
from sensorium.training.make import measure
from sensorium.training.many import Places
from sensorium.training.measures import both_ways, label_precision, neighbour_overlap, recalls
from sensorium.training.pairs import hold_out
from sensorium.training.space import SpacePlan, Towers
from sensorium.training.stages import Corpus, english_stage, english_words, train

Row = tuple[str, ...]

SHARES = (0.35, 0.5, 0.65, 0.8)
NAME_WEIGHTS = (0.0, 0.1, 0.2, 0.3)
LATE_WEIGHTS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.5)


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
class Earlier:
    """What stood after the second stage, on the pictures that were kept out and on dev: vectors of English captions and
    of pictures, by the name of the stage."""

    held: Mapping[str, tuple[Floats, Floats]]
    dev: Mapping[str, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Study:
    """What the tables are made of. kept, held: the training pictures that were trained on, and those that were not."""

    trunks: Trunks
    towers: Towers
    kept: Featured
    held: Featured
    dev: Featured
    earlier: Earlier
    work: Path

    @classmethod
    def of(cls, places: Places, recipe: CompactRecipe) -> Study:
        """Trains by `recipe`, or takes up what an earlier run left in the work folder."""
        trunks, work = load_trunks(), places.work
        everything = featured(places.data, "train", trunks, work)
        kept, held = (everything.take(part) for part in hold_out(len(everything.pairs), recipe.held_out, recipe.seed))
        dev = featured(places.data, "dev", trunks, work)
        earlier = _earlier(kept, held, dev, trunks, work, recipe)
        sentences = read_parallel(places.parallel) if places.parallel else ()
        trunks.image = replace(trunks.image, upper=trunks.image.published)
        towers = train(Corpus(kept, sentences), trunks, work, recipe)
        return cls(trunks, towers, kept, held, dev, earlier, work)

    def planned(self, plan: SpacePlan) -> Towers:
        """The same heads under another plan."""
        return replace(self.towers, plan=plan)

    def features(self, labelled: Labelled) -> tuple[Floats, Floats]:
        """Tuned and published features of labelled pictures."""
        return _both(cells_of(labelled.pictures, self.trunks, self.work)[0], self.trunks)


def _earlier(
    kept: Featured, held: Featured, dev: Featured, trunks: Trunks, work: Path, recipe: CompactRecipe
) -> Earlier:
    published = image_features(kept.cells, trunks)
    plain = fit_heads(kept.english, published, kept.pairs.picture_of_caption, kept.groups, recipe.heads)
    tuned = english_stage(kept, published, trunks, work, recipe)

    def row(part: Featured) -> dict[str, tuple[Floats, Floats]]:
        pictures = tuned.image(image_features(part.cells, trunks))
        return {
            "MiniLM, published trunks, trained heads": (
                plain.text(part.english),
                plain.image(image_features(part.cells, trunks, published=True)),
            ),
            "the picture trunk's last five blocks tuned with them": (tuned.text(part.english), pictures),
        }

    return Earlier(row(held), row(dev))


def stages(study: Study, out: Path, data: Path) -> Iterator[Row]:
    """Kept-out pictures and the dev split, English captions, stage by stage, up to the files in `out`."""
    yield ("stage", "kept-out t2i", "i2t", "dev t2i", "i2t")
    for name in study.earlier.dev:
        yield (name, *_row(study.held, *study.earlier.held[name]), *_row(study.dev, *study.earlier.dev[name]))
    nameless = study.planned(replace(study.towers.plan, name_weight=0.0))
    for name, towers in (
        ("the whole vector without names", nameless),
        ("the whole vector with names", study.towers),
    ):
        both = [_row(part, *_vectors(part, towers, study.trunks)) for part in (study.held, study.dev)]
        yield (name, *both[0], *both[1])
    yield ("**as shipped**", "", "", *map(str, measure(CompactEncoder.load(folder=out), data)["en"]))


def late_weights(study: Study) -> Iterator[Row]:
    """Kept-out pictures by what the second look counts beside the first; all pairs are looked at."""
    yield ("weight", "t2i", "i2t")
    texts, pictures = _vectors(study.held, study.towers, study.trunks)
    raw = texts @ pictures.T
    words = english_words(study.held.pairs.flat_captions, study.trunks)
    late = late_scores(words, image_grids(study.held.cells, study.trunks), study.towers.late)
    right = np.asarray(study.held.pairs.picture_of_caption)[:, None] == np.arange(len(pictures))[None, :]
    for weight in LATE_WEIGHTS:
        both = raw + np.float32(weight) * late
        yield (f"{weight:g}", str(recalls(both, right)), str(recalls(both.T, right.T)))
    yield ("the second look alone", str(recalls(late, right)), str(recalls(late.T, right.T)))


def _vectors(part: Featured, towers: Towers, trunks: Trunks) -> tuple[Floats, Floats]:
    """Vectors of a part's English captions and of its pictures."""
    return towers.texts(part.english), towers.pictures(*_both(part.cells, trunks))


def _row(part: Featured, texts: Floats, pictures: Floats) -> tuple[str, str]:
    t2i, i2t = both_ways(texts, pictures, part.pairs.picture_of_caption)
    return str(t2i), str(i2t)


def text_shares(study: Study, labelled: Sequence[Labelled]) -> Iterator[Row]:
    """By the share of the private block: neighbours kept of plain MiniLM among labels, and captions of one picture."""
    captions = tuple(str(owner) for owner in study.held.pairs.picture_of_caption)
    depth = len(captions) // len(study.held.pairs) - 1
    sets = []
    for one in labelled:
        names = sorted(set(one.labels))
        sets.append((one.name, english_states(names, study.trunks, study.work)))

    def row(name: str, embed: Callable[[Floats], Floats]) -> Row:
        kept = [f"{neighbour_overlap(embed(states), unit(states)):.3f}" for _, states in sets]
        return (name, *kept, f"{label_precision(embed(study.held.english), captions, depth):.3f}")

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
        crossed = _row(study.held, towers.texts(study.held.english), towers.pictures(*held))
        found = []
        for one, names, features in sets:
            asked = towers.texts(english_states(names, study.trunks, study.work))
            right = np.asarray(names)[:, None] == np.asarray(one.labels)[None, :]
            found.append(recalls(asked @ towers.pictures(*features).T, right))
        yield (f"{weight:g}", *crossed, *map(str, found))


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
