"""`add` and `refused`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sensorium.cli import main
from sensorium.cli.adding import REFUSED_SHOWN
from sensorium.cli.exits import INTERRUPTED
from sensorium.core.receipts import Receipt
from sensorium.testing.documents import zipped
from sensorium.testing.pictures import png

Run = Callable[..., object]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.png"
    path.write_bytes(png((1, 2, 3))[:40])
    return path


def test_add_says_what_became_of_the_files(run, files) -> None:
    ended = run("add", files)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("3 added in ")


def test_adding_twice_is_adding_once(run, files, filled) -> None:
    assert run("add", files).out.startswith("3 known in ")


def test_add_makes_the_library_where_there_is_none(run, files, tmp_path) -> None:
    assert run("add", files, "--library", tmp_path / "deep" / "new").status == 0
    assert run("info", "--library", tmp_path / "deep" / "new").status == 0


def test_a_refused_file_is_named_beside_the_answer_and_is_no_failure(run, broken) -> None:
    ended = run("add", broken)
    assert ended.status == 0
    assert ended.out.startswith("1 refused in ")
    assert ended.err.startswith(f"refused {broken}: ")


def test_only_the_first_refused_files_are_named(run, tmp_path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for number in range(REFUSED_SHOWN + 3):
        (folder / f"{number:02}.txt").touch()
    lines = run("add", folder).err.splitlines()
    assert sum(line.startswith("refused ") for line in lines) == REFUSED_SHOWN
    assert lines[-1] == "... and 3 more: sensorium refused"


def test_an_archive_is_refused_with_the_option_that_opens_it(run, tmp_path) -> None:
    archive = tmp_path / "notes.zip"
    archive.write_bytes(zipped({"tea.txt": "Boil water.", "../x.txt": "x"}))
    assert "--archives" in run("add", archive).err
    ended = run("add", "--archives", archive)
    assert ended.out.startswith("1 added, 1 refused in ")
    assert ended.err.startswith(f"refused {archive}!/../x.txt: ")
    assert f"{archive}!/tea.txt" in run("search", "water").out


def test_a_path_that_is_not_there_fails_with_what_to_do(run, tmp_path) -> None:
    ended = run("add", tmp_path / "none")
    assert ended.status == 1
    assert ended.err.startswith(f"error: {tmp_path / 'none'}: it is not there; ")


def test_add_without_a_path_is_a_wrong_command_line(run) -> None:
    assert run("add").status == 2


def test_a_vanished_file_is_forgotten_by_prune_alone(run, tmp_path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("stays.txt", "goes.txt"):
        (folder / name).write_text(name)
    run("add", folder)
    (folder / "goes.txt").unlink()
    told = run("add", folder)
    assert told.out.startswith("1 known, 1 vanished in ")
    assert "--prune" in told.err
    assert run("add", folder, "--prune").out.startswith("1 known, 1 forgotten in ")


def test_refused_files_are_listed_with_code_and_remedy(run, broken) -> None:
    run("add", broken)
    ended = run("refused")
    assert ended.status == 0
    assert ended.out.startswith(f"{broken}  damaged  20")


def test_no_refused_file_is_said(run, filled) -> None:
    assert run("refused").out == "no file was refused\n"


def test_a_mended_file_is_added_by_retry(run, broken) -> None:
    run("add", broken)
    broken.write_bytes(png((1, 2, 3)))
    assert run("refused", "--retry").out.startswith("1 added in ")
    assert run("refused").out == "no file was refused\n"


def test_what_was_interrupted_ends_with_its_own_status(capsys) -> None:
    class Stopped:
        def __enter__(self) -> Stopped:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def add(self, *paths: object, **options: object) -> Receipt:
            return Receipt(interrupted=True)

    assert main(["add", "folder"], opener=lambda path, *, create: Stopped()) == INTERRUPTED
    assert "run it again to continue" in capsys.readouterr().out


def test_a_bar_is_shown_to_a_person_and_wiped(run, files, terminal) -> None:
    seen = terminal("stderr")
    assert run("add", files).out.startswith("3 added")
    assert "3/3" in seen.getvalue()
    assert seen.getvalue().endswith("\x1b[1A\x1b[2K")


def test_no_bar_is_drawn_where_nobody_watches(run, files) -> None:
    assert run("add", files).err == ""
