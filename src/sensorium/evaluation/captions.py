"""Captioned pictures as a folder: `images/` and `captions_SPLIT.tsv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sensorium.core.errors import BadInput

COLUMNS = ("image", "caption")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedPictures:
    """pictures: files, each once, in the order of the table. captions[i] describes pictures[described[i]]."""

    pictures: tuple[Path, ...]
    captions: tuple[str, ...]
    described: tuple[int, ...]


def read_captions(folder: Path, split: str) -> CaptionedPictures:
    """The table of one split: UTF-8, tab separated, with a header that names `image` and `caption`, without quoting.

    Raises BadInput when the folder, the table, a column, a caption or a picture is missing, or when the name of a
    picture leads out of `images/`.
    """
    table = folder / f"captions_{split}.tsv"
    if PurePosixPath(split).name != split or not table.is_file():
        raise BadInput(
            f"it has no captions_{split}.tsv",
            subject=str(folder),
            remedy=f"name a split that is there: {_splits(folder)}",
        )
    numbers: dict[str, int] = {}
    captions: list[str] = []
    described: list[int] = []
    for name, caption in _rows(table):
        described.append(numbers.setdefault(name, len(numbers)))
        captions.append(caption)
    if not captions:
        raise BadInput("it has no row", subject=str(table), remedy="give at least one picture with a caption")
    pictures = tuple(folder / "images" / name for name in numbers)
    for picture in pictures:
        if not picture.is_file():
            raise BadInput("the picture is missing", subject=str(picture), remedy=f"take its rows out of {table.name}")
    return CaptionedPictures(pictures=pictures, captions=tuple(captions), described=tuple(described))


def _rows(table: Path) -> Iterator[tuple[str, str]]:
    """Captions hold plain quotation marks, so nothing in the table quotes anything."""
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise BadInput(
                    "its header lacks a column", subject=str(table), remedy="name `image` and `caption` in it"
                )
            for row in reader:
                yield _pair(row, f"{table}, line {reader.line_num}")
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise BadInput(f"it can not be read ({error})", subject=str(table), remedy="give a table in UTF-8") from None


def _pair(row: dict[str, str | None], place: str) -> tuple[str, str]:
    name, caption = row["image"] or "", (row["caption"] or "").strip()
    if not name or PurePosixPath(name).name != name:
        raise BadInput(f"{name!r} is no name of a picture", subject=place, remedy="name a file that lies in images/")
    if not caption:
        raise BadInput("the caption is empty", subject=place, remedy="write one or take the row out")
    return name, caption


def _splits(folder: Path) -> str:
    found = sorted(table.stem.removeprefix("captions_") for table in folder.glob("captions_*.tsv"))
    return ", ".join(found) or "none is"
