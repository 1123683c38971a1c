"""What a person does with the installed command, from the first file to the last."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

RUST = "how do I keep rust off my iron pan"


def found(ended) -> list[str]:
    assert ended.returncode == 0, ended.stderr
    return [Path(hit["path"]).name for hit in json.loads(ended.stdout)["hits"]]


def test_adding_twice_is_adding_once(filled, album) -> None:
    assert filled("add", album).stdout.startswith("6 known, 1 refused in ")


def test_words_find_the_note_that_answers_them(filled) -> None:
    assert found(filled("search", RUST, "--json"))[0] == "seasoning-iron.md"


def test_an_answer_is_read_by_people_too(filled, album) -> None:
    first, second, *_ = filled("search", RUST).stdout.splitlines()
    assert first == RUST
    assert second.split()[2:4] == ["text", str(album / "seasoning-iron.md")]


def test_a_picture_finds_itself_wherever_it_lies(filled, album, tmp_path) -> None:
    shutil.copy(album / "owl.jpg", tmp_path / "question")
    ended = filled("search", "--image", tmp_path / "question", "--json")
    assert found(ended)[0] == "owl.jpg"
    assert json.loads(ended.stdout)["question"] == "question"


def test_words_and_a_picture_are_one_question(filled, album) -> None:
    ended = filled("search", "an owl", "--image", album / "owl.jpg", "--json")
    assert json.loads(ended.stdout)["question"] == "an owl + owl.jpg"
    assert found(ended)[0] == "owl.jpg"


def test_in_says_where_to_look(filled) -> None:
    assert {Path(name).suffix for name in found(filled("search", RUST, "--in", "image", "--json"))} == {".jpg"}


def test_not_lowers_what_is_like_it(filled, album) -> None:
    question = ("search", "food", "--in", "text", "--json")

    def score(ended) -> float:
        hits = json.loads(ended.stdout)["hits"]
        return next(hit["score"] for hit in hits if hit["path"].endswith("sunday-breakfast.md"))

    assert score(filled(*question, "--not", "pancakes with eggs and milk")) < score(filled(*question))


def test_a_sheet_holds_the_pictures_it_shows(filled, tmp_path) -> None:
    filled("search", "a kitten", "--sheet", tmp_path / "sheet.html")
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/') == 3


def test_an_item_is_shown_and_forgotten(filled, album) -> None:
    note = album / "seasoning-iron.md"
    assert "Looking after the black skillet" in filled("show", note).stdout
    assert filled("forget", note).stdout == "1 forgotten\n"
    assert filled("show", note).returncode == 1
    assert "seasoning-iron.md" not in found(filled("search", RUST, "--json"))


def test_a_refused_file_is_added_once_it_is_mended(shell, album, tmp_path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes((album / "broken.jpg").read_bytes())
    assert "1 refused" in shell("add", picture).stdout
    assert shell("refused").stdout.startswith(f"{picture}  damaged  ")
    shutil.copy(album / "owl.jpg", picture)
    assert shell("refused", "--retry").stdout.startswith("1 added in ")
    assert shell("refused").stdout == "no file was refused\n"


def test_info_tells_what_is_there(filled) -> None:
    lines = [tuple(line.split(maxsplit=1)) for line in filled("info").stdout.splitlines()]
    rows = dict(lines)
    assert set(rows["items"].split(", ")) == {"3 image", "3 text"}
    assert rows["refused"] == "1"
    assert any(name == "space" and fact.startswith("compact-") for name, fact in lines)


def test_a_harmed_index_is_found_and_mended(filled) -> None:
    [index] = (filled.library / "indexes").iterdir()
    index.write_bytes(b"GIF89a")
    assert "WRONG  index" in filled("doctor").stdout
    assert "mended  index" in filled("doctor", "--mend").stdout
    assert "well  index" in filled("doctor").stdout


def test_rebuild_changes_no_answer(filled) -> None:
    before = filled("search", RUST, "--json").stdout
    assert filled("rebuild").returncode == 0
    assert filled("search", RUST, "--json").stdout == before


@pytest.mark.parametrize("command", [["search", "x"], ["info"], ["doctor"], ["refused"]])
def test_without_a_library_a_command_says_how_to_make_one(shell, command) -> None:
    ended = shell(*command)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"error: {shell.library}: ")
    assert ended.stderr.count("\n") == 1
    assert "sensorium add" in ended.stderr


def test_a_reader_that_went_away_is_no_crash(filled) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with filled.running("search", RUST, stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, "")
