"""`python -m benchmarks.pointing DATA`: whether the region of an explanation lies where the words are met.

A pointing game (Zhang et al. 2016, ECCV) that needs no boxes: two different photographs are joined side by side, and a
caption of one of them asks. The region should lie in that half; by chance it does half of the time. DATA holds
`flickr8k/captions_en_de_fr_cs.tsv` (image, flickr8k_split, en, de, fr, cs) and `flickr8k/images`; photographs of dev
are used, which neither the weights nor the choices in `rerankers.regions` were made on.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sensorium.core.contents import Pixels
from sensorium.core.explanations import Told
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Scope
from sensorium.encoders.compact import CompactEncoder
from sensorium.rerankers.late import LateInteraction

LANGUAGES = ("en", "de", "fr", "cs")
SIDE = 224
"""Pixels of each half."""
SEED = 20261128
ROUNDS = 10_000
"""Drawings of the bootstrap."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs side by side. asked: that whose caption asks, 0 for the left one."""

    rows: tuple[Row, Row]
    asked: int


class Shelf:
    """The details of one picture, as a store gives them."""

    def __init__(self, detail: bytes) -> None:
        self._detail = detail

    def details(self, scope: Scope, space_id: str, keys: Sequence[int]) -> dict[int, bytes]:
        """The same for every key."""
        return dict.fromkeys(keys, self._detail)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pointing", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=200)
    chosen = parser.parse_args()
    encoder = CompactEncoder.load(threads=1)
    folder = chosen.data / "flickr8k"
    drawn = pairs(captions(folder), chosen.pairs)
    told = {language: [[], []] for language in LANGUAGES}  # type: dict[str, list[list[float]]]
    for pair in drawn:
        detail = packed(encoder, joined(folder / "images", pair))
        for language in LANGUAGES:
            shown = pointed(encoder, detail, pair.rows[pair.asked][language])
            assert shown.box is not None
            told[language][0].append(float(lies_right(shown) == bool(pair.asked)))
            told[language][1].append((shown.box[2] - shown.box[0]) * (shown.box[3] - shown.box[1]))
    print("| language | pairs | in its half | 95 % | part of the picture |\n| --- | --- | --- | --- | --- |")
    for language, (right, areas) in told.items():
        low, high = interval(right)
        print(f"| {language} | {len(right)} | {np.mean(right):.3f} | {low:.3f}-{high:.3f} | {np.mean(areas):.2f} |")


def captions(folder: Path, split: str = "dev") -> list[Row]:
    """One row a photograph of a part, by name."""
    with (folder / "captions_en_de_fr_cs.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    first = {row["image"]: row for row in reversed(rows) if row["flickr8k_split"] == split}
    return [first[name] for name in sorted(first)]


def pairs(rows: Sequence[Row], count: int) -> list[Pair]:
    """Photographs drawn two by two, each once at most; the left one asks as often as the right one."""
    shuffled = list(rows)
    random.Random(SEED).shuffle(shuffled)
    return [
        Pair((shuffled[2 * number], shuffled[2 * number + 1]), number % 2)
        for number in range(min(count, len(shuffled) // 2))
    ]


def joined(images: Path, pair: Pair) -> Image.Image:
    """The two side by side."""
    whole = Image.new("RGB", (2 * SIDE, SIDE))
    for place, row in enumerate(pair.rows):
        name = row["image"].removesuffix(".jpg").removesuffix(".webp") + ".webp"
        with Image.open(images / name) as picture:
            whole.paste(picture.convert("RGB").resize((SIDE, SIDE)), (place * SIDE, 0))
    return whole


def packed(encoder: CompactEncoder, picture: Image.Image) -> bytes:
    """The details of a picture as they are kept."""
    assert encoder.image_input is not None
    assert encoder.details is not None
    size = encoder.image_input.width, encoder.image_input.height
    pixels: Pixels = np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
    _, details = encoder.encode_detailed(Modality.IMAGE, [pixels], "piece")
    assert details is not None
    return encoder.details.pack(details[0])


def pointed(encoder: CompactEncoder, detail: bytes, caption: str) -> Told:
    """What the closer look tells of it."""
    look = LateInteraction(Scope.local_owner(), encoder, Shelf(detail))
    query = Query(parts=(QueryPart(modality=Modality.TEXT, content=caption),))
    return look.tell(query, Modality.IMAGE, [1])[1]


def lies_right(told: Told) -> bool | None:
    """Whether the middle of the region lies in the right half; None on the seam, which is wrong for both.

    >>> lies_right(Told(box=(0.4, 0, 1, 1))), lies_right(Told(box=(0, 0, 1, 1)))
    (True, None)
    """
    assert told.box is not None
    middle = (told.box[0] + told.box[2]) / 2
    return None if abs(middle - 0.5) < 1e-9 else middle > 0.5


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of the mean of drawings with replacement."""
    generator = np.random.default_rng(SEED)
    means = generator.choice(np.asarray(values), size=(ROUNDS, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()
