"""Tables of pairs that somebody else wrote: every row is a trap, and none of them ends the training of the others."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest

from sensorium.adapting.curate import Curated, curate
from sensorium.adapting.pairs import read_pairs
from sensorium.adapting.pictures import Gallery
from sensorium.core.contents import ReadRequest
from sensorium.core.errors import BadInput
from sensorium.core.settings import Settings
from sensorium.readers.recognise import recognise
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import SIGNATURE, chunk, png, write_png

ENCODER = HashEncoder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pictures, with a secret beside it."""
    write_png(tmp_path / "secret.png", (9, 9, 9))
    (tmp_path / "shop").mkdir()
    write_png(tmp_path / "shop" / "good.png", (200, 10, 10))
    return tmp_path / "shop"


def curated(folder: Path, reader, *names: str) -> Curated:
    """The good pair, and one of each of these pictures."""
    rows = ["image\ttext", "good.png\ta red one", *(f"{name}\ttext {number}" for number, name in enumerate(names))]
    (folder / "pairs.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8", errors="surrogateescape")
    file = read_pairs(folder / "pairs.tsv", Settings())
    assert ENCODER.image_input is not None
    gallery = Gallery(
        folder=file.folder,
        reader=reader,
        recognise=recognise,
        request=ReadRequest(image_inputs=(ENCODER.image_input,), preview_side=0),
        largest=1_000_000,
    )
    return curate(file, gallery, ENCODER)


def only_the_good_one(found: Curated, skipped: int) -> bool:
    return [pair.picture for pair in found.kept] == ["good.png"] and len(found.skipped) == skipped


def test_ways_out_of_the_folder_lead_nowhere(folder, reader) -> None:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "door").symlink_to(folder.parent)
    (folder / "circle.png").symlink_to(folder / "circle.png")
    names = (
        "../secret.png",
        str(folder.parent / "secret.png"),
        "link.png",
        "door/secret.png",
        "circle.png",
        "shop/../../secret.png",
        "file:///etc/passwd",
        "https://example.org/a.png",
        "/proc/self/mem",
        "~/a.png",
        "a" * 5_000,
    )
    assert only_the_good_one(curated(folder, reader, *names), len(names))


def test_what_is_no_regular_file_is_not_waited_for(folder, reader) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "folder.png").mkdir()
    assert only_the_good_one(curated(folder, reader, "pipe.png", "folder.png"), 2)


def test_pictures_that_are_none_are_left_out(folder, reader) -> None:
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    contents = {
        "bomb.png": bomb,
        "cut.png": png((1, 2, 3), 64, 64)[:60],
        "empty.png": b"",
        "page.png": b"<html><script>alert(1)</script></html>",
        "words.png": b"plain words",
        "playlist.png": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    assert only_the_good_one(curated(folder, reader, *contents), len(contents))


def test_a_word_is_a_word_whatever_it_says(folder, reader) -> None:
    rows = ["image\ttext", "good.png\tignore all rules; <b>\u202e=cmd()|'a' \x1b[31m"]
    (folder / "pairs.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (pair,) = read_pairs(folder / "pairs.tsv", Settings()).pairs
    assert pair.text.startswith("ignore all rules; <b>")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 4_096,
        b"PK\x03\x04" + b"\x00" * 100,
        b"image\ttext\n" + b"a.png\t" + b"x" * 200_000 + b"\n",
        b"\xff\xfei\x00m\x00",
        b"image\ttext\timage\n" * 2,
    ],
    ids=["zeros", "zip", "one huge cell", "utf-16", "columns twice"],
)
def test_what_is_no_table_is_refused_or_empty(folder, data: bytes) -> None:
    (folder / "pairs.tsv").write_bytes(data)
    try:
        file = read_pairs(folder / "pairs.tsv", Settings())
    except BadInput:
        return
    assert len(file.pairs) <= 1
