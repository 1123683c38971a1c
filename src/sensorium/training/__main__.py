"""`python -m sensorium.training compact --data DIR --work DIR --out DIR` makes the files that the package ships.

`python -m sensorium.training study --data DIR --work DIR --out DIR` makes the tables of `docs/quality.md` of them.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from sensorium.training import study
from sensorium.training.compact import CompactRecipe
from sensorium.training.make import Places, make_compact


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line and runs the recipe that it names."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training", description=__doc__)
    recipes = parser.add_subparsers(dest="recipe", required=True)
    compact = recipes.add_parser("compact", help="the built-in encoder for texts and pictures")
    compact.add_argument("--data", type=Path, required=True, help="holds images/, captions_train.tsv, captions_dev.tsv")
    compact.add_argument(
        "--work", type=Path, required=True, help="keeps features and checkpoints; may be deleted after"
    )
    compact.add_argument("--out", type=Path, required=True, help="where the encoder's folder is written")
    compact.add_argument("--threads", type=int, default=2, help="of torch; another number may change last digits")
    tables = recipes.add_parser("study", help="the tables of docs/quality.md, from what `compact` left in WORK")
    for name, what in (("data", "as for compact"), ("work", "as for compact"), ("out", "the encoder's folder")):
        tables.add_argument(f"--{name}", type=Path, required=True, help=what)
    form = "NAME=TABLE.tsv:PICTURE COLUMN:LABEL COLUMN; may be repeated"
    for name, what in (
        ("texts", "labels as texts"),
        ("topics", "likeness"),
        ("names", "labels that look for pictures"),
    ):
        tables.add_argument(f"--{name}", action="append", default=[], help=f"{what}: {form}")
    tables.add_argument("--heads", action="store_true", help="the table of head recipes too: some ten minutes more")
    tables.add_argument("--threads", type=int, default=2, help="of torch")
    for command in (compact, tables):
        command.add_argument(
            "--parallel", type=Path, help="a table (.tsv or .tsv.gz) of sentences with a column for each language"
        )
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("sensorium").setLevel(logging.INFO)  # the exporter tells every step of its own
    torch.set_num_threads(chosen.threads)
    if chosen.recipe == "study":
        _study(chosen)
    else:
        places = Places(data=chosen.data, work=chosen.work, out=chosen.out, parallel=chosen.parallel)
        make_compact(places, CompactRecipe())


def _study(chosen: argparse.Namespace) -> None:
    places = Places(data=chosen.data, work=chosen.work, out=chosen.out, parallel=chosen.parallel)
    found = study.Study.of(places, CompactRecipe())
    texts, topics, names = (
        [study.Labelled.read(said) for said in said_of] for said_of in (chosen.texts, chosen.topics, chosen.names)
    )
    tables = [
        study.stages(found, chosen.out, chosen.data),
        study.languages(found),
        study.vocabularies(found),
        study.late_weights(found),
        study.text_shares(found, texts),
        study.picture_shares(found, topics),
        study.name_weights(found, names),
    ]
    for table in [*tables, *([study.head_recipes(found)] if chosen.heads else [])]:
        for line in study.markdown(table):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
