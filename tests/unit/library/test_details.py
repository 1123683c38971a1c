"""Details through the whole house: added with a picture, looked at by a search, reported by the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sensorium
from sensorium.core.details import DetailForm
from sensorium.core.items import Modality
from sensorium.library import Library
from sensorium.testing.encoders import DetailedHashEncoder

RED, BLUE = (200, 20, 20), (20, 20, 200)
FORM = DetailForm(width=8, cells=4, weight=5.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight blue pictures; `corner` is red in one quarter."""
    folder = tmp_path_factory.mktemp("files")
    for number in range(8):
        pixels = np.full((8, 8, 3), BLUE, np.uint8)
        pixels[0, 0, 1] = number  # no two files are the same
        if number == 5:
            pixels[4:, 4:] = RED
        Image.fromarray(pixels).save(folder / ("corner.png" if number == 5 else f"{number}.png"))
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Iterator[Library]:
    """Holds the files; the tests change nothing in it."""
    folder = tmp_path_factory.mktemp("detailed") / "library"
    with sensorium.open(folder, encoder=DetailedHashEncoder(details=FORM)) as opened:
        opened.add(files)
        yield opened


def test_words_find_what_is_on_a_part_of_a_picture(library: Library) -> None:
    hits = library.search("red", rerank=True)
    assert Path(hits[0].path).name == "corner.png"
    assert [look.name for look in hits[0].evidence[0].looks] == ["late"]
    assert len(hits) == 8


def test_the_vectors_alone_did_not_find_it_so_clearly(library: Library) -> None:
    with_look, without = library.search("red", rerank=True), library.search("red", rerank=False)
    assert without[0].evidence[0].looks == ()
    assert with_look[0].score - with_look[1].score > without[0].score - without[1].score


def test_a_weight_of_0_leaves_every_score_as_it_was(library: Library) -> None:
    plain = library.search("red", rerank=False).as_json()
    nothing = DetailedHashEncoder(details=DetailForm(width=8, cells=4, weight=0.0))
    with sensorium.open(library.path, encoder=nothing) as same:
        assert same.search("red").as_json() == plain


def test_pictures_that_were_added_before_there_were_details_are_found_and_reported(tmp_path: Path, files: Path) -> None:
    before = DetailedHashEncoder()
    before.details = None
    with sensorium.open(tmp_path / "old", encoder=before) as old:
        old.add(files)
        plain = [(hit.item.id, round(hit.score, 6)) for hit in old.search("red")]
    with sensorium.open(tmp_path / "old", encoder=DetailedHashEncoder(details=FORM)) as now:
        assert [(hit.item.id, round(hit.score, 6)) for hit in now.search("red", rerank=True)] == plain
        [store] = [finding for finding in now.doctor().findings if finding.check == "store"]
        assert not store.healthy
        assert "8 pictures have no details" in store.message


def test_a_library_with_all_its_details_is_well(library: Library) -> None:
    [store] = [finding for finding in library.doctor().findings if finding.check == "store"]
    assert store.healthy


def test_a_forgotten_picture_takes_its_details_along(tmp_path: Path, files: Path) -> None:
    encoder = DetailedHashEncoder(details=FORM)
    keys = list(range(1, 20))
    with sensorium.open(tmp_path / "library", encoder=encoder) as library:
        library.add(files / "corner.png", files / "1.png")
        before = library._store.details(library.scope, encoder.space.id, keys)
        library.forget(str(files / "corner.png"))
        (gone,) = set(before) - set(library._store.details(library.scope, encoder.space.id, keys))
        assert not [path for path in library.path.rglob("*") if path.is_file() and before[gone] in path.read_bytes()]


def test_questions_keep_nothing_in_the_library(library: Library) -> None:
    generation = library.info().generation
    library.search("red", rerank=True, modalities=[Modality.IMAGE])
    assert library.info().generation == generation
