"""The tables of folds: copies that fold, pairs that do not, each picture once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.folds import COPIES, distances, opened, pictures_in, tables
from PIL import Image


def photos(folder: Path) -> list[Path]:
    """Three different pictures, a text beside them."""
    for number, angle in enumerate((0, 40, 110)):
        Image.radial_gradient("L").crop((0, 0, 180, 120)).rotate(angle).convert("RGB").save(folder / f"{number}.png")
    (folder / "notes.txt").write_text("no picture")
    return pictures_in(folder)


def test_each_pair_is_counted_once() -> None:
    assert distances(np.array([0, 1, 3], dtype=np.uint64)).tolist() == [1, 2, 1]


def test_every_copy_is_a_picture_of_its_own(tmp_path: Path) -> None:
    picture = opened(photos(tmp_path)[1])
    assert all(np.asarray(copy(picture)).tobytes() != np.asarray(picture).tobytes() for copy in COPIES.values())


def test_the_tables_have_a_row_for_every_copy(tmp_path: Path) -> None:
    lines = list(tables(photos(tmp_path)))
    assert lines[0] == "3 different pictures, 3 pairs:"
    assert [line.split("|")[1].strip() for line in lines if line.startswith("| ")][-len(COPIES) :] == list(COPIES)
    assert next(line for line in lines if line.startswith("| JPEG, quality 75")).endswith("| 100.0% |")
