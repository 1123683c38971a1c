"""Painted pictures with captions, enough for the whole recipe to run in seconds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (30, 40, 220), "yellow": (230, 220, 40)}


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen pictures to train on, four to measure on, two captions each."""
    folder = tmp_path_factory.mktemp("painted")
    paint(folder, "train", 16)
    paint(folder, "dev", 4)
    return folder


@pytest.fixture(scope="module")
def few_words() -> Iterator[None]:
    """Few words in place of all that the tokenizer and word lists know, which would take minutes."""
    from sensorium.training import pieces
    from sensorium.training.trunks import minilm

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minilm, "known_words", lambda trunk: ["dog", "ship", "seven", "music", "law"] * 10)
        patch.setattr(pieces, "word_lists", lambda: iter([("de", {"hund": 0.5, "schiff": 0.5})]))
        yield


def paint(folder: Path, split: str, pictures: int) -> None:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = ["image\tcaption"]
    for number in range(pictures):
        name, colour = list(COLOURS.items())[number % 4]
        pixels = np.full((48, 64, 3), colour, np.uint8)
        pixels[number : number + 12, 8:40] = 255
        Image.fromarray(pixels).save(folder / "images" / f"{split}{number}.png")
        rows += [f"{split}{number}.png\ta {name} picture with a bar at {number}", f"{split}{number}.png\t{name} ."]
    (folder / f"captions_{split}.tsv").write_text("\n".join(rows) + "\n")
