"""One run from a folder of pictures with captions to the folder that the package ships."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.encoders.compact import CompactEncoder
from sensorium.training import card, efficientnet, minilm, publish
from sensorium.training.compact import CompactRecipe, Trunks, featured, load_trunks, train
from sensorium.training.measures import Recalls, both_ways
from sensorium.training.pairs import Pairs, hold_out, read_pairs
from sensorium.training.refit import refit
from sensorium.training.space import Towers

log = logging.getLogger(__name__)

NAME, VERSION = "compact", "1"


def make_compact(data: Path, work: Path, out: Path, recipe: CompactRecipe) -> tuple[Recalls, Recalls]:
    """Trains on `data` (splits train and dev), writes the encoder's folder `out`, returns its recall on dev.

    work: a folder for features and checkpoints; a run that was stopped goes on from there.
    """
    trunks = load_trunks()
    everything = featured(read_pairs(data, "train"), trunks, work)
    kept, _ = hold_out(len(everything.pairs), recipe.held_out, recipe.seed)
    towers = train(everything.take(kept), trunks, work, recipe)
    release(towers, trunks, out)
    refit(out, data, held_out=recipe.held_out, seed=recipe.seed)
    figures = measure(CompactEncoder.load(folder=out), read_pairs(data, "dev"))
    log.info("dev: t2i %s, i2t %s", *figures)
    card.write_card(out, card_values(recipe, len(kept)), *figures)
    return figures


def release(towers: Towers, trunks: Trunks, out: Path) -> None:
    """Writes all of the folder but bank, curves and card."""
    publish.publish_towers(towers, trunks, out)
    publish.publish_manifest(out, NAME, VERSION, towers.plan.width, {})  # curves follow: `refit`
    card.write_notices(out)


def measure(encoder: Encoder, pairs: Pairs) -> tuple[Recalls, Recalls]:
    """Recall of captions and of pictures through an encoder as users run it."""
    texts = encoder.encode(Modality.TEXT, pairs.flat_captions, "query")
    blocks = [
        encoder.encode(
            Modality.IMAGE, [efficientnet.read_picture(path) for path in pairs.pictures[start : start + 64]], "piece"
        )
        for start in range(0, len(pairs), 64)
    ]
    return both_ways(texts, np.vstack(blocks), pairs.picture_of_caption)


def card_values(recipe: CompactRecipe, trained_on: int) -> dict[str, object]:
    """What the card says of a recipe."""
    return {
        "version": VERSION,
        "command": publish.COMMAND,
        "width": recipe.plan.width,
        "shared": recipe.plan.shared,
        "text_block": recipe.plan.text,
        "image_block": recipe.plan.image,
        "name_weight": recipe.plan.name_weight,
        "side": efficientnet.SIDE,
        "max_tokens": minilm.MAX_TOKENS,
        "trained_on": f"{trained_on:,}",
        "held_out": recipe.held_out,
        "used_for": "heads" if recipe.tune is None else "heads and the picture trunk's last five blocks",
    }
