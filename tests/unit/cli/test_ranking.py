"""`rank`: what it says of the ranker that there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.ranking.model import FILE, RankerModel, write
from sensorium.ranking.trees import Forest
from sensorium.testing.encoders import HashEncoder

REPORT = {
    "schema": "sensorium.ranker.report/1",
    "queries": {"train": 60, "dev": 20, "held-out": 20},
    "trees": 1,
    "made_by": "lightgbm 4.7.0",
    "installed": True,
    "importances": {"score": 1.0, "place": 3.0, "page": 0.0},
    "gains": [
        {"measure": "nDCG@10", "before": [0.5, 0.4, 0.6], "after": [0.6, 0.5, 0.7], "gain": [0.1, 0.05, 0.2]},
    ],
}


@pytest.fixture
def installed(filled, tmp_path: Path) -> Path:
    path = tmp_path / "library" / FILE
    forest = Forest.of([[[1.0]]], 3)
    features = ("score", "place", "page")
    space = HashEncoder().space.id
    write(
        path,
        RankerModel(
            features=features, forest=forest, depth=50, space=space, importances=(1.0, 3.0, 0.0), report=REPORT
        ),
    )
    return path


def test_the_ranker_is_shown_with_what_it_gained_and_what_it_goes_by(run, installed) -> None:
    ended = run("rank", "show")
    assert (ended.status, ended.err) == (0, "")
    assert "60 train, 20 dev, 20 held-out" in ended.out
    assert "+0.100 [+0.050, +0.200]" in ended.out
    assert ended.out.index("place") < ended.out.index("score  ")
    assert "page" not in ended.out


def test_the_ranker_is_told_as_json(run, installed) -> None:
    assert json.loads(run("rank", "show", "--json").out) == REPORT


def test_a_library_without_a_ranker_says_so(run, filled) -> None:
    ended = run("rank", "show")
    assert (ended.status, ended.out) == (1, "")
    assert "no learned ranker" in ended.err


def test_a_ranker_is_removed(run, installed) -> None:
    assert run("rank", "remove").out == "removed\n"
    assert not installed.exists()
    assert run("rank", "remove").out == "there was none\n"


def test_training_says_what_is_wrong_with_its_table(run, filled, tmp_path) -> None:
    (tmp_path / "judged.tsv").write_text("query\titem\tgrade\nred\tnowhere\t3\n")
    ended = run("rank", "train", tmp_path / "judged.tsv")
    assert ended.status == 1
    assert "nowhere" in ended.err


def test_a_feature_that_is_none_is_told(run, filled, tmp_path) -> None:
    (tmp_path / "judged.tsv").write_text("query\titem\tgrade\n")
    ended = run("rank", "train", tmp_path / "judged.tsv", "--features", "score,colour")
    assert "colour: there is no such feature" in ended.err
