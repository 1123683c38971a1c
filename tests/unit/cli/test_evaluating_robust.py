"""`evaluate robust`, `evaluate bias` and `evaluate hubs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensorium.evaluation.bias import BIAS_SCHEMA
from sensorium.evaluation.hubness.report import HUBS_SCHEMA
from sensorium.evaluation.robustness.report import ROBUST_SCHEMA
from sensorium.testing.pictures import write_png


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two splits of two pictures each, with captions that tell the truth, as HashEncoder sees it."""
    folder = tmp_path / "pairs"
    (folder / "images").mkdir(parents=True)
    for split in ("dev", "train"):
        write_png(folder / "images" / f"{split}_a.png", (200, 20, 20))
        write_png(folder / "images" / f"{split}_b.png", (20, 200, 20))
        (folder / f"captions_{split}.tsv").write_text(f"image\tcaption\n{split}_a.png\tred\n{split}_b.png\tgreen\n")
    return folder


@pytest.fixture
def tables(tmp_path: Path, files: Path) -> tuple[Path, Path]:
    """What is asked of the library `filled`, and the groups of its items."""
    queries, groups = tmp_path / "queries.tsv", tmp_path / "groups.tsv"
    queries.write_text("query\nred\na fox\n")
    groups.write_text(
        f"item\tgroup\n{files / 'red.png'}\twarm\n{files / 'green.png'}\tcold\n{files / 'note.txt'}\twarm\n"
    )
    return queries, groups


def test_damage_is_reported_for_people(run, pictures) -> None:
    ended = run("evaluate", "robust", pictures, "--only", "jpeg", "--only", "typos")
    assert (ended.status, ended.err) == (0, "")
    assert [line.split()[0] for line in ended.out.splitlines() if line[:5] in {"jpeg ", "typos"}] == ["jpeg"] * 5 + [
        "typos"
    ] * 5


def test_damage_is_one_json_document(run, pictures) -> None:
    report = json.loads(run("evaluate", "robust", pictures, "--only", "crop", "--sample", "1", "--json").out)
    assert (report["schema"], report["gallery"]) == (ROBUST_SCHEMA, 1)


def test_an_unknown_damage_ends_with_the_names_there_are(run, pictures) -> None:
    ended = run("evaluate", "robust", pictures, "--only", "fog")
    assert ended.status == 1
    assert "choose from: occlusion" in ended.err


def test_curves_are_drawn_beside_the_answer(run, pictures, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    ended = run("evaluate", "robust", pictures, "--only", "blur", "--out", tmp_path / "curves", "--json")
    assert json.loads(ended.out)["schema"] == ROBUST_SCHEMA
    assert "robust.svg" in ended.err
    assert (tmp_path / "curves" / "robust.png").stat().st_size > 5_000


def test_hubs_are_reported_before_and_after_each_correction(run, pictures) -> None:
    ended = run("evaluate", "hubs", pictures, "--bank-split", "train")
    assert (ended.status, ended.err) == (0, "")
    assert all(
        f"\n{name}" in ended.out for name in ("as found", "inverted softmax", "CSLS", "query-bank normalisation")
    )


def test_hubs_are_one_json_document(run, pictures) -> None:
    report = json.loads(run("evaluate", "hubs", pictures, "--bank-split", "train", "--k", "1", "--json").out)
    assert (report["schema"], report["k"], report["bank_questions"]) == (HUBS_SCHEMA, 1, 2)


def test_a_bank_has_to_be_named_and_to_be_another_split(run, pictures) -> None:
    assert run("evaluate", "hubs", pictures).status == 2
    ended = run("evaluate", "hubs", pictures, "--bank-split", "dev")
    assert (ended.status, "the bank is the split that is measured" in ended.err) == (1, True)


def test_groups_of_a_library_are_audited(run, filled, tables) -> None:
    ended = run("evaluate", "bias", *tables, "--k", "2")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("2 queries over 3 labelled items, first 2")
    assert "group cold: 1 items, 33.3 %" in ended.out


def test_an_audit_is_one_json_document(run, filled, tables) -> None:
    report = json.loads(run("evaluate", "bias", *tables, "--k", "1", "--json").out)
    assert (report["schema"], [group["name"] for group in report["groups"]]) == (BIAS_SCHEMA, ["cold", "warm"])


def test_an_audit_sees_labelled_items_alone(run, filled, tables) -> None:
    queries, groups = tables
    groups.write_text("\n".join(groups.read_text().splitlines()[:3]) + "\n")
    report = json.loads(run("evaluate", "bias", queries, groups, "--k", "1", "--json").out)
    assert report["items"] == 2
    assert sum(group["items"] for group in report["groups"]) == 2


def test_an_item_that_is_not_there_is_named(run, filled, tables) -> None:
    queries, groups = tables
    groups.write_text("item\tgroup\ngone.png\twarm\n")
    ended = run("evaluate", "bias", queries, groups)
    assert (ended.status, "line 2: no item 'gone.png'" in ended.err) == (1, True)


def test_an_audit_without_a_library_says_so(run, tables) -> None:
    ended = run("evaluate", "bias", *tables)
    assert (ended.status, "no library" in ended.err) == (1, True)
