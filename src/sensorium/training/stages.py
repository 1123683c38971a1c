"""The stages of training for English and pictures, one after the other: heads, the picture trunk, a second look."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sensorium.training.compact import (
    CompactRecipe,
    Featured,
    Trunks,
    english_states,
    image_features,
    image_grids,
)
from sensorium.training.features import digest_of
from sensorium.training.finetune import TuneData, TuneRecipe, Tuning
from sensorium.training.heads import Floats, Head, Heads, fit_heads, unit
from sensorium.training.languages import LANGUAGES
from sensorium.training.late import LateData, Words, fit_late
from sensorium.training.names import NameView, name_view
from sensorium.training.space import Towers, similarity_keeping, spread_keeping
from sensorium.training.tokens import first_windows
from sensorium.training.trunks import minilm

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All that is learnt from. sentences: by language, each saying the same in all of them; there may be none."""

    pictures: Featured
    sentences: Sequence[Mapping[str, str]] = field(repr=False)

    def by_tongue(self) -> tuple[list[str], list[str]]:
        """All English texts, and all others."""
        texts = {name: [*self.pictures.captions.flat(name)[0], *self.in_language(name)] for name in LANGUAGES}
        return texts["en"], [text for name in LANGUAGES[1:] for text in texts[name]]

    def in_language(self, language: str) -> tuple[str, ...]:
        """All sentences in one language."""
        return tuple(sentence[language] for sentence in self.sentences)


def train(data: Corpus, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Towers:
    """Changes `trunks.image.upper`. Each stage that takes long keeps a checkpoint in `work`."""
    pictures = data.pictures
    published = image_features(pictures.cells, trunks)
    joined = english_stage(pictures, published, trunks, work, recipe)
    english = private_texts(pictures, trunks, work, recipe)
    names = names_of(published, english, trunks, work)
    return Towers(
        plan=recipe.plan,
        shared=joined,
        private=Heads(english, private_images(published, trunks, recipe)),
        names=names,
        late=late_heads(pictures, trunks, work, recipe),
    )


def english_stage(data: Featured, published: Floats, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Heads:
    """Heads for English texts and for pictures, then the picture trunk's last blocks with them."""
    if recipe.tune is None:
        trunks.image = trunks.image.to_be_tuned()
        return first_heads(data, published, recipe)
    checkpoint = checkpoint_of(data, work, "tuning", recipe.heads, recipe.tune)
    # The checkpoint holds heads too: those of the first stage are not needed any more.
    heads = blank_heads(data, published, recipe) if checkpoint.exists() else first_heads(data, published, recipe)
    trunks.image = trunks.image.to_be_tuned()
    return image_tuning(data, published, heads, trunks, recipe.tune).run(checkpoint)


def first_heads(data: Featured, published: Floats, recipe: CompactRecipe) -> Heads:
    """The first stage: heads on published trunks."""
    heads = fit_heads(data.english, published, data.pairs.picture_of_caption, data.groups, recipe.heads)
    log.info("heads are trained")
    return heads


def blank_heads(data: Featured, published: Floats, recipe: CompactRecipe) -> Heads:
    """Heads of zeros that fit."""
    width = recipe.heads.width
    text, image = (np.zeros((width, rows.shape[1]), np.float32) for rows in (data.english, published))
    return Heads(Head(text, np.zeros(width, np.float32)), Head(image, np.zeros(width, np.float32)))


def checkpoint_of(data: Featured, work: Path, stage: str, *recipes: object) -> Path:
    """Where a stage keeps how far it got: another recipe or other pictures have another file."""
    parts = [repr(recipes), *(path.name for path in data.pairs.pictures)]
    return work / f"{stage}-{digest_of(map(str.encode, parts))[:12]}.pt"


def image_tuning(data: Featured, features: Floats, heads: Heads, trunks: Trunks, recipe: TuneRecipe) -> Tuning:
    """The second stage, ready to run."""
    return Tuning(
        trunks.image.upper,
        heads,
        TuneData(
            cells=data.cells,
            texts=data.english,
            features=features,
            picture_of_caption=data.pairs.picture_of_caption,
            groups=data.groups,
        ),
        recipe,
    )


def private_texts(data: Featured, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Head:
    """What the English trunk knows by itself, in directions of the training captions and of single words, so that
    subjects of which no caption speaks have room too."""
    words = english_states(minilm.known_words(trunks.english), trunks, work)
    return similarity_keeping(np.vstack([unit(data.english), unit(words)]), recipe.plan.text)


def private_images(published: Floats, trunks: Trunks, recipe: CompactRecipe) -> Head:
    """What the published picture trunk knows by itself, in directions of the training pictures and of the classifier's
    classes, so that subjects of which no caption speaks have room too."""
    classes = trunks.image.classifier.weight.detach().numpy()
    return spread_keeping([published, classes], recipe.plan.image)


def names_of(published: Floats, private: Head, trunks: Trunks, work: Path) -> NameView:
    """The second view of pictures, in the private block of texts. published: features of the training pictures."""
    classifier = trunks.image.classifier
    weight, bias = (part.detach().numpy() for part in (classifier.weight, classifier.bias))
    return name_view(weight, bias, published, lambda texts: private(english_states(texts, trunks, work)))


def late_heads(data: Featured, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Heads:
    """The projections of the second look: of English words and of cells."""
    return fit_late(
        lambda: _late_data(data, trunks),
        recipe.late,
        checkpoint_of(data, work, "late", recipe.heads, recipe.tune, recipe.late),
    )


def _late_data(data: Featured, trunks: Trunks) -> LateData:
    texts, owners = data.captions.flat("en")
    cells = image_grids(data.cells, trunks)
    return LateData(words=english_words(texts, trunks), cells=cells, owners=np.array(owners), groups=data.groups)


def english_words(texts: Sequence[str], trunks: Trunks) -> Words:
    """States of the words of English texts."""
    return words_of(minilm.token_states, first_windows(trunks.english.tokenizer, texts), trunks.english.model)


def words_of(
    states_of: Callable[[Any, Sequence[Sequence[int]]], tuple[Any, Any]],
    rows: Sequence[Sequence[int]],
    model: Any,
    block: int = 512,
) -> Words:
    """States of the words of texts, given as token ids, by `states_of` a model."""
    borders = np.cumsum([0, *map(len, rows)])
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    states = np.empty((borders[-1], minilm.WIDTH), np.float16)
    for start in range(0, len(order), block):
        chosen = order[start : start + block]
        with torch.inference_mode():
            found = states_of(model, [rows[row] for row in chosen])[0].numpy()
        for row, padded in zip(chosen, found, strict=True):
            states[borders[row] : borders[row + 1]] = padded[: len(rows[row])]
    return Words(states, borders)
