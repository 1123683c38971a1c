"""`evaluate suite`, `evaluate compare` and `evaluate system`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.testing.pictures import write_png


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Two pictures with captions that tell the truth, as HashEncoder sees it."""
    folder = tmp_path / "suite"
    folder.mkdir()
    write_png(folder / "a.png", (200, 20, 20))
    write_png(folder / "b.png", (20, 200, 20))
    (folder / "t.tsv").write_text("image\tcaption\na.png\tred\nb.png\tgreen\n")
    (folder / "two.toml").write_text('name = "Two colours"\nkind = "pairs"\ntable = "t.tsv"\n')
    return folder / "two.toml"


def test_a_suite_is_reported_for_people(run, suite) -> None:
    ended = run("evaluate", "suite", suite)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Suite Two colours (pairs), ")
    assert "  Success@1    1.000 [1.000, 1.000]" in ended.out
    assert "R@k: share of the right answers that are among the first k" in ended.out


def test_a_suite_is_one_json_document(run, suite) -> None:
    report = json.loads(run("evaluate", "suite", suite, "--json").out)
    assert [task["task"] for task in report["tasks"]] == ["text -> image", "image -> text"]
    assert "per_query" not in report


def test_reports_runs_and_judgments_are_written_where_they_are_wanted(run, suite, tmp_path) -> None:
    ended = run("evaluate", "suite", suite, "--out", tmp_path / "out", "--run-file")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "two-colours.image-text.qrels",
        "two-colours.image-text.run",
        "two-colours.json",
        "two-colours.text-image.qrels",
        "two-colours.text-image.run",
    ]
    assert ended.err.count("written: ") == 5


def test_run_files_need_a_folder(run, suite) -> None:
    ended = run("evaluate", "suite", suite, "--run-file")
    assert ended.status == 1
    assert "name a folder by --out DIR" in ended.err


def test_a_mistake_in_a_suite_is_one_line(run, suite) -> None:
    suite.write_text('kind = "pairs"\n')
    ended = run("evaluate", "suite", suite)
    assert ended.status == 1
    assert "`table` is missing" in ended.err


def test_two_reports_are_compared_and_drawn(run, suite, tmp_path) -> None:
    run("evaluate", "suite", suite, "--out", tmp_path / "out")
    report = tmp_path / "out" / "two-colours.json"
    ended = run("evaluate", "compare", report, report, "--out", tmp_path / "plots")
    assert ended.status == 0
    assert "text -> image: 2 queries in 2 clusters" in ended.out
    assert "+0.000 [+0.000, +0.000]  1.000  not clear" in ended.out
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["comparison.png", "comparison.svg"]


def test_a_comparison_is_one_json_document(run, suite, tmp_path) -> None:
    run("evaluate", "suite", suite, "--out", tmp_path / "out")
    report = tmp_path / "out" / "two-colours.json"
    assert not any(
        row["clear"] for row in json.loads(run("evaluate", "compare", report, report, "--json").out)["differences"]
    )


def test_a_file_that_is_no_report_is_refused(run, suite) -> None:
    ended = run("evaluate", "compare", suite, suite)
    assert ended.status == 1
    assert "it is no saved report" in ended.err


def test_a_system_is_reported_for_people(run, suite, tmp_path) -> None:
    ended = run("evaluate", "system", suite)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Suite Two colours, text -> image, ")
    assert "2 queries in 2 clusters; gallery 2, 2 pieces; 10 hits" in ended.out
    assert "exact" in ended.out
    assert "not measured: " in ended.out
    assert not (tmp_path / "library").exists()


def test_a_system_is_one_json_document_of_the_queries_that_were_drawn(run, suite) -> None:
    words = ("--task", "image -> text", "--queries", "1", "--json")
    report = json.loads(run("evaluate", "system", suite, *words).out)
    assert (report["task"], report["queries"], report["asked_of"]) == ("image -> text", 1, 2)
