"""A moment is cut out of the file that was added, and of no other."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import BadInput, ChangedWhileRead
from sensorium.core.items import Clip, Item, Lineage, Modality, Place, Producer, Rights
from sensorium.search.showing.clips import Cutting

READER = Producer(name="reader.test", version="1")


class Cutter:
    """Gives a clip of what it is asked for, or none."""

    def __init__(self, able: bool = True) -> None:
        self.able = able
        self.requests: list[ReadRequest] = []

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        self.requests.append(request)
        clip = Clip(media_type="video/mp4", seconds=request.clip or (0, 0), data=b"x") if self.able else None
        return Document(modality=Modality.VIDEO, media_type=media_type, title="", pieces=(), reader=READER, clip=clip)

    def close(self) -> None: ...


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film")
    return path


def item(path: Path, modality: Modality = Modality.VIDEO, **changes: object) -> Item:
    fields = {
        "source": str(path),
        "content_hash": hashlib.sha256(b"a film").hexdigest(),
        "size": 6,
        "modified_at": path.stat().st_mtime_ns / 1e9,
        "added_at": 0.0,
        "reader": READER,
    }
    return Item(
        id="it_1", tenant="local", modality=modality, media_type="video/mp4", title="", rights=Rights(),
        lineage=Lineage(**{**fields, **changes}),
    )  # fmt: skip


def cutting(reader: Cutter) -> Cutting:
    return Cutting(reader=reader, recognise=lambda head: "video/mp4", longest=20.0)


@pytest.mark.parametrize(
    ("seconds", "stretch"),
    [((10.0, 16.0), (10.0, 16.0)), ((10.0, 11.0), (9.0, 12.0)), ((0.0, 1.0), (0.0, 2.0)), ((5.0, 95.0), (5.0, 25.0))],
)
def test_a_moment_is_cut_with_what_is_around_it_and_within_the_limit(
    film: Path, seconds: tuple[float, float], stretch: tuple[float, float]
) -> None:
    assert cutting(Cutter()).cut(item(film), Place(seconds=seconds)).seconds == stretch


def test_without_a_moment_the_start_is_cut(film: Path) -> None:
    assert cutting(Cutter()).cut(item(film), Place()).seconds == (0.0, 20.0)


def test_a_file_that_was_only_touched_is_still_the_same(film: Path) -> None:
    known = item(film)
    os.utime(film, (1, 1))
    assert cutting(Cutter()).cut(known, Place(seconds=(0, 5))).data == b"x"


def test_a_film_with_subtitles_is_known_by_its_own_bytes(film: Path) -> None:
    own = hashlib.sha256(b"a film").hexdigest()
    known = replace(item(film, content_hash="of both"), attributes={"film_hash": own})
    os.utime(film, (1, 1))
    assert cutting(Cutter()).cut(known, Place(seconds=(0, 5))).data == b"x"
    film.write_bytes(b"A FILM")
    with pytest.raises(ChangedWhileRead):
        cutting(Cutter()).cut(known, Place(seconds=(0, 5)))


def test_what_lies_in_an_archive_is_not_cut_and_says_what_to_do(film: Path) -> None:
    known = item(film, source=f"{film.parent}/films.zip!/film.mp4")
    with pytest.raises(BadInput, match="lies in an archive; unpack it"):
        cutting(Cutter()).cut(known, Place(seconds=(0, 5)))


@pytest.mark.parametrize("content", [b"A FILM", b"another film"])
def test_another_file_in_its_place_is_not_cut(film: Path, content: bytes) -> None:
    known = item(film)
    film.write_bytes(content)
    os.utime(film, (1, 1))
    reader = Cutter()
    with pytest.raises(ChangedWhileRead):
        cutting(reader).cut(known, Place(seconds=(0, 5)))
    assert not reader.requests


def test_a_picture_has_no_moments(film: Path) -> None:
    with pytest.raises(BadInput, match="no moments"):
        cutting(Cutter()).cut(item(film, Modality.IMAGE), Place())


def test_a_file_that_is_gone_is_told(film: Path) -> None:
    known = item(film)
    film.unlink()
    with pytest.raises(BadInput, match="can not be opened"):
        cutting(Cutter()).cut(known, Place())


def test_a_reader_that_cuts_nothing_is_told(film: Path) -> None:
    with pytest.raises(BadInput, match="nothing can be cut"):
        cutting(Cutter(able=False)).cut(item(film), Place())
