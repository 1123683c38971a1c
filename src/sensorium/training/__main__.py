"""`python -m sensorium.training compact --data DIR --work DIR --out DIR` makes the files that the package ships.

`many` makes one tower of them anew, `study` and `heads` the tables of `docs/quality.md`.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from sensorium.training.compact import CompactRecipe
from sensorium.training.heads import HeadRecipe
from sensorium.training.make import make_compact, renew_card
from sensorium.training.many import ManyRecipe, Places, teach_many
from sensorium.training.shrink import shrink_pictures
from sensorium.training.study import heads as study_heads
from sensorium.training.study import many as study_many
from sensorium.training.study import seeds as study_seeds
from sensorium.training.study import tables as study


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line and runs the recipe that it names."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training", description=__doc__)
    recipes = parser.add_subparsers(dest="recipe", required=True)
    compact = recipes.add_parser("compact", help="the built-in encoder for texts and pictures")
    many = recipes.add_parser("many", help="its tower of other languages anew, taught by the encoder that is in OUT")
    tables = recipes.add_parser("study", help="the tables of docs/quality.md, from what the others left in WORK")
    alone = recipes.add_parser("heads", help="those of heads alone, on the trunks of the encoder that is in OUT")
    finish = recipes.add_parser("card", help="measure the encoder that is in OUT, and write its card")
    smaller = recipes.add_parser("shrink", help="store the pictures' tower of an earlier encoder in 8 bits")
    for command in (compact, many, tables, alone, finish):
        command.add_argument(
            "--data", type=Path, required=True, help="holds images/, captions_train.tsv, captions_dev.tsv"
        )
        command.add_argument("--work", type=Path, required=True, help="keeps features and checkpoints; may be deleted")
        command.add_argument(
            "--parallel", type=Path, help="a table (.tsv or .tsv.gz) of sentences with a column for each language"
        )
    for command in (compact, many, tables, alone, finish, smaller):
        command.add_argument("--out", type=Path, required=True, help="the encoder's folder")
        command.add_argument("--threads", type=int, default=2, help="of torch; another number may change last digits")
    many.add_argument(
        "--further", action="store_true", help="go on from what the tower in OUT has learnt, not from the beginning"
    )
    many.add_argument("--steps", type=int, help="of distillation; 0 leaves the layers as they are")
    form = "NAME=TABLE.tsv:PICTURE COLUMN:LABEL COLUMN; may be repeated"
    for name, what in (
        ("texts", "labels as texts"),
        ("topics", "likeness"),
        ("names", "labels that look for pictures"),
    ):
        tables.add_argument(f"--{name}", action="append", default=[], help=f"{what}: {form}")
    alone.add_argument("--epochs", type=int, default=HeadRecipe().epochs, help="of the heads of five seeds")
    alone.add_argument(
        "--seeds", type=int, default=0, help="so many seeds of the second stage too: hours each, kept by the epoch"
    )
    alone.add_argument("--recipes", action="store_true", help="the table of head recipes too: some ten minutes more")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("sensorium").setLevel(logging.INFO)  # the exporter tells every step of its own
    torch.set_num_threads(chosen.threads)
    if chosen.recipe == "shrink":
        shrink_pictures(chosen.out)
        return
    places = Places(data=chosen.data, work=chosen.work, out=chosen.out, parallel=chosen.parallel)
    if chosen.recipe == "study":
        _study(places, chosen)
    elif chosen.recipe == "heads":
        _heads(places, chosen)
    elif chosen.recipe == "many":
        teach_many(places, _others(chosen))
    elif chosen.recipe == "card":
        renew_card(places, CompactRecipe(), ManyRecipe())
    else:
        make_compact(places, CompactRecipe(), ManyRecipe())


def _others(chosen: argparse.Namespace) -> ManyRecipe:
    recipe = ManyRecipe(further=chosen.further)
    return recipe if chosen.steps is None else replace(recipe, distil=replace(recipe.distil, steps=chosen.steps))


def _study(places: Places, chosen: argparse.Namespace) -> None:
    found = study.Study.of(places, CompactRecipe())
    texts, topics, names = (
        [study.Labelled.read(said) for said in said_of] for said_of in (chosen.texts, chosen.topics, chosen.names)
    )
    many = study_many.ManyStudy.of(places, ManyRecipe())
    tables = [
        study_many.languages(many),
        study_many.vocabularies(many),
        study.stages(found, chosen.out, chosen.data),
        study.late_weights(found),
        study.text_shares(found, texts),
        study.picture_shares(found, topics),
        study.name_weights(found, names),
    ]
    _show(tables)


def _heads(places: Places, chosen: argparse.Namespace) -> None:
    found = study_heads.HeadStudy.of(places, CompactRecipe())
    recipe = HeadRecipe(epochs=chosen.epochs)
    tables = [study_heads.losses(found), study_heads.seeds(found, recipe), study_heads.ensembles(found, recipe)]
    if chosen.recipes:
        tables.append(study_heads.recipes(found))
    if chosen.seeds:
        tables.append(study_seeds.tuned_seeds(found, CompactRecipe(), range(chosen.seeds)))
    _show(tables)


def _show(tables: Iterable[Iterator[study.Row]]) -> None:
    for table in tables:
        for line in study.markdown(table):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
