"""The file of a learned ranker: read as if somebody else had written it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sensorium.core.errors import ModelDamaged, WriteFailed
from sensorium.ranking.model import MOST_BYTES, RankerModel, digest, read, write
from sensorium.ranking.trees import Forest

TREES = [[[0, 2.5, 0, 1, 1, 2], [1.0], [-1.0]]]


def model(**changed: Any) -> RankerModel:
    said: dict[str, Any] = {
        "features": ("place",),
        "forest": Forest.of(TREES, 1),
        "depth": 50,
        "space": "a",
        "importances": (1.5,),
        "report": {"trees": 1},
    }
    return RankerModel(**{**said, **changed})


def changed(**fields: Any) -> dict[str, Any]:
    """The JSON of a model with other fields, and the digest that these have."""
    said = {**model().as_json(), **fields}
    said.pop("sha256")
    return {**said, "sha256": digest(said)}


def test_a_model_that_was_written_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "ranker.json", model())
    found = read(tmp_path / "ranker.json")
    assert found is not None
    assert found.as_json() == model().as_json()
    assert [entry.name for entry in tmp_path.iterdir()] == ["ranker.json"]


def test_where_there_is_no_file_there_is_no_model(tmp_path: Path) -> None:
    assert read(tmp_path / "ranker.json") is None


def test_a_file_that_was_changed_by_one_letter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ranker.json"
    write(path, model())
    path.write_text(path.read_text().replace("2.5", "2.6"))
    with pytest.raises(ModelDamaged, match="sha256"):
        read(path)


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": "sensorium.ranker/2"}, {"features": ["colour"]}, {"features": "place"}, {"features": []},
        {"features": ["place", "place"]}, {"depth": 0}, {"depth": True}, {"depth": 10**6}, {"space": None},
        {"report": []}, {"importances": []}, {"importances": ["a"]}, {"trees": []}, {"trees": [[[7, 0, 0, 1, 1, 2]]]},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_that_is_not_what_it_has_to_be_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    path = tmp_path / "ranker.json"
    path.write_text(json.dumps(changed(**fields)))
    with pytest.raises(ModelDamaged, match=r"ranker\.json"):
        read(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "7", "[" * 100_000, '{"sha256": 1}'], ids=lambda text: text[:9])
def test_what_is_no_model_at_all_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ranker.json"
    path.write_text(text)
    with pytest.raises(ModelDamaged):
        read(path)


def test_a_file_that_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "ranker.json"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ModelDamaged, match="bytes"):
        read(path)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "ranker.json").mkdir()
    with pytest.raises(ModelDamaged):
        read(tmp_path / "ranker.json")


def test_a_file_that_can_not_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ranker.json" / "full").mkdir(parents=True)
    with pytest.raises(WriteFailed):
        write(tmp_path / "ranker.json", model())
    assert [entry.name for entry in tmp_path.iterdir()] == ["ranker.json"]
