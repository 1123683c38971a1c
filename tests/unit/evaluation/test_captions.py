"""Reading a folder of captioned pictures."""

from pathlib import Path

import pytest

from sensorium.core.errors import BadInput
from sensorium.evaluation.captions import read_captions
from sensorium.evaluation.tasks import Suite


def lay(folder: Path, table: str | bytes, pictures: tuple[str, ...] = ("a.jpg", "b.jpg")) -> Path:
    (folder / "images").mkdir()
    for name in pictures:
        (folder / "images" / name).write_bytes(b"x")
    (folder / "captions_dev.tsv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return folder


def texts(pairs: Suite) -> list[str | None]:
    return [caption.text for caption in pairs.tasks[0].queries]


def test_a_picture_with_several_captions_is_listed_once(tmp_path: Path) -> None:
    pairs = read_captions(lay(tmp_path, "image\tcaption\nb.jpg\ttwo\na.jpg\tone\nb.jpg\tagain\n"), "dev")
    words, pictures = pairs.tasks
    assert [picture.id for picture in words.gallery] == ["b.jpg", "a.jpg"]
    assert texts(pairs) == ["two", "again", "one"]
    assert words.grades == ({"b.jpg": 1}, {"b.jpg": 1}, {"a.jpg": 1})
    assert pictures.grades == ({"b.jpg#0": 1, "b.jpg#1": 1}, {"a.jpg#0": 1})


def test_quotation_marks_are_part_of_a_caption(tmp_path: Path) -> None:
    pairs = read_captions(lay(tmp_path, 'image\tcaption\na.jpg\t"stop" says\nb.jpg\tthe 6" sign\n'), "dev")
    assert texts(pairs) == ['"stop" says', 'the 6" sign']


def test_further_columns_are_left_alone(tmp_path: Path) -> None:
    pairs = read_captions(lay(tmp_path, "split\tcaption\timage\ndev\tone\ta.jpg\n"), "dev")
    assert texts(pairs) == ["one"]


def test_a_split_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no captions_test.tsv.*there: dev"):
        read_captions(lay(tmp_path, "image\tcaption\na.jpg\tone\n"), "test")


@pytest.mark.parametrize("split", ["../dev", "/dev", ""])
def test_a_split_is_a_name_and_not_a_path(tmp_path: Path, split: str) -> None:
    lay(tmp_path, "image\tcaption\na.jpg\tone\n")
    with pytest.raises(BadInput, match="name a split"):
        read_captions(tmp_path / "images", split)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("image\ttext\na.jpg\tone\n", "lacks a column"),
        ("", "lacks a column"),
        ("image\tcaption\n", "no row"),
        ("image\tcaption\na.jpg\t \n", "line 2: the caption is empty"),
        ("image\tcaption\na.jpg\n", "line 2: the caption is empty"),
        ("image\tcaption\na.jpg\tone\n../a.jpg\ttwo\n", "line 3: '../a.jpg' is no name"),
        ("image\tcaption\n/etc/passwd\tone\n", "is no name"),
        ("image\tcaption\nc.jpg\tone\n", "line 2: the file c.jpg is missing"),
        (b"image\tcaption\na.jpg\t\xff\n", "can not be read"),
    ],
)
def test_a_table_that_can_not_be_used_is_refused_with_the_reason(tmp_path: Path, table: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_captions(lay(tmp_path, table), "dev")
