"""What a user holds, over the real store, index and reading process; only the encoder is a stand-in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import sensorium
from sensorium.core.errors import (
    BadInput,
    DamagedFile,
    ItemNotFound,
    LibraryBusy,
    LibraryNotFound,
    SpaceMismatch,
)
from sensorium.core.receipts import Outcome
from sensorium.library import Library, default_path
from sensorium.stores.lock import WriterLock
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    write_png(folder / "red.png", RED)
    write_png(folder / "green.png", GREEN)
    (folder / "note.txt").write_text("a red fox sleeps")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        yield opened


def names(results: sensorium.SearchResults) -> list[str]:
    return [Path(hit.path).name for hit in results]


def test_what_was_added_is_found_by_words_across_senses(library: Library, files: Path) -> None:
    library.add(files)
    assert set(names(library.search("red"))[:2]) == {"red.png", "note.txt"}


def test_what_was_added_is_found_by_a_picture(library: Library, files: Path, tmp_path: Path) -> None:
    library.add(files)
    question = tmp_path / "question.png"
    write_png(question, GREEN)
    assert names(library.search(image=question))[0] == "green.png"


def test_a_search_by_picture_shows_what_it_was_asked_with(library: Library, files: Path) -> None:
    library.add(files)
    assert library.search(image=files / "red.png").picture is not None


def test_hits_carry_previews_of_pictures(library: Library, files: Path) -> None:
    library.add(files)
    [hit] = library.search("green", modalities=["image"], k=1)
    assert hit.preview is not None


def test_a_library_is_there_again_when_it_is_opened_again(tmp_path: Path, files: Path) -> None:
    for _ in range(2):
        with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
            receipt = library.add(files)
    assert receipt.counts == {Outcome.KNOWN: 3}


def test_a_second_process_finds_what_the_first_one_adds(library: Library, files: Path) -> None:
    library.search("red")
    code = (
        "import sys, sensorium; from sensorium.testing.encoders import HashEncoder\n"
        "with sensorium.open(sys.argv[1], encoder=HashEncoder()) as other: other.add(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, str(library.path), str(files)], check=True, timeout=60)
    assert len(library.search("red")) == 3


def test_opening_without_create_says_that_there_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="sensorium add"):
        sensorium.open(tmp_path / "none", create=False)


def test_a_library_that_another_model_filled_says_so(tmp_path: Path, files: Path) -> None:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder(version="1")) as library:
        library.add(files)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder(version="2")) as library:
        with pytest.raises(SpaceMismatch, match="hash-1-"):
            library.search("red")
        with pytest.raises(SpaceMismatch):
            library.add(files)
        with pytest.raises(SpaceMismatch):
            library.rebuild()
        assert not library.doctor(mend=True).healthy


def test_a_second_writer_is_told_who_writes(tmp_path: Path, files: Path) -> None:
    settings = sensorium.Settings(lock_wait_seconds=0.0)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder(), settings=settings) as library:
        with WriterLock(library.path, wait_seconds=0), pytest.raises(LibraryBusy, match=r"process \d+ on"):
            library.add(files)


def test_a_path_that_does_not_exist_is_named_before_anything_happens(library: Library, files: Path) -> None:
    with pytest.raises(BadInput, match="none"):
        library.add(files, files / "none")
    assert library.info().items == {}


def test_an_item_is_shown_by_its_id_and_by_its_path(library: Library, files: Path) -> None:
    library.add(files)
    by_path = library.show(str(files / "note.txt"))
    assert library.show(by_path.item.id) == by_path
    assert [piece.text for piece in by_path.pieces] == ["a red fox sleeps"]


def test_what_is_not_there_is_not_shown(library: Library) -> None:
    with pytest.raises(ItemNotFound):
        library.show("it_00000000000000000000")


@pytest.mark.parametrize("by", ["id", "path"])
def test_a_forgotten_item_is_found_no_more(library: Library, files: Path, by: str) -> None:
    library.add(files)
    path = str(files / "note.txt")
    library.forget(path if by == "path" else library.show(path).item.id)
    assert "note.txt" not in names(library.search("red fox"))


@pytest.mark.parametrize("by", ["forget", "prune"])
def test_a_forgotten_item_leaves_no_byte_behind(library: Library, files: Path, by: str) -> None:
    secret = "xylophone-4711"
    (files / "secret.txt").write_text(secret)
    library.add(files)
    vector = HashEncoder().encode(sensorium.Modality.TEXT, [secret], "piece").tobytes()
    if by == "forget":
        library.forget(str(files / "secret.txt"))
    else:
        (files / "secret.txt").unlink()
        library.add(files, prune=True)
    library.close()
    kept = [path for path in library.path.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        data = path.read_bytes()
        assert secret.encode() not in data, path
        assert b"secret.txt" not in data, path
        assert vector not in data, path


def test_refused_files_are_listed_with_their_reason_and_tried_again(library: Library, files: Path) -> None:
    broken = files / "broken.png"
    broken.write_bytes((files / "red.png").read_bytes()[:40])
    library.add(files)
    assert [(refusal.source, refusal.code) for refusal in library.refused()] == [(str(broken), DamagedFile.code)]
    write_png(broken, BLUE)
    assert library.retry().counts == {Outcome.ADDED: 1}
    assert library.refused() == []


def test_a_question_picture_that_is_damaged_raises_its_refusal(library: Library, files: Path) -> None:
    (files / "broken.png").write_bytes((files / "red.png").read_bytes()[:40])
    with pytest.raises(DamagedFile):
        library.search(image=files / "broken.png")


def test_info_counts_what_is_there(library: Library, files: Path) -> None:
    library.add(files)
    info = library.info()
    assert (dict(info.items), info.refused) == ({"image": 2, "text": 1}, 0)
    assert info.bytes_on_disk > 0


@pytest.mark.parametrize("harm", ["missing", "truncated", "flipped", "foreign"])
def test_a_harmed_index_file_is_found_and_mended_and_never_changes_an_answer(
    tmp_path: Path, files: Path, harm: str
) -> None:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        library.add(files)
        expected = library.search("red").as_json()
    [index] = (tmp_path / "library" / "indexes").iterdir()
    data = index.read_bytes()
    if harm == "missing":
        index.unlink()
    else:
        flipped = data[:-1] + bytes([data[-1] ^ 1])
        index.write_bytes({"truncated": data[:-8], "flipped": flipped, "foreign": b"GIF89a"}[harm])
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        assert library.search("red").as_json() == expected
        assert not library.doctor().healthy
        assert library.doctor(mend=True).healthy
        assert library.doctor().healthy


def test_pictures_are_decoded_in_the_child_process_only(tmp_path: Path, files: Path) -> None:
    code = (
        "import sys, sensorium; from sensorium.testing.encoders import HashEncoder\n"
        "with sensorium.open(sys.argv[1], encoder=HashEncoder()) as library:\n"
        "    library.add(sys.argv[2]); library.search(image=sys.argv[2] + '/red.png')\n"
        "print([name for name in ('PIL', 'av', 'pypdfium2', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "library"), str(files)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "[]\n"


def test_a_scope_without_rights_sees_nothing_of_another_ones_library(library: Library, files: Path) -> None:
    library.add(files)
    stranger = sensorium.Scope(tenant="local", principals=frozenset({"stranger"}))
    with sensorium.open(library.path, encoder=HashEncoder(), scope=stranger) as other:
        assert (len(other.search("red")), dict(other.info().items), other.refused()) == (0, {}, [])
        with pytest.raises(ItemNotFound):
            other.show(str(files / "note.txt"))


def test_the_library_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SENSORIUM_LIBRARY", str(tmp_path / "mine"))
    assert default_path() == tmp_path / "mine"


def test_without_a_name_the_library_lies_where_the_system_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENSORIUM_LIBRARY", raising=False)
    assert default_path().is_absolute()
    assert "sensorium" in default_path().parts


def test_a_query_can_be_put_together_by_hand(library: Library, files: Path) -> None:
    library.add(files)
    pixels = np.full((8, 8, 3), GREEN, dtype=np.uint8)
    part = sensorium.QueryPart(modality=sensorium.Modality.IMAGE, content=pixels)
    assert names(library.ask(sensorium.Query(parts=(part,), k=1))) == ["green.png"]
