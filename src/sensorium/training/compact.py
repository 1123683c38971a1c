"""The recipe of the `compact` encoder: from pictures with captions to the folder that the package ships."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from sensorium.training import efficientnet, minilm
from sensorium.training.features import cached_features, digest_of
from sensorium.training.finetune import TuneData, TuneRecipe, Tuning
from sensorium.training.heads import Floats, HeadRecipe, Heads, fit_heads, unit
from sensorium.training.names import NameView, name_view
from sensorium.training.pairs import Pairs
from sensorium.training.space import SpacePlan, Towers, similarity_keeping, spread_keeping

log = logging.getLogger(__name__)

Cells = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRecipe:
    """Every choice. held_out: pictures of the training split kept for choosing and for calibration.
    tune: None stops after the heads."""

    heads: HeadRecipe = field(default_factory=HeadRecipe)
    tune: TuneRecipe | None = field(default_factory=TuneRecipe)
    plan: SpacePlan = field(default_factory=SpacePlan)
    held_out: int = 500
    seed: int = 0


@dataclass(slots=True)
class Trunks:
    """Both trunks, loaded; `image.upper` changes when it is tuned."""

    text: minilm.Trunk
    image: efficientnet.Trunk


@dataclass(frozen=True, slots=True)
class Featured:
    """Pairs with what the frozen parts of the trunks give for them.

    texts: [captions, 384]; cells: [pictures, 208, 9, 9]; groups: equal where two pictures have equal pixels.
    """

    pairs: Pairs
    texts: Floats
    cells: Cells
    groups: tuple[int, ...]

    def take(self, positions: Sequence[int]) -> Featured:
        """The pictures at these positions with their captions."""
        owner = np.asarray(self.pairs.picture_of_caption)
        rows = np.concatenate([np.flatnonzero(owner == position) for position in positions])
        groups = tuple(self.groups[position] for position in positions)
        return Featured(self.pairs.take(positions), self.texts[rows], self.cells[list(positions)], groups)


def load_trunks() -> Trunks:
    """The published trunks."""
    return Trunks(minilm.load_trunk(), efficientnet.load_trunk())


def featured(pairs: Pairs, trunks: Trunks, work: Path) -> Featured:
    """What the frozen parts give, computed once and kept in `work`."""
    texts = text_features(pairs.flat_captions, trunks, work)
    return Featured(pairs, texts, *cells_of(pairs.pictures, trunks, work))


def cells_of(pictures: Sequence[Path], trunks: Trunks, work: Path) -> tuple[Cells, tuple[int, ...]]:
    """What the lower blocks give for each picture, and a number that pictures of equal pixels share."""
    digests = [hashlib.sha256(efficientnet.read_picture(path).tobytes()).digest() for path in pictures]
    by_digest = dict(zip(digests, pictures, strict=True))
    cells = cached_features(
        work / "features",
        efficientnet.LOWER,
        digests,
        bytes,
        lambda block: efficientnet.lower_cells(trunks.image, [by_digest[digest] for digest in block]),
    )
    number = {digest: position for position, digest in enumerate(dict.fromkeys(digests))}
    return cells, tuple(number[digest] for digest in digests)


def text_features(texts: Sequence[str], trunks: Trunks, work: Path) -> Floats:
    """float32 [n, 384]: mean states of MiniLM."""
    producer = f"all-minilm-l6-v2 {minilm.WEIGHTS_SHA256} mean"
    found = cached_features(
        work / "features", producer, texts, str.encode, lambda block: minilm.embed(trunks.text, block)
    )
    return np.asarray(found, np.float32)


def image_features(cells: Cells, trunks: Trunks, *, published: bool = False, block: int = 100) -> Floats:
    """float32 [n, 1280]: what the upper blocks give, as they are now or as they were published."""
    upper = trunks.image.published if published else trunks.image.upper
    with torch.inference_mode():
        rows = [
            upper(torch.from_numpy(np.asarray(cells[start : start + block], np.float32))).numpy()
            for start in range(0, len(cells), block)
        ]
    return np.vstack(rows)


def train(data: Featured, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Towers:
    """Heads, then the upper blocks with the heads, then the private heads. Changes `trunks.image.upper`."""
    published = image_features(data.cells, trunks)
    heads = fit_heads(data.texts, published, data.pairs.picture_of_caption, data.groups, recipe.heads)
    log.info("heads are trained")
    if recipe.tune is not None:
        trunks.image = trunks.image.to_be_tuned()
        heads = tuning_of(data, published, heads, trunks, recipe.tune).run(checkpoint_of(data, work, recipe))
    private = private_heads(data, published, trunks, work, recipe)
    return Towers(recipe.plan, heads, private, names_of(published, private, trunks, work))


def checkpoint_of(data: Featured, work: Path, recipe: CompactRecipe) -> Path:
    """Where the second stage keeps how far it got: another recipe or other pictures have another file."""
    parts = [repr((recipe.heads, recipe.tune)), *(path.name for path in data.pairs.pictures)]
    return work / f"tuning-{digest_of(map(str.encode, parts))[:12]}.pt"


def tuning_of(data: Featured, features: Floats, heads: Heads, trunks: Trunks, recipe: TuneRecipe) -> Tuning:
    """The second stage, ready to run."""
    return Tuning(
        trunks.image.upper,
        heads,
        TuneData(
            cells=data.cells,
            texts=data.texts,
            features=features,
            picture_of_caption=data.pairs.picture_of_caption,
            groups=data.groups,
        ),
        recipe,
    )


def private_heads(data: Featured, features: Floats, trunks: Trunks, work: Path, recipe: CompactRecipe) -> Heads:
    """What each trunk knows by itself, in the directions of the training pairs and beyond: of single words and of the
    classifier's classes, so that subjects of which no caption speaks have room too."""
    words = text_features(minilm.known_words(trunks.text), trunks, work)
    texts = np.vstack([unit(data.texts), unit(words)])
    classes = trunks.image.classifier.weight.detach().numpy()
    return Heads(similarity_keeping(texts, recipe.plan.text), spread_keeping([features, classes], recipe.plan.image))


def names_of(published: Floats, private: Heads, trunks: Trunks, work: Path) -> NameView:
    """The second view of pictures, in the private block of texts. published: features of the training pictures."""
    classifier = trunks.image.classifier
    weight, bias = (part.detach().numpy() for part in (classifier.weight, classifier.bias))
    return name_view(weight, bias, published, lambda texts: private.text(text_features(texts, trunks, work)))
