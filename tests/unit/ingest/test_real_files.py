"""The whole way of real files: recognised, read in the child process, encoded, stored; bad ones refused by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from sensorium.core.items import Aspect, Item, Piece
from sensorium.core.receipts import Outcome
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.ingest.options import IngestOptions, IngestPorts
from sensorium.ingest.pipeline import add
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.archives import tarred
from sensorium.testing.documents import docx, zipped
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.media import film, plain
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
            items=store,
            sources=store,
            reader=reader,
            recognise=recognise,
            encoders=(encoder,),
            parts=store,
            unpacker=reader,
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


def srt(*lines: str) -> bytes:
    """A line for every second."""
    blocks = [f"{n}\n00:00:0{n},100 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(lines)]
    return "\n".join(blocks).encode()


def texts(ports: IngestPorts) -> dict[str, set[str]]:
    """What the texts of each item say, by the name of its source."""
    return {
        item.lineage.source.partition("files/")[2]: {
            piece.text for piece in ports.items.pieces_of(OWNER, item.id) if piece.text
        }
        for item in ports.items.items(OWNER, EVERYTHING)
    }


PACKED = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
}


@pytest.mark.parametrize("kind", PACKED)
def test_archives_of_every_kind_are_added_as_folders(ports: IngestPorts, folder: Path, kind: str) -> None:
    files = {
        "notes/winter.md": b"# Winter\n\nTwo dogs in the snow.",
        "photo.jpg": jpeg(),
        "report.docx": docx("<w:p><w:r><w:t>A report.</w:t></w:r></w:p>"),
        "sea.mp4": film([plain(60)] * 20 + [plain(180)] * 20),
        "sea.srt": srt("Land ahead!", "At last."),
        "bomb.png": png_bomb(13_040),
        "in.zip": zipped({"x.txt": "hidden in two archives"}),
        "../out.txt": b"out",
    }
    (folder / f"all.{kind}").write_bytes(PACKED[kind](files))
    assert add(OWNER, ports, [folder]).counts == {Outcome.REFUSED: 1}
    receipt = add(OWNER, ports, [folder], IngestOptions(archives=True))
    assert {line.source.partition("!/")[2]: line.code or line.outcome for line in receipt} == {
        "notes/winter.md": "added",
        "photo.jpg": "added",
        "report.docx": "added",
        "sea.mp4": "added",
        "sea.srt": "added",
        "bomb.png": "too-large",
        "in.zip": "archive",
        "../out.txt": "damaged",
    }
    found = texts(ports)
    assert found[f"all.{kind}!/sea.mp4"] == {"Land ahead! At last."}
    assert found[f"all.{kind}!/report.docx"] == {"A report."}
    assert add(OWNER, ports, [folder], IngestOptions(archives=True)).counts == {Outcome.KNOWN: 5, Outcome.REFUSED: 3}


def test_a_packed_text_is_added_under_the_name_it_had(ports: IngestPorts, folder: Path) -> None:
    (folder / "notes.txt.gz").write_bytes(gzip.compress(b"Two dogs in the snow."))
    add(OWNER, ports, [folder], IngestOptions(archives=True))
    assert texts(ports) == {"notes.txt.gz!/notes.txt": {"Two dogs in the snow."}}


def test_a_tar_that_is_cut_off_between_two_files_adds_none_of_them(ports: IngestPorts, folder: Path) -> None:
    data = tarred({"a.txt": b"one", "b.txt": b"two"})
    (folder / "a.tar").write_bytes(data[:1024])
    receipt = add(OWNER, ports, [folder], IngestOptions(archives=True))
    assert [line.code for line in receipt] == ["damaged"]
    assert "cut off" in receipt.lines[0].reason


def test_an_archive_that_unfolds_is_one_refused_line(ports: IngestPorts, folder: Path) -> None:
    (folder / "bomb.tar.gz").write_bytes(gzip.compress(tarred({"a": bytes(50_000_000)})))
    (folder / "good.txt").write_text("good")
    receipt = add(OWNER, ports, [folder], IngestOptions(archives=True))
    assert {Path(line.source).name: line.code or line.outcome for line in receipt} == {
        "bomb.tar.gz": "too-large",
        "good.txt": "added",
    }


def test_subtitles_beside_a_film_join_it_and_refresh_it(ports: IngestPorts, folder: Path) -> None:
    (folder / "sea.mp4").write_bytes(film([plain(60)] * 20 + [plain(180)] * 20))
    (folder / "sea.en.srt").write_bytes(srt("Land ahead!"))
    (folder / "lone.vtt").write_bytes(b"WEBVTT\n\n00:01.000 --> 00:02.000\nNo film of mine.\n")
    receipt = add(OWNER, ports, [folder])
    assert receipt.counts == {Outcome.ADDED: 3}
    assert texts(ports) == {"sea.mp4": {"Land ahead!"}, "lone.vtt": {"No film of mine."}}
    (folder / "sea.en.srt").write_bytes(srt("Nothing but water.", "And wind."))
    assert add(OWNER, ports, [folder]).counts == {Outcome.CHANGED: 2, Outcome.KNOWN: 1}
    assert texts(ports) == {"sea.mp4": {"Nothing but water. And wind."}, "lone.vtt": {"No film of mine."}}
    [piece] = [piece for item in ports.items.items(OWNER, EVERYTHING) for piece in _subtitles(ports, item, "sea")]
    assert (piece.place.seconds, piece.producer.name) == ((0.1, 1.9), "reader.subtitles")


def _subtitles(ports: IngestPorts, item: Item, title: str) -> list[Piece]:
    pieces = ports.items.pieces_of(OWNER, item.id) if item.title == title else ()
    return [piece for piece in pieces if piece.aspect is Aspect.SUBTITLE]
