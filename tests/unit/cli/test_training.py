"""`train`: what it says, what it writes, and how it ends."""

import json

import numpy as np
import pytest

from sensorium import plugins
from sensorium.adapting import learn as learning
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

WORDS = ("crimson", "navy", "lime")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A table of forty-five pairs; the base is a stand-in, and so is how long it learns."""
    monkeypatch.setattr(plugins, "load_encoder", lambda setting, threads=0: HashEncoder())
    folder = tmp_path / "shop"
    folder.mkdir()
    rows = ["image\ttext\tclass"]
    for number in range(45):
        colour = [10, 10, 10]
        colour[(0, 2, 1)[number % 3]] = 100 + 3 * number
        write_png(folder / f"{number}.png", tuple(colour))
        rows.append(f"{number}.png\t{WORDS[number % 3]} thing {number}\t{WORDS[number % 3]}")
    (folder / "pairs.tsv").write_text("\n".join(rows) + "\n")
    return folder


def test_pairs_make_an_encoder(run, shop, tmp_path) -> None:
    ended = run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine")
    assert ended.status == 0, ended.err
    assert "45" not in ended.err
    assert f"use it by SENSORIUM_ENCODER=adapted:{tmp_path / 'mine'}" in ended.err
    assert "pairs kept out, text -> image: RR" in ended.out
    assert (tmp_path / "mine" / "card.md").is_file()


def test_the_report_is_a_document_too(run, shop, tmp_path) -> None:
    told = json.loads(run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine", "--json").out)
    assert told["schema"] == "sensorium.training/1"
    assert told["curated"]["classes"] == {"crimson": 15, "navy": 15, "lime": 15}
    assert (told["refusal"], told["whole"]) == ("", True)


def test_what_can_not_be_used_is_told_line_by_line(run, shop, tmp_path) -> None:
    with (shop / "pairs.tsv").open("a") as table:
        table.write("missing.png\ta\tb\n../../etc/passwd\ta\tb\n0.png\tcrimson thing 0\tcrimson\n")
    ended = run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine")
    assert "left out: line 47: missing.png: there is no such file" in ended.err
    assert "left out: line 48: ../../etc/passwd: it lies outside of the folder of pictures" in ended.err
    assert "duplicate: line 49: 0.png: the same picture and text as line 2" in ended.err


def test_a_catalogue_is_taken_by_its_columns(run, shop, tmp_path) -> None:
    words = ("train", "--pairs", shop / "pairs.tsv", "--image", "image", "--title", "text", "--class", "class")
    ended = run(*words, "--key", "image", "--name", "shop", "--out", tmp_path / "mine", "--json")
    assert sum(json.loads(ended.out)["parts"].values()) == 45


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--pairs", "p.tsv"),
        ("--pairs", "p.tsv", "--out", "o", "--title", "t"),
        ("--pairs", "p", "--out", "o", "--key", "k"),
    ],
    ids=["nothing", "no folder", "no image", "no catalogue"],
)
def test_what_is_not_said_is_asked_for(run, words) -> None:
    assert run("train", *words).status == 1


def test_what_is_refused_ends_with_1_and_writes_nothing(run, shop, tmp_path, monkeypatch) -> None:
    from sensorium.adapting import train as module

    monkeypatch.setattr(module, "refusal", lambda verdicts: "it is worse on everything")
    ended = run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine")
    assert ended.status == 1
    assert "not promoted: it is worse on everything; nothing was written" in ended.err
    assert not (tmp_path / "mine").exists()


def test_how_it_learned_is_drawn(run, shop, tmp_path) -> None:
    run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine", "--plot", tmp_path / "plots")
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"learning.svg", "learning.png"}


def test_which_encoders_knew_an_item_is_told(run, shop, tmp_path) -> None:
    run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine")
    write_png(tmp_path / "other.png", (1, 2, 3))
    run("add", tmp_path / "other.png")
    known = run("train", "--affected-by", shop / "3.png", "--in", tmp_path)
    assert known.out.strip() == str(tmp_path / "mine")
    other = run("train", "--affected-by", tmp_path / "other.png", "--in", tmp_path)
    assert (other.out, "no adapted encoder there learned of it" in other.err) == ("", True)


def test_forgetting_an_item_tells_that_the_encoder_in_use_knew_it(run, shop, tmp_path, monkeypatch) -> None:
    run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine")
    run("add", shop / "3.png", shop / "4.png")
    monkeypatch.setenv("SENSORIUM_ENCODER", f"adapted:{tmp_path / 'mine'}")
    ended = run("forget", shop / "3.png", "--yes")
    assert "adapted encoders learned of it: mine" in ended.err


def test_the_recipe_that_is_named_is_the_one_that_is_learned_by(run, shop, tmp_path) -> None:
    words = ("--kind", "mlp", "--side", "both", "--seed", "4", "--json")
    told = json.loads(run("train", "--pairs", shop / "pairs.tsv", "--out", tmp_path / "mine", *words).out)["recipe"]
    assert (told["kind"], told["side"], told["seed"]) == ("mlp", "both", 4)
    assert told["rate"] == learning.Recipe().rate
    assert np.isfinite(told["ridge"])
