"""`evaluate pairs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.evaluation.pairs import PAIRS_SCHEMA
from sensorium.testing.pictures import write_png


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures with captions that tell the truth, as HashEncoder sees it."""
    folder = tmp_path / "pairs"
    (folder / "images").mkdir(parents=True)
    write_png(folder / "images" / "a.png", (200, 20, 20))
    write_png(folder / "images" / "b.png", (20, 200, 20))
    (folder / "captions_dev.tsv").write_text("image\tcaption\na.png\tred\nb.png\tgreen\n")
    return folder


def test_a_report_is_printed_for_people(run, pictures) -> None:
    ended = run("evaluate", "pairs", pictures)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Split dev, space hash-1-")


def test_a_report_is_one_json_document(run, pictures) -> None:
    report = json.loads(run("evaluate", "pairs", pictures, "--json").out)
    assert report["schema"] == PAIRS_SCHEMA
    assert [direction["recall@1"] for direction in report["directions"]] == [1.0, 1.0]


def test_no_library_of_the_user_is_touched(run, pictures, tmp_path) -> None:
    run("evaluate", "pairs", pictures)
    assert not (tmp_path / "library").exists()


def test_a_split_that_is_not_there_is_named(run, pictures) -> None:
    ended = run("evaluate", "pairs", pictures, "--split", "test")
    assert ended.status == 1
    assert "captions_test.tsv" in ended.err
