"""Model files are used only when they are the ones that the manifest names."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders.compact import WEIGHTS, CompactEncoder
from sensorium.encoders.golden import read_golden
from sensorium.encoders.manifest import read_manifest

MODALITIES = {
    "text.onnx": Modality.TEXT,
    "tokenizer.json": Modality.TEXT,
    "golden_text.npz": Modality.TEXT,
    "image.onnx": Modality.IMAGE,
    "golden_image.npz": Modality.IMAGE,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def encode_one(encoder: CompactEncoder, modality: Modality) -> None:
    wanted = encoder.image_input
    assert wanted is not None
    content = "a" if modality is Modality.TEXT else np.zeros((wanted.height, wanted.width, 3), np.uint8)
    encoder.encode(modality, [content], "query")


@pytest.mark.parametrize("name", MODALITIES)
def test_a_file_with_one_changed_byte_is_not_used(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelDamaged, match=name):
        encode_one(CompactEncoder.load(folder=folder), MODALITIES[name])


@pytest.mark.parametrize("name", MODALITIES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelDamaged, match=name):
        encode_one(CompactEncoder.load(folder=folder), MODALITIES[name])


def test_texts_need_nothing_of_the_picture_tower(folder: Path) -> None:
    (folder / "image.onnx").unlink()
    encode_one(CompactEncoder.load(folder=folder), Modality.TEXT)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"name": "compact"}'])
def test_a_manifest_that_is_none_is_an_error(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelDamaged):
        read_manifest(folder)


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"manifest\.json"):
        CompactEncoder.load(folder=tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("files", "text.onnx"), "00" * 32),
        (("files", "image.onnx"), "00" * 32),
        (("files", "tokenizer.json"), "00" * 32),
        (("preprocessing", "text", "max_tokens"), 128),
        (("preprocessing", "image", "side"), 260),
    ],
)
def test_another_model_or_preprocessing_is_another_space(folder: Path, path: tuple[str, ...], value: object) -> None:
    before = read_manifest(folder).space.id
    change(folder, path, value)
    assert read_manifest(folder).space.id != before


def test_a_new_calibration_is_the_same_space(folder: Path) -> None:
    before = read_manifest(folder).space.id
    change(folder, ("calibrations", "text->image", "slope"), 9.0)
    assert read_manifest(folder).space.id == before


def change(folder: Path, path: tuple[str, ...], value: object) -> None:
    values = json.loads((folder / "manifest.json").read_text())
    *parents, last = path
    node = values
    for parent in parents:
        node = node[parent]
    node[last] = value
    (folder / "manifest.json").write_text(json.dumps(values))


def test_modalities_that_are_not_compared_are_an_error() -> None:
    with pytest.raises(BadInput, match="video"):
        CompactEncoder.load().calibration(Modality.VIDEO, Modality.IMAGE)


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04"])
def test_golden_vectors_that_can_not_be_read_are_an_error(data: bytes) -> None:
    with pytest.raises(ModelDamaged, match="golden"):
        read_golden(data, "golden")


def test_golden_vectors_with_pickled_objects_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "golden.npz"
    np.savez(path, contents=np.array([object()], dtype=object), vectors=np.zeros((1, 1), np.float32))
    with pytest.raises(ModelDamaged):
        read_golden(path.read_bytes(), "golden")


def test_every_file_of_the_folder_is_pinned_or_a_document() -> None:
    documents = {"manifest.json", "MODEL_CARD.md", "NOTICE", "LICENSE-APACHE-2.0.txt"}
    assert {path.name for path in WEIGHTS.iterdir()} == documents | set(read_manifest(WEIGHTS).files)


def test_the_weights_stay_small() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.onnx")) <= 80e6
