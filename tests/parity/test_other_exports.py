"""Exports in other forms: weights beside the model, 8 bits, 16 bits. And files that reach for what is not theirs."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.errors import BadSetting, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders.golden import read_golden
from sensorium.encoders.onnx import OnnxEncoder

onnx = pytest.importorskip("onnx", reason="models are taken apart with onnx: make test-train")

MICRO = Path(__file__).resolve().parents[1] / "unit" / "encoders" / "micro"
TEXT = "onnx/text_model.onnx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MICRO / "clip", tmp_path / "clip"))


def load(folder: Path, options: str = "") -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=f"{folder}{options}")


def texts() -> tuple[str, ...]:
    return tuple(map(str, read_golden((MICRO / "clip/golden_text.npz").read_bytes(), "golden").contents))


def taken_apart(path: Path, location: str = "text_model.onnx_data") -> None:
    """Puts the weights of a model beside it, as exporters do with large ones."""
    model = onnx.load(path)
    onnx.save_model(
        model, path, save_as_external_data=True, all_tensors_to_one_file=True, location=location, size_threshold=0
    )


def pointed_elsewhere(path: Path, location: str) -> None:
    """Lets every tensor of a model lie in another file."""
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    path.write_bytes(model.SerializeToString())


def test_weights_beside_the_model_give_the_same_vectors(folder: Path) -> None:
    expected = load(folder).encode(Modality.TEXT, texts(), "piece")
    taken_apart(folder / TEXT)
    np.testing.assert_allclose(load(folder).encode(Modality.TEXT, texts(), "piece"), expected, atol=1e-6)


def test_weights_beside_the_model_decide_the_space_and_are_held_to_their_hash(folder: Path) -> None:
    taken_apart(folder / TEXT)
    encoder = load(folder)
    data = folder / "onnx/text_model.onnx_data"
    data.write_bytes(data.read_bytes()[:-1] + b"\1")
    assert load(folder).space.id != encoder.space.id
    with pytest.raises(ModelDamaged, match="not the one"):
        encoder.encode(Modality.TEXT, ["a"], "piece")


def test_they_work_as_links_into_the_hub_s_cache(folder: Path) -> None:
    expected = load(folder).encode(Modality.TEXT, texts(), "piece")
    taken_apart(folder / TEXT)
    blobs = folder.parent / "blobs"
    blobs.mkdir()
    for path in (folder / "onnx").iterdir():
        blob = blobs / hashlib.sha256(path.read_bytes()).hexdigest()
        path.rename(blob)
        path.symlink_to(blob)
    np.testing.assert_allclose(load(folder).encode(Modality.TEXT, texts(), "piece"), expected, atol=1e-6)


@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "secret", "sub/../../secret"])
def test_a_model_that_reaches_for_other_files_is_refused(
    location: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_apart(folder / TEXT)
    whole = (folder / "onnx/text_model.onnx_data").read_bytes()
    for place in (tmp_path / "secret", folder / "secret", folder / "onnx/secret"):
        place.write_bytes(whole)
    monkeypatch.chdir(folder)
    pointed_elsewhere(folder / TEXT, location)
    with pytest.raises(ModelDamaged):
        load(folder).encode(Modality.TEXT, ["a"], "piece")


def test_towers_that_round_by_the_batch_are_run_row_by_row(folder: Path) -> None:
    quantization = pytest.importorskip("onnxruntime.quantization")
    for tower in ("text", "vision"):
        source = folder / f"onnx/{tower}_model.onnx"
        quantization.quantize_dynamic(source, source.with_name(f"{tower}_model_quantized.onnx"))
    for name in ("golden_text.npz", "golden_image.npz"):
        (folder / name).unlink()
    encoder = load(folder, "?variant=quantized")
    alone = np.vstack([encoder.encode(Modality.TEXT, [text], "piece") for text in texts()])
    np.testing.assert_allclose(encoder.encode(Modality.TEXT, texts(), "piece"), alone, atol=1e-5)
    exact = load(folder).encode(Modality.TEXT, texts(), "piece")
    assert (alone * exact).sum(axis=1).min() > 0.9


def as_half(path: Path) -> None:
    """The same model that takes and gives numbers of 16 bits, and computes in 32."""
    model = onnx.load(path)
    graph, half, single = model.graph, onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    taken, given = graph.input[0], graph.output[0]
    for node in graph.node:
        node.input[:] = ["wide" if name == taken.name else name for name in node.input]
        node.output[:] = ["narrowed" if name == given.name else name for name in node.output]
    graph.node.insert(0, onnx.helper.make_node("Cast", [taken.name], ["wide"], to=single))
    graph.node.append(onnx.helper.make_node("Cast", ["narrowed"], [given.name], to=half))
    taken.type.tensor_type.elem_type = given.type.tensor_type.elem_type = half
    onnx.save(model, path)


def test_towers_of_16_bits_are_fed_and_read(folder: Path) -> None:
    golden = read_golden((MICRO / "clip/golden_image.npz").read_bytes(), "golden")
    (folder / "golden_image.npz").unlink()
    as_half(folder / "onnx/vision_model.onnx")
    vectors = load(folder).encode(Modality.IMAGE, golden.contents, "piece")
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, golden.vectors, atol=5e-3)


def change_graph(path: Path, how: Callable[[Any], object]) -> None:
    model = onnx.load(path)
    how(model.graph)
    path.write_bytes(model.SerializeToString())


def test_a_tower_that_asks_for_what_nobody_gives_is_refused(folder: Path) -> None:
    extra = onnx.helper.make_tensor_value_info("spatial_shapes", onnx.TensorProto.INT64, ["batch", 2])
    change_graph(folder / "onnx/vision_model.onnx", lambda graph: graph.input.append(extra))
    with pytest.raises(BadSetting, match="spatial_shapes"):
        load(folder).encode(Modality.IMAGE, [np.zeros((8, 8, 3), np.uint8)], "piece")


def test_a_tower_of_another_width_is_refused(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"projection_dim": 24', '"projection_dim": 25'))
    with pytest.raises(ModelDamaged, match="shape"):
        load(folder).encode(Modality.TEXT, ["a"], "piece")
