"""Pictures and captions are read whole, and split by picture."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.errors import BadInput
from sensorium.training.pairs import hold_out, read_pairs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "images" / name).touch()
    rows = ["image\tcaption", 'a.png\ta "black" dog', "b.png\ttwo cats", "a.png\ta dog , running ."]
    (tmp_path / "captions_train.tsv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_captions_of_a_picture_stand_together_and_quotes_are_text(folder: Path) -> None:
    pairs = read_pairs(folder, "train")
    assert [path.name for path in pairs.pictures] == ["a.png", "b.png"]
    assert pairs.captions == (('a "black" dog', "a dog , running ."), ("two cats",))


def test_each_caption_knows_its_picture(folder: Path) -> None:
    assert read_pairs(folder, "train").picture_of_caption == (0, 0, 1)


def test_taken_pictures_keep_their_captions(folder: Path) -> None:
    taken = read_pairs(folder, "train").take([1])
    assert (taken.pictures[0].name, taken.captions) == ("b.png", (("two cats",),))


def test_a_split_without_a_table_is_an_error(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"captions_test\.tsv"):
        read_pairs(folder, "test")


def test_a_missing_picture_is_an_error(folder: Path) -> None:
    (folder / "images" / "b.png").unlink()
    with pytest.raises(BadInput, match=r"b\.png: 1 pictures are missing"):
        read_pairs(folder, "train")


def test_a_table_with_other_columns_is_an_error(folder: Path) -> None:
    (folder / "captions_train.tsv").write_text("picture\ttext\na.png\ta dog\n")
    with pytest.raises(BadInput, match="column"):
        read_pairs(folder, "train")


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.integers(0, 5))
def test_holding_out_parts_all_pictures_the_same_way_each_time(sizes: tuple[int, int], seed: int) -> None:
    kept, held = hold_out(*sizes, seed)
    assert sorted(kept + held) == list(range(sizes[0]))
    assert len(held) == sizes[1]
    assert hold_out(*sizes, seed) == (kept, held)
