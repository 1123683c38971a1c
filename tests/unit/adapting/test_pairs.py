"""Tables of pairs and catalogues."""

from pathlib import Path

import pytest

from sensorium.adapting import pairs as reading
from sensorium.adapting.pairs import Columns, read_catalogue, read_pairs
from sensorium.core.errors import BadInput
from sensorium.core.settings import Settings

CATALOGUE = "id,name,photo,colour,kind\n7,Tea pot,a.png|b.png,red,pots\n8,Cup,c.png,,cups\n9,Spoon,,grey,\n"


def no_parquet(descriptor: int, settings: Settings) -> str:
    raise AssertionError("it is no Parquet")


def written(folder: Path, text: str, name: str = "pairs.tsv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_row_is_a_picture_and_a_text(tmp_path: Path) -> None:
    file = read_pairs(written(tmp_path, "image\ttext\tclass\na.png\ta  red  dog \tdogs\n"), Settings())
    (pair,) = file.pairs
    assert (pair.picture, pair.text, pair.kind, pair.place) == ("a.png", "a red dog", "dogs", "line 2")
    assert file.folder == tmp_path.resolve()


def test_columns_may_stand_in_any_order_and_beside_others(tmp_path: Path) -> None:
    file = read_pairs(written(tmp_path, "note\ttext\timage\nx\ta dog\ta.png\n"), Settings())
    assert (file.pairs[0].picture, file.pairs[0].text) == ("a.png", "a dog")


def test_what_says_no_pair_is_skipped_with_a_line(tmp_path: Path) -> None:
    text = "image\ttext\n\ta dog\nb.png\t \nc.png\ta\tb\nd.png\t" + "x" * 5_000 + "\ne.png\ta cat\n"
    file = read_pairs(written(tmp_path, text), Settings())
    assert [pair.picture for pair in file.pairs] == ["e.png"]
    assert file.skipped == (
        "line 2: it has no image",
        "line 3: it has no text",
        "line 4: it has more fields than the header",
        "line 5: its text has 5,000 characters, 4,096 are allowed",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [("picture\ttext\n", "lacks a column: image"), ("", "lacks a column: image, text"), ("image,text\n", "lacks")],
    ids=["another", "nothing", "commas"],
)
def test_a_table_of_other_columns_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read_pairs(written(tmp_path, text), Settings())


def test_a_table_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="bytes"):
        read_pairs(written(tmp_path, "image\ttext\na.png\ta dog\n"), Settings(text_bytes=20))


def test_too_many_pairs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_PAIRS", 2)
    with pytest.raises(BadInput, match="more than 2 pairs"):
        read_pairs(written(tmp_path, "image\ttext\n" + "a.png\ta dog\n" * 3), Settings())


def test_what_is_no_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(b"image\ttext\na.png\t\xff\xfe\n")
    with pytest.raises(BadInput, match="no UTF-8"):
        read_pairs(tmp_path / "pairs.tsv", Settings())


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_pairs(tmp_path / "pairs.tsv", Settings())


def test_a_row_of_a_catalogue_pairs_its_photos_with_its_title_and_its_attributes(tmp_path: Path) -> None:
    columns = Columns(images=("photo",), title="name", texts=("colour", "kind"), kind="kind", key="id", name="shop")
    file = read_catalogue(written(tmp_path, CATALOGUE, "shop.csv"), columns, Settings(), no_parquet)
    assert [(pair.picture, pair.text) for pair in file.pairs] == [
        ("a.png", "Tea pot"),
        ("a.png", "red, pots"),
        ("b.png", "Tea pot"),
        ("b.png", "red, pots"),
        ("c.png", "Cup"),
        ("c.png", "cups"),
    ]
    assert {pair.source for pair in file.pairs} == {"catalogue:shop/7", "catalogue:shop/8"}
    assert {pair.kind for pair in file.pairs} == {"pots", "cups"}
    assert file.skipped == ("row 3: it has no picture, or no words",)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    columns = Columns(images=("photo",), title="label")
    with pytest.raises(BadInput, match="no column is titled 'label'"):
        read_catalogue(written(tmp_path, CATALOGUE, "shop.csv"), columns, Settings(), no_parquet)
