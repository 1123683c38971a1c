"""`info`, `doctor` and `rebuild`."""

from __future__ import annotations

import pytest


def test_info_counts_what_is_there(run, filled) -> None:
    rows = dict(line.split("  ", 1) for line in run("info").out.splitlines())
    assert rows["library"].strip() == str(filled)
    assert {part.strip() for part in rows["items"].split(",")} == {"2 image", "1 text"}


def test_a_library_that_is_well_ends_with_success(run, filled) -> None:
    ended = run("doctor")
    assert ended.status == 0
    assert {line.split()[0] for line in ended.out.splitlines()} == {"well"}


@pytest.fixture
def harmed(filled) -> None:
    [index] = (filled / "indexes").iterdir()
    index.write_bytes(b"GIF89a")


@pytest.mark.usefixtures("harmed")
def test_what_is_wrong_is_said_with_its_remedy_and_fails(run) -> None:
    ended = run("doctor")
    assert ended.status == 1
    [line] = [line for line in ended.out.splitlines() if line.startswith("WRONG")]
    assert line.split()[1] == "index"
    assert "sensorium doctor --mend" in line


@pytest.mark.usefixtures("harmed")
def test_what_is_mended_is_no_failure(run) -> None:
    assert run("doctor", "--mend").status == 0
    assert run("doctor").status == 0


@pytest.mark.usefixtures("harmed")
def test_rebuild_makes_a_harmed_index_well(run) -> None:
    assert run("rebuild").out == "index rebuilt, 3 pieces\n"
    assert run("doctor").status == 0


@pytest.mark.parametrize("command", ["info", "doctor", "rebuild", "refused"])
def test_a_library_that_is_not_there_fails(run, tmp_path, command) -> None:
    assert run(command).status == 1
    assert not (tmp_path / "library").exists()
