"""Pictures of a library from before fingerprints: counted, marked from their previews, and left alone afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    from PIL import Image

    (tmp_path / "files").mkdir()
    Image.linear_gradient("L").rotate(30).convert("RGB").save(tmp_path / "files" / "a.png")
    Image.radial_gradient("L").crop((0, 0, 180, 120)).convert("RGB").save(tmp_path / "files" / "b.png")
    (tmp_path / "files" / "note.txt").write_text("no picture")
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        opened.add(tmp_path / "files")
        yield opened


def unmarked(library: Library) -> None:
    """Makes the library one from before fingerprints."""
    with sqlite3.connect(library.path / "store.sqlite3") as connection:
        connection.execute("UPDATE pieces SET attributes = json_remove(attributes, '$.fingerprint')")
    connection.close()


def marks(library: Library) -> dict[str, str]:
    hits = library.search("red", modalities=["image"])
    return {hit.item.title: hit.piece.attributes.get("fingerprint", "none") for hit in hits}


def test_pictures_that_are_added_have_fingerprints(library: Library) -> None:
    assert all(len(mark) == 16 for mark in marks(library).values())
    [finding] = [one for one in library.doctor().findings if one.check == "pictures"]
    assert finding.healthy


def test_the_doctor_counts_pictures_without(library: Library) -> None:
    unmarked(library)
    [finding] = [one for one in library.doctor().findings if one.check == "pictures"]
    assert (finding.healthy, finding.message.startswith("2 pictures have no fingerprint")) == (False, True)
    assert set(marks(library).values()) == {"none"}


def test_mending_marks_them_as_adding_did(library: Library) -> None:
    before = marks(library)
    unmarked(library)
    generation = library.generation
    [finding] = [one for one in library.doctor(mend=True).findings if one.check == "pictures"]
    assert (finding.mended, library.generation > generation) == (True, True)
    after = marks(library)
    for name, mark in before.items():
        assert (int(after[name], 16) ^ int(mark, 16)).bit_count() <= 4
    assert [one.healthy for one in library.doctor().findings if one.check == "pictures"] == [True]
