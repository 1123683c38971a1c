"""Captioned pictures as a folder: `images/` and `captions_SPLIT.tsv`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from sensorium.core.errors import BadInput
from sensorium.evaluation.kinds.pairs import captioned
from sensorium.evaluation.tables import Row, read_rows
from sensorium.evaluation.tasks import Suite


def read_captions(folder: Path, split: str) -> Suite:
    """The table of one split as a suite of the kind `pairs` whose galleries are looked at to their ends.

    Raises BadInput when the folder, the table, a column, a caption or a picture is missing, or when the name of a
    picture leads out of `images/`.
    """
    rows = caption_rows(folder, split)
    tasks = captioned(rows, image="image", caption="caption", folder=folder / "images")
    return Suite(name=split, kind="pairs", tasks=tasks, depth=len(rows))


def caption_rows(folder: Path, split: str) -> list[Row]:
    """The rows of the table of one split. Raises BadInput when it is missing, not such a table, or empty."""
    table = folder / f"captions_{split}.tsv"
    if PurePosixPath(split).name != split or not table.is_file():
        raise BadInput(
            f"it has no captions_{split}.tsv",
            subject=str(folder),
            remedy=f"name a split that is there: {_splits(folder)}",
        )
    rows = list(read_rows(table, ["image", "caption"]))
    if not rows:
        raise BadInput("it has no row", subject=str(table), remedy="give at least one picture with a caption")
    return rows


def _splits(folder: Path) -> str:
    found = sorted(table.stem.removeprefix("captions_") for table in folder.glob("captions_*.tsv"))
    return ", ".join(found) or "none is"
