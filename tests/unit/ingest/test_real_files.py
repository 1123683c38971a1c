"""The whole way of real files: recognised, read in the child process, encoded, stored; bad ones refused by name."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from sensorium.core.receipts import Outcome
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.ingest.options import IngestPorts
from sensorium.ingest.pipeline import add
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import SIGNATURE, chunk

OWNER = Scope.local_owner()


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[IngestPorts]:
    encoder = HashEncoder()
    with (
        SqliteStore.open(tmp_path / "library", create=True) as store,
        closing(SandboxedReader(Settings())) as reader,
    ):
        store.add_space(encoder.space)
        yield IngestPorts(
            items=store, sources=store, reader=reader, recognise=recognise, encoders=(encoder,), parts=store
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    return path


def jpeg(side: int = 64, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(stream, "JPEG", **options)
    return stream.getvalue()


def png_bomb(side: int) -> bytes:
    """A black PNG of side x side pixels, one bit each, made row by row so that it never exists whole."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row, squeezer = bytes(1 + (side + 7) // 8), zlib.compressobj(9)
    squeezed = b"".join(squeezer.compress(row) for _ in range(side)) + squeezer.flush()
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")


def test_good_files_are_added_and_each_bad_one_is_one_refused_line(ports: IngestPorts, folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(jpeg())
    (folder / "notes.md").write_text("# Winter\n\nTwo dogs in the snow.\n")
    (folder / "no suffix").write_text("A red car on a hill.")
    (folder / "truncated.jpg").write_bytes(jpeg(256)[:4000])
    (folder / "latin.txt").write_bytes("Größe und Gewicht".encode("latin-1"))
    (folder / "bomb.png").write_bytes(png_bomb(13_040))
    (folder / "empty.txt").touch()
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    (folder / "program").write_bytes(b"\x7fELF" + bytes(100))
    receipt = add(OWNER, ports, [folder])
    refused = {Path(refusal.source).name: refusal.code for refusal in ports.sources.refusals(OWNER)}
    assert refused == {
        "truncated.jpg": "damaged",
        "latin.txt": "wrong-encoding",
        "bomb.png": "too-large",
        "empty.txt": "empty",
        "loop": "not-a-file",
        "pipe": "not-a-file",
        "program": "unknown-type",
    }
    assert receipt.counts == {Outcome.ADDED: 3, Outcome.REFUSED: 7}
    assert len({line.source for line in receipt}) == len(receipt) == 10
    titles = {item.title for item in ports.items.items(OWNER, EVERYTHING)}
    assert titles == {"photo", "Winter", "A red car on a hill."}


def test_location_and_serial_tags_of_a_picture_are_stored_nowhere(ports: IngestPorts, folder: Path) -> None:
    needle = b"SERIAL-4711-NEEDLE"
    exif = Image.Exif()
    exif[0xA431] = needle.decode()
    exif[0x010E] = needle.decode()
    (folder / "photo.jpg").write_bytes(jpeg(exif=exif, comment=needle))
    assert needle in (folder / "photo.jpg").read_bytes()
    assert add(OWNER, ports, [folder]).counts == {Outcome.ADDED: 1}
    library = folder.parent / "library"
    stored = b"".join(path.read_bytes() for path in library.rglob("*") if path.is_file())
    assert len(stored) > 10_000
    assert needle not in stored
