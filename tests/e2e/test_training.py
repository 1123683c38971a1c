"""An encoder of one's own by the installed command, over the built-in one: from a table of pictures to a search."""

import json
from pathlib import Path

import pytest

PICTURES = Path(__file__).resolve().parents[2] / "demo" / "media" / "pictures"
ENOUGH = 24


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the demo pictures, each with its file's name as words."""
    pictures = sorted(PICTURES.rglob("*.jpg"))[:ENOUGH]
    folder = tmp_path_factory.mktemp("pairs")
    rows = ["image\ttext\tclass"]
    for number, picture in enumerate(pictures):
        (folder / f"{number}.jpg").write_bytes(picture.read_bytes())
        rows.append(f"{number}.jpg\t{picture.stem.replace('-', ' ')}\t{picture.parent.name}")
    rows.append("missing.jpg\tnothing\tnone")
    (folder / "pairs.tsv").write_text("\n".join(rows) + "\n")
    return folder


def test_a_table_makes_an_encoder_that_answers_from_a_library_as_it_stands(filled, pairs, tmp_path) -> None:
    made = filled("train", "--pairs", pairs / "pairs.tsv", "--out", tmp_path / "mine", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["curated"]["skipped"]["count"] == 1
    assert sum(told["parts"].values()) == told["curated"]["pairs"] == ENOUGH
    found = filled("search", "two dogs at the door", "--in", "image", "--json", ENCODER=f"adapted:{tmp_path / 'mine'}")
    assert found.returncode == 0, found.stderr
    assert Path(json.loads(found.stdout)["hits"][0]["path"]).name == "two-dogs-at-the-door.jpg"
    checked = filled("doctor", ENCODER=f"adapted:{tmp_path / 'mine'}")
    assert checked.returncode == 0, checked.stdout
    knowing = filled("train", "--affected-by", pairs / "0.jpg", "--in", tmp_path)
    assert knowing.stdout.strip() == str(tmp_path / "mine")
