"""The recipe of the `compact` encoder, and what the trunks give for the data that it learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.training.features import cached_features
from sensorium.training.finetune import TuneRecipe
from sensorium.training.heads import Floats, HeadRecipe
from sensorium.training.languages import Captions, read_languages
from sensorium.training.late import LateRecipe
from sensorium.training.pairs import Pairs, read_pairs
from sensorium.training.space import SpacePlan
from sensorium.training.trunks import efficientnet, minilm

Cells = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRecipe:
    """Every choice. held_out: pictures of the training split kept for choosing and for calibration.
    tune: None leaves the picture trunk as it was published."""

    heads: HeadRecipe = field(default_factory=HeadRecipe)
    tune: TuneRecipe | None = field(default_factory=TuneRecipe)
    late: LateRecipe = field(default_factory=LateRecipe)
    plan: SpacePlan = field(default_factory=SpacePlan)
    held_out: int = 500
    seed: int = 0


@dataclass(slots=True)
class Trunks:
    """The trunks of English texts and of pictures, loaded; `image.upper` changes when it is tuned."""

    english: minilm.Trunk
    image: efficientnet.Trunk


@dataclass(frozen=True, slots=True)
class Featured:
    """Pairs with what the frozen parts of the trunks give for them.

    english: float32 [captions, 384], states of the English captions; cells: [pictures, 208, 9, 9]; groups: equal where
    two pictures have equal pixels; captions: the English ones and those in other languages.
    """

    pairs: Pairs
    english: Floats
    cells: Cells
    groups: tuple[int, ...]
    captions: Captions

    def take(self, positions: Sequence[int]) -> Featured:
        """The pictures at these positions with their captions."""
        owner = np.asarray(self.pairs.picture_of_caption)
        rows = np.concatenate([np.flatnonzero(owner == position) for position in positions])
        return Featured(
            self.pairs.take(positions),
            self.english[rows],
            self.cells[list(positions)],
            tuple(self.groups[position] for position in positions),
            self.captions.take(positions),
        )


def load_trunks() -> Trunks:
    """The published trunks."""
    return Trunks(minilm.load_trunk(), efficientnet.load_trunk())


def featured(folder: Path, split: str, trunks: Trunks, work: Path) -> Featured:
    """The pairs of a folder with what the frozen parts give, computed once and kept in `work`."""
    pairs = read_pairs(folder, split)
    captions = read_languages(folder, tuple(path.name for path in pairs.pictures), pairs.captions, split)
    english = english_states(pairs.flat_captions, trunks, work)
    return Featured(pairs, english, *cells_of(pairs.pictures, trunks, work), captions)


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


def english_states(texts: Sequence[str], trunks: Trunks, work: Path) -> Floats:
    """float32 [n, 384]: mean states of MiniLM."""
    producer = f"all-minilm-l6-v2 {minilm.WEIGHTS_SHA256} mean"
    found = cached_features(
        work / "features", producer, texts, str.encode, lambda block: minilm.embed(trunks.english, block)
    )
    return np.asarray(found, np.float32)


def image_features(cells: Cells, trunks: Trunks, *, published: bool = False) -> Floats:
    """float32 [n, 1280]: what the upper blocks give, as they are now or as they were published."""
    return np.vstack(list(_through(trunks.image.published if published else trunks.image.upper, cells)))


def image_grids(cells: Cells, trunks: Trunks) -> npt.NDArray[np.float16]:
    """float16 [n, 81, 1280]: what the upper blocks give at each place, before their mean is taken."""
    upper = efficientnet.without_pooling(trunks.image.upper)
    grids = [found.astype(np.float16).reshape(*found.shape[:2], -1) for found in _through(upper, cells)]
    return np.ascontiguousarray(np.concatenate(grids).transpose(0, 2, 1))


def _through(upper: Any, cells: Cells, block: int = 100) -> Iterator[Floats]:
    with torch.inference_mode():
        for start in range(0, len(cells), block):
            yield upper(torch.from_numpy(np.asarray(cells[start : start + block], np.float32))).numpy()
