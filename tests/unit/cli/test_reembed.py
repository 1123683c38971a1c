"""`sensorium reembed`: what a person is told, and how the command ends."""

from __future__ import annotations

from pathlib import Path

import pytest

import sensorium
from sensorium.testing.encoders import HashEncoder

ENCODERS = {"compact": HashEncoder(), "other": HashEncoder(width=24, version="2")}
SPACES = {name: encoder.space.id for name, encoder in ENCODERS.items()}


@pytest.fixture(autouse=True)
def _encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensorium.plugins.load_encoder", lambda name, threads: ENCODERS[name])


def active(library: Path) -> list[str]:
    with sensorium.open(library, create=False) as opened:
        return [model.known.space.id for model in opened.models() if model.known.is_active]


def test_it_switches_and_names_the_way_back(run, filled: Path) -> None:
    ended = run("reembed", "--with", "other")
    assert (ended.status, ended.err) == (0, "")
    assert f"searches are by {SPACES['other']} now; `sensorium reembed --back` goes back" in ended.out
    assert "3 pieces made" in ended.out
    assert "no measure of quality" in ended.out
    assert active(filled) == [SPACES["other"]]


def test_it_goes_back(run, filled: Path) -> None:
    with sensorium.open(filled) as library:
        library.reembed("other")
    assert run("reembed", "--back").status == 0
    assert active(filled) == [SPACES["compact"]]


def test_the_old_vectors_are_erased_where_that_is_wanted(run, filled: Path) -> None:
    ended = run("reembed", "--with", "other", "--drop-old")
    assert ended.status == 0
    assert f"{SPACES['compact']} is erased" in ended.out
    assert run("reembed", "--drop", SPACES["other"]).status == 1


def test_a_space_is_dropped_by_its_id(run, filled: Path) -> None:
    with sensorium.open(filled) as library:
        library.reembed("other")
    ended = run("reembed", "--drop", SPACES["compact"])
    assert ended.status == 0
    assert ended.out.startswith(f"{SPACES['compact']} is erased, ")
    assert "no such space" in run("reembed", "--drop", SPACES["compact"]).err


def test_a_switch_that_is_refused_says_why_and_ends_with_1(run, filled: Path, files: Path, tmp_path: Path) -> None:
    moved = files.rename(tmp_path / "moved")
    try:
        ended = run("reembed", "--with", "other")
    finally:
        moved.rename(files)
    assert ended.status == 1
    assert "not switched: 2 of 3 pieces" in ended.out
    assert "`--force`" in ended.out
    assert f"left behind {files / 'red.png'}: 1 piece, its file is not there" in ended.err
    assert active(filled) == [SPACES["compact"]]


def test_judged_queries_are_told_with_both_figures(run, filled: Path, files: Path, tmp_path: Path) -> None:
    judged = tmp_path / "judged.tsv"
    judged.write_text(f"query\titem\nfox\t{files / 'note.txt'}\nsleeps\t{files / 'note.txt'}\n")
    ended = run("reembed", "--with", "other", "--judged", judged)
    assert ended.status == 0
    assert "1.000  1.000  +0.000 [+0.000, +0.000]  not worse" in ended.out


def test_without_an_encoder_nothing_is_switched(run, filled: Path) -> None:
    ended = run("reembed")
    assert ended.status == 0
    assert f"searches are by {SPACES['compact']}, as they were" in ended.out


def test_two_works_at_once_are_refused(run, filled: Path) -> None:
    ended = run("reembed", "--back", "--with", "other")
    assert ended.status == 1
    assert "one after the other" in ended.err


def test_info_lists_the_spaces_with_what_they_cover(run, filled: Path) -> None:
    with sensorium.open(filled) as library:
        library.reembed("other")
    told = run("info").out
    assert f"{SPACES['other']}, active: 3 of 3 pieces, made by other, 24 numbers a vector" in told
    assert f"{SPACES['compact']}, previous: 3 of 3 pieces, made by compact, 32 numbers a vector" in told
