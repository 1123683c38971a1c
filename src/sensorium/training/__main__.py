"""`python -m sensorium.training compact --data DIR --work DIR --out DIR` makes the files that the package ships."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from sensorium.training.compact import CompactRecipe
from sensorium.training.make import make_compact


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
    compact.add_argument(
        "--heads-only", action="store_true", help="minutes instead of an hour: trunks stay as published"
    )
    compact.add_argument("--threads", type=int, default=2, help="of torch; another number may change last digits")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("sensorium").setLevel(logging.INFO)  # the exporter tells every step of its own
    torch.set_num_threads(chosen.threads)
    recipe = CompactRecipe(tune=None) if chosen.heads_only else CompactRecipe()
    make_compact(chosen.data, chosen.work, chosen.out, recipe)


if __name__ == "__main__":
    main()
