"""The stages of training, one after the other: heads, the picture trunk, the text trunk, a second look."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sensorium.training import e5, minilm
from sensorium.training.compact import (
    CompactRecipe,
    Featured,
    Trunks,
    english_states,
    image_features,
    image_grids,
    published_states,
)
from sensorium.training.distil import DistilData, Distilling, Lessons
from sensorium.training.features import digest_of
from sensorium.training.finetune import TuneData, TuneRecipe, Tuning
from sensorium.training.heads import Floats, Head, Heads, fit_heads, unit
from sensorium.training.languages import LANGUAGES
from sensorium.training.late import LateData, Words, fit_late
from sensorium.training.names import NameView, name_view
from sensorium.training.space import TextHeads, Towers, similarity_keeping, spread_keeping
from sensorium.training.tokens import first_windows

log = logging.getLogger(__name__)

CAPTIONS, WORDS = 0.3, 0.15
SENTENCES = {"en": 0.1, "de": 0.17, "fr": 0.14, "cs": 0.14}
"""How often each is shown in the third stage."""


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
    """Changes `trunks.image.upper` and `trunks.many`. Each stage that takes long keeps a checkpoint in `work`."""
    pictures = data.pictures
    published = image_features(pictures.cells, trunks)
    joined = english_stage(pictures, published, trunks, work, recipe)
    distilled = distilling(data, joined, published, trunks, work, recipe)
    shared, private = distilled.run(checkpoint_of(pictures, work, "distil", recipe.heads, recipe.tune, recipe.distil))
    english = private_texts(pictures, trunks, work, recipe)
    names = names_of(published, english, trunks, work)
    late, many = late_heads(pictures, trunks, work, recipe)
    return Towers(
        plan=recipe.plan,
        shared=joined,
        private=Heads(english, private_images(published, trunks, recipe)),
        names=names,
        late=late,
        many=TextHeads(shared, private, many),
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


def distilling(
    data: Corpus, joined: Heads, published: Floats, trunks: Trunks, work: Path, recipe: CompactRecipe
) -> Distilling:
    """The third stage, ready to run. joined: the heads of the second, in whose space texts are to land."""
    captions, words = data.pictures.pairs.flat_captions, minilm.known_words(trunks.english)
    translations = list(chain(*data.pictures.captions.translations))
    sentences = [*translations, *data.sentences]
    parts = (captions, words, [said["en"] for said in translations], data.in_language("en"))
    features = np.vstack([english_states(part, trunks, work) for part in parts if part])
    private = private_texts(data.pictures, trunks, work, recipe)
    spoken = range(len(captions) + len(words), len(features))
    lessons = [
        (captions, range(len(captions)), CAPTIONS),
        (words, range(len(captions), len(captions) + len(words)), WORDS),
        *(([sentence[name] for sentence in sentences], spoken, share) for name, share in SENTENCES.items()),
    ]
    prepared = DistilData(
        lessons=[
            Lessons(tokens=first_windows(trunks.many.tokenizer, texts), targets=rows, share=share)
            for texts, rows, share in lessons
            if texts
        ],
        shared=joined.text(features),
        private=private(unit(features)),
        states=published_states(captions, trunks, work),
        known=range(len(captions)),
    )
    return Distilling(trunks.many, prepared, recipe.distil)


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


def late_heads(data: Featured, trunks: Trunks, work: Path, recipe: CompactRecipe) -> tuple[Heads, Head]:
    """The projections of the second look: of English words and of cells, then of words in other languages onto the same
    cells."""
    earlier = (recipe.heads, recipe.tune, recipe.late)
    heads = fit_late(
        lambda: _late_data(data, data.captions.flat("en"), lambda texts: english_words(texts, trunks), trunks),
        recipe.late,
        checkpoint_of(data, work, "late", *earlier),
    )
    many = fit_late(
        lambda: _late_data(data, _spoken(data), lambda texts: many_words(texts, trunks), trunks, heads.image),
        recipe.late,
        checkpoint_of(data, work, "late-many", *earlier, recipe.distil),
    )
    return heads, many.text


Spoken = tuple[tuple[str, ...], tuple[int, ...]]
"""Texts, and for each the position of its picture."""


def _late_data(
    data: Featured,
    captions: Spoken,
    words: Callable[[Sequence[str]], Words],
    trunks: Trunks,
    fixed: Head | None = None,
) -> LateData:
    texts, owners = captions
    cells = image_grids(data.cells, trunks)
    return LateData(words=words(texts), cells=cells, owners=np.array(owners), groups=data.groups, fixed=fixed)


def _spoken(data: Featured) -> Spoken:
    """Translated captions, or the English ones where there are no others."""
    said = [(number, sentence) for number, found in enumerate(data.captions.translations) for sentence in found]
    texts = tuple(sentence[language] for language in LANGUAGES[1:] for _, sentence in said)
    owners = tuple(number for _ in LANGUAGES[1:] for number, _ in said)
    return (texts, owners) if texts else data.captions.flat("en")


def english_words(texts: Sequence[str], trunks: Trunks) -> Words:
    """States of the words of English texts."""
    return _words(minilm.token_states, first_windows(trunks.english.tokenizer, texts), trunks.english.model)


def many_words(texts: Sequence[str], trunks: Trunks) -> Words:
    """States of the words of texts in any language."""
    return _words(e5.token_states, first_windows(trunks.many.tokenizer, texts), trunks.many.model)


def _words(
    states_of: Callable[[Any, Sequence[Sequence[int]]], tuple[Any, Any]],
    rows: Sequence[Sequence[int]],
    model: Any,
    block: int = 512,
) -> Words:
    borders = np.cumsum([0, *map(len, rows)])
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    states = np.empty((borders[-1], e5.WIDTH), np.float16)
    for start in range(0, len(order), block):
        chosen = order[start : start + block]
        with torch.inference_mode():
            found = states_of(model, [rows[row] for row in chosen])[0].numpy()
        for row, padded in zip(chosen, found, strict=True):
            states[borders[row] : borders[row + 1]] = padded[: len(rows[row])]
    return Words(states, borders)
