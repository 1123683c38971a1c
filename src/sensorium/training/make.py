"""One run from a folder of pictures with captions to the folder that the package ships."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from sensorium.core.details import DetailForm
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.encoders.compact import CompactEncoder
from sensorium.training import card, publish
from sensorium.training.compact import (
    CompactRecipe,
    Featured,
    Trunks,
    featured,
    image_features,
    image_grids,
    load_trunks,
)
from sensorium.training.languages import LANGUAGES, read_languages, read_parallel
from sensorium.training.late import best_weight, late_scores
from sensorium.training.many import ManyRecipe, Places, teach_many
from sensorium.training.measures import Recalls, both_ways
from sensorium.training.pairs import hold_out, read_pairs
from sensorium.training.refit import refit
from sensorium.training.routing import english_odds
from sensorium.training.space import Towers
from sensorium.training.stages import Corpus, english_words, train
from sensorium.training.tokens import MAX_TOKENS
from sensorium.training.trunks import efficientnet, minilm

log = logging.getLogger(__name__)

NAME, VERSION = "compact", "2.1"
WORTH = 1.0
"""Points of recall at 1 that a second look has to bring."""
SECOND_LOOK = (
    "The models give no finer vectors for a second look: on kept-out pictures it brought less than a point of recall.",
    "All towers also give finer vectors for a second look: one for each word, one for each of a picture's 81 places "
    "(MaxSim, Khattab & Zaharia 2020).",
)
Figures = dict[str, tuple[Recalls, Recalls]]


def make_compact(places: Places, recipe: CompactRecipe, others: ManyRecipe) -> Figures:
    """Trains, writes the encoder's folder, returns its recall on dev by the language of the captions.

    others: the recipe of the tower of other languages, which learns from what the first stages wrote.
    """
    trunks = load_trunks()
    everything = featured(places.data, "train", trunks, places.work)
    kept, held = hold_out(len(everything.pairs), recipe.held_out, recipe.seed)
    sentences = read_parallel(places.parallel) if places.parallel else ()
    corpus = Corpus(everything.take(kept), sentences)
    towers = train(corpus, trunks, places.work, recipe)
    release(towers, trunks, corpus, everything.take(held), places.out)
    teach_many(places, others)
    refit(places.out, places.data, held_out=recipe.held_out, seed=recipe.seed)
    return renew_card(places, recipe, others)


def renew_card(places: Places, recipe: CompactRecipe, others: ManyRecipe) -> Figures:
    """Measures the encoder that is there, and writes its card anew."""
    encoder = CompactEncoder.load(folder=places.out)
    figures = measure(encoder, places.data)
    for language, found in figures.items():
        log.info("dev, %s: t2i %s, i2t %s", language, *found)
    pairs, sentences = read_pairs(places.data, "train"), read_parallel(places.parallel) if places.parallel else ()
    said = {
        "trained_on": f"{len(pairs) - recipe.held_out:,}",
        "sentences": f"{len(sentences):,}",
        "pieces": f"{others.pieces:,}",
        "second_look": SECOND_LOOK[encoder.details is not None],
    }
    card.write_card(places.out, {**card_values(recipe), **said}, figures)
    return figures


def release(towers: Towers, trunks: Trunks, corpus: Corpus, held: Featured, out: Path) -> None:
    """Writes the folder but for the tower of other languages, bank, curves and card. held: pairs that training did not
    see, for choices."""
    odds = english_odds(trunks.english.tokenizer, *corpus.by_tongue(), minilm.known_words(trunks.english))
    late = second_look(held, towers, trunks)
    publish.publish_towers(towers, trunks, odds, out, detailed=late is not None)
    publish.publish_manifest(out, NAME, VERSION, towers.plan.width, late)  # curves follow: `refit`
    card.write_notices(out)


def second_look(held: Featured, towers: Towers, trunks: Trunks) -> DetailForm | None:
    """The form of the finer vectors, and their weight by which kept-out captions find their pictures best.

    None where they bring less than `WORTH` points of recall at 1: they take as much room as the picture's vector twice.
    """
    tuned, published = (image_features(held.cells, trunks, published=which) for which in (False, True))
    raw = towers.texts(held.english) @ towers.pictures(tuned, published).T
    grids = image_grids(held.cells, trunks)
    late = late_scores(english_words(held.pairs.flat_captions, trunks), grids, towers.late)
    weight, gain = best_weight(raw, late, held.pairs.picture_of_caption)
    log.info("the second look: weight %.1f, %.1f points of recall at 1", weight, gain)
    if gain < WORTH:
        return None
    return DetailForm(width=len(towers.late.text.weight), cells=grids.shape[1], weight=weight, mean=float(late.mean()))


def measure(encoder: Encoder, data: Path) -> Figures:
    """Recall of captions and of pictures of the dev split through an encoder as users run it, by language."""
    pairs = read_pairs(data, "dev")
    captions = read_languages(data, tuple(path.name for path in pairs.pictures), pairs.captions, "dev")
    blocks = [
        encoder.encode(
            Modality.IMAGE, [efficientnet.read_picture(path) for path in pairs.pictures[start : start + 64]], "piece"
        )
        for start in range(0, len(pairs), 64)
    ]
    pictures, found = np.vstack(blocks), {}
    for language in LANGUAGES:
        texts, owners = captions.flat(language)
        if texts:
            found[language] = both_ways(encoder.encode(Modality.TEXT, texts, "query"), pictures, owners)
    return found


def card_values(recipe: CompactRecipe) -> dict[str, object]:
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
        "max_tokens": MAX_TOKENS,
        "held_out": recipe.held_out,
        "used_for": "heads and the picture trunk's last five blocks" if recipe.tune else "heads",
    }
