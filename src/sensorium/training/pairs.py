"""Pictures and what people wrote of them: the one thing that training is fed with."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pictures with their captions, in the same order; every picture has at least one.

    >>> pairs = Pairs((Path("a.webp"),), (("a dog", "a black dog"),))
    >>> pairs.flat_captions, pairs.picture_of_caption
    (('a dog', 'a black dog'), (0, 0))
    """

    pictures: tuple[Path, ...]
    captions: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def flat_captions(self) -> tuple[str, ...]:
        """All captions, picture by picture."""
        return tuple(text for texts in self.captions for text in texts)

    @property
    def picture_of_caption(self) -> tuple[int, ...]:
        """For each of `flat_captions` the position of its picture."""
        return tuple(position for position, texts in enumerate(self.captions) for _ in texts)

    def take(self, positions: Sequence[int]) -> Pairs:
        """The pictures at these positions, in the order given."""
        return Pairs(tuple(self.pictures[p] for p in positions), tuple(self.captions[p] for p in positions))


def read_pairs(folder: Path, split: str) -> Pairs:
    """The pairs of `folder/captions_SPLIT.tsv` (columns image, caption) with pictures in `folder/images`.

    Pictures stand in the order of their first caption. Raises BadInput where a file or a column is missing.
    """
    table = folder / f"captions_{split}.tsv"
    if not table.is_file():
        raise BadInput(
            "there is no such table", subject=str(table), remedy="name a folder that holds captions_SPLIT.tsv"
        )
    captions: dict[str, list[str]] = {}
    with table.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not {"image", "caption"} <= set(rows.fieldnames or ()):
            raise BadInput("a column is missing", subject=str(table), remedy="give the columns image and caption")
        for row in rows:
            captions.setdefault(row["image"], []).append(row["caption"])
    pictures = tuple(folder / "images" / name for name in captions)
    missing = [picture for picture in pictures if not picture.is_file()]
    if missing:
        raise BadInput(f"{len(missing)} pictures are missing", subject=str(missing[0]), remedy="complete the folder")
    return Pairs(pictures, tuple(tuple(texts) for texts in captions.values()))


def hold_out(count: int, held: int, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions 0..count-1 in two sorted parts, the second with `held` of them: split by picture, never by caption.

    >>> kept, held = hold_out(5, 2, seed=1)
    >>> sorted(kept + held), len(held)
    ([0, 1, 2, 3, 4], 2)
    """
    chosen = set(random.Random(seed).sample(range(count), held))
    return tuple(p for p in range(count) if p not in chosen), tuple(sorted(chosen))
