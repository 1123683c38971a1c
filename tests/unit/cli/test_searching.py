"""`search`: its question, and its answer as lines, table, JSON and page."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest

from sensorium.testing.pictures import write_png


def found(ended) -> list[str]:
    return [Path(hit["path"]).name for hit in json.loads(ended.out)["hits"]]


def test_an_answer_is_a_line_for_each_hit_below_its_question(run, filled, files) -> None:
    ended = run("search", "red")
    first, *lines = ended.out.splitlines()
    assert (ended.status, ended.err, first) == (0, "", "red")
    assert sum(str(files) in line for line in lines) == 3
    assert "\x1b" not in ended.out


def test_a_person_gets_a_table_within_the_terminal(run, filled, terminal, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    seen = terminal("stdout")
    run("search", "red")
    assert "\x1b[" in seen.getvalue()
    assert "note.txt" in seen.getvalue()


def test_no_color_takes_the_colours_out(run, filled, terminal, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    seen = terminal("stdout")
    run("search", "red")
    assert "red" in seen.getvalue()
    assert "\x1b[36m" not in seen.getvalue()


def test_a_dumb_terminal_gets_plain_lines(run, filled, terminal, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    seen = terminal("stdout")
    run("search", "red")
    assert "note.txt" in seen.getvalue()
    assert "\x1b" not in seen.getvalue()


@pytest.mark.parametrize("more", [[], ["--trace"], ["--sheet", "sheet.html"], ["--in", "audio"]])
def test_json_is_one_document_and_nothing_else_on_stdout(run, filled, more, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("search", "red", "--json", *more)
    assert json.loads(ended.out)["question"] == "red"
    assert ended.out.isascii()


def test_json_stays_plain_at_a_terminal(run, filled, terminal) -> None:
    seen = terminal("stdout")
    run("search", "red", "--json")
    assert json.loads(seen.getvalue())["hits"]


@pytest.mark.parametrize(("sense", "names"), [("text", {"note.txt"}), ("image", {"red.png", "green.png"})])
def test_in_says_where_to_look(run, filled, sense, names) -> None:
    assert set(found(run("search", "red", "--in", sense, "--json"))) == names


def test_in_may_be_repeated(run, filled) -> None:
    assert len(found(run("search", "red", "--in", "text", "--in", "image", "--json"))) == 3


def test_an_unknown_sense_is_a_wrong_command_line(run, filled) -> None:
    ended = run("search", "red", "--in", "smell")
    assert (ended.status, ended.out) == (2, "")
    assert "smell" in ended.err


def test_k_says_how_many(run, filled) -> None:
    assert len(found(run("search", "red", "--k", "2", "--json"))) == 2


def test_no_hits_at_all_can_not_be_asked_for(run, filled) -> None:
    assert run("search", "red", "--k", "0").status == 2


def test_pieces_of_one_item_come_as_often_as_is_said(run, tmp_path) -> None:
    (tmp_path / "long.txt").write_text("two dogs in the snow. " * 200)
    run("add", tmp_path / "long.txt")
    assert len(found(run("search", "dogs", "--json"))) == 1
    assert len(found(run("search", "dogs", "--per-item", "2", "--json"))) == 2


def test_not_pushes_down_what_is_like_it(run, filled) -> None:
    assert found(run("search", "red", "--in", "image", "--json"))[0] == "red.png"
    assert found(run("search", "sleeps", "--not", "red", "--in", "image", "--json"))[0] == "green.png"


def test_a_picture_finds_its_like(run, filled, tmp_path) -> None:
    write_png(tmp_path / "question.png", (20, 200, 20))
    assert found(run("search", "--image", tmp_path / "question.png", "--json"))[0] == "green.png"


def test_words_and_a_picture_are_one_question(run, filled, files) -> None:
    ended = run("search", "red", "--image", files / "green.png", "--image-weight", "0.5", "--json")
    assert json.loads(ended.out)["question"] == "red + green.png"


def test_a_weight_decides_which_part_wins(run, filled, files) -> None:
    question = ("search", "red", "--image", files / "green.png", "--in", "image", "--json")
    assert found(run(*question, "--image-weight", "0.01"))[0] == "red.png"
    assert found(run(*question, "--text-weight", "0.01"))[0] == "green.png"


def test_a_picture_that_is_not_there_is_named(run, filled, tmp_path) -> None:
    ended = run("search", "--image", tmp_path / "none.png")
    assert ended.status == 1
    assert "none.png" in ended.err


def test_a_file_that_is_no_picture_is_named(run, filled, files) -> None:
    ended = run("search", "--image", files / "note.txt")
    assert ended.status == 1
    assert ended.err.startswith(f"error: {files / 'note.txt'}: ")


def test_a_picture_that_can_not_be_read_is_named(run, filled, tmp_path) -> None:
    (tmp_path / "empty.png").touch()
    assert run("search", "--image", tmp_path / "empty.png").err.startswith(f"error: {tmp_path / 'empty.png'}: ")


def test_a_question_without_words_and_picture_says_what_to_give(run, filled) -> None:
    ended = run("search")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "error: nothing says what to look for; give words, or a file by --like FILE\n"


def test_an_empty_library_says_that_it_is(run, tmp_path) -> None:
    (tmp_path / "nothing").mkdir()
    run("add", tmp_path / "nothing")
    ended = run("search", "red")
    assert (ended.status, ended.out) == (0, "red\nNothing found.\n")
    assert ended.err == f"the library {tmp_path / 'library'} is empty; run `sensorium add PATH`\n"


def test_an_answer_that_is_empty_because_of_in_says_so(run, filled) -> None:
    assert "without --in" in run("search", "red", "--in", "audio").err


def test_a_library_that_is_not_there_is_not_made(run, tmp_path) -> None:
    ended = run("search", "red")
    assert ended.status == 1
    assert "sensorium add" in ended.err
    assert not (tmp_path / "library").exists()


def test_trace_says_what_each_part_counts_and_what_each_stage_did(run, filled) -> None:
    assert [line.split()[0] for line in run("search", "red", "--trace").err.splitlines()] == [
        "part",
        "plan",
        "recall",
        "present",
    ]


@pytest.mark.parametrize("look", ["--hubness", "--rerank"])
def test_a_look_that_can_not_be_taken_is_an_error(run, filled, look) -> None:
    ended = run("search", "red", look)
    assert (ended.status, ended.out) == (1, "")
    assert "here" in ended.err


@pytest.mark.parametrize("look", ["--no-hubness", "--no-rerank"])
def test_a_look_can_be_left_out(run, filled, look) -> None:
    assert run("search", "red", look).status == 0


def test_a_sheet_is_written_where_it_is_wanted(run, filled, tmp_path) -> None:
    ended = run("search", "red", "--sheet", tmp_path / "sheet.html")
    assert ended.err == f"contact sheet: {tmp_path / 'sheet.html'}\n"
    assert "note.txt" in (tmp_path / "sheet.html").read_text()


def test_a_sheet_that_can_not_be_written_fails_after_the_answer(run, filled, tmp_path) -> None:
    ended = run("search", "red", "--sheet", tmp_path / "none" / "sheet.html")
    assert ended.status == 1
    assert ended.out.startswith("red\n")
    assert "--sheet FILE" in ended.err


def test_open_shows_the_page_in_the_browser(run, filled, tmp_path, monkeypatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: shown.append(address) or True)
    run("search", "red", "--open", "--sheet", tmp_path / "sheet.html")
    assert shown == [(tmp_path / "sheet.html").as_uri()]


def test_a_page_without_a_browser_is_named(run, filled, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = run("search", "red", "--open")
    assert ended.err.startswith(f"no browser opened; the contact sheet is {tmp_path}/sensorium-")


def test_a_filter_says_what_must_hold(run, filled) -> None:
    found = run("search", "red", "--where", "kind = image and file starts with red").out
    assert "red.png" in found
    assert "note.txt" not in found
    assert "green.png" not in found


def test_a_filter_that_leaves_nothing_says_where_to_look(run, filled) -> None:
    assert "without --in, --aspect and --where" in run("search", "red", "--where", "size < 1").err


def test_a_filter_that_can_not_be_read_is_an_error_with_its_column(run, filled) -> None:
    ended = run("search", "red", "--where", "size <")
    assert (ended.status, ended.out) == (1, "")
    assert "at column 7: it ends too early" in ended.err


def test_trace_shows_the_parts_of_a_question_with_their_weights(run, filled, files) -> None:
    ended = run("search", "red", "--image", files / "red.png", "--image-weight", "3", "--trace")
    parts = [" ".join(line.split()[1:]) for line in ended.err.splitlines() if line.startswith("part ")]
    assert parts == ["1.00 = 25% text: red", "3.00 = 75% image: red.png"]


def test_explain_says_of_each_hit_why_it_is_one(run, filled) -> None:
    lines = run("search", "red", "--explain").out.splitlines()
    assert sum(line.strip().startswith("- It looks like your words:") for line in lines) == 2
    assert any(line.strip().startswith("score ") for line in lines)


def test_explanations_are_a_part_of_the_json_where_they_are_asked_for(run, filled) -> None:
    told = [hit["explanation"] for hit in json.loads(run("search", "red", "--explain", "--json").out)["hits"]]
    assert [set(one) for one in told] == [{"words", "numbers", "terms", "region"}] * 3
    assert not any("explanation" in hit for hit in json.loads(run("search", "red", "--json").out)["hits"])
