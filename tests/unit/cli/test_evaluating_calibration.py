"""`evaluate calibration`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.evaluation.calibration import CALIBRATION_SCHEMA
from sensorium.testing.pictures import write_png


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures with two captions each, as HashEncoder sees them."""
    folder = tmp_path / "pairs"
    (folder / "images").mkdir(parents=True)
    rows = ["image\tcaption"]
    for name, colour in {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}.items():
        write_png(folder / "images" / f"{name}.png", colour)
        rows += [f"{name}.png\t{name}", f"{name}.png\ta {name} thing"]
    (folder / "captions_dev.tsv").write_text("\n".join(rows) + "\n")
    return folder


def test_a_report_is_printed_for_people(run, pictures) -> None:
    ended = run("evaluate", "calibration", pictures)
    assert ended.status == 0
    assert all(line.endswith(" asked") for line in ended.err.splitlines())  # how far it is, on a slow machine
    assert ended.out.startswith("Split dev, space hash-1-")
    assert "text->image" in ended.out


def test_a_report_is_one_json_document(run, pictures) -> None:
    report = json.loads(run("evaluate", "calibration", pictures, "--json").out)
    assert report["schema"] == CALIBRATION_SCHEMA
    pairs = {pair["pair"]: pair for pair in report["pairs"]}
    assert pairs["text->image"]["recall@1"] == 1.0
    assert pairs["text->image"]["questions"] == 6
    assert pairs["image->text"]["pictures"] == 3


def test_report_and_diagram_are_written_where_they_are_wanted(run, pictures, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    ended = run("evaluate", "calibration", pictures, "--out", tmp_path / "out")
    assert ended.status == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "calibration.json",
        "reliability.svg",
        "reliability.png",
    }
    assert json.loads((tmp_path / "out" / "calibration.json").read_text())["split"] == "dev"


def test_a_look_that_can_not_be_taken_is_an_error(run, pictures) -> None:
    ended = run("evaluate", "calibration", pictures, "--hubness")
    assert (ended.status, ended.out) == (1, "")


def test_no_library_of_the_user_is_touched(run, pictures, tmp_path) -> None:
    run("evaluate", "calibration", pictures)
    assert not (tmp_path / "library").exists()
