"""Curves that nobody fitted: what a model knows of itself comes first, and every guess orders as the model does."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders import guessed
from sensorium.encoders.onnx import OnnxEncoder

MICRO = Path(__file__).parent / "micro"
TEXT, IMAGE, AUDIO = Modality.TEXT, Modality.IMAGE, Modality.AUDIO


def safetensors(path: Path, tensors: dict[str, tuple[str, bytes]]) -> None:
    head, data = {}, b""
    for name, (kind, part) in tensors.items():
        head[name] = {"dtype": kind, "shape": [1], "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    told = json.dumps(head).encode()
    path.write_bytes(len(told).to_bytes(8, "little") + told + data)


def load(kind: str, folder: Path | None = None) -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=str(folder or MICRO / kind))


@pytest.mark.parametrize(
    ("kind", "data"),
    [("F32", struct.pack("<f", -12.5)), ("F16", struct.pack("<e", -12.5)), ("BF16", struct.pack("<f", -12.5)[2:])],
)
def test_a_number_is_read_whatever_its_width(kind: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors(path, {"weights": ("F32", b"\0" * 400), "logit_bias": (kind, data)})
    assert guessed.scalars(path, ["logit_bias", "logit_scale"]) == {"logit_bias": -12.5}


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff" * 16, b"\x02\0\0\0\0\0\0\0[]", b"\x10\0\0\0\0\0\0\0{", (9).to_bytes(8, "little") + b'{"a": {}}'],
)
def test_weights_that_are_none_are_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelDamaged):
        guessed.scalars(tmp_path / "model.safetensors", ["a"])


def test_siglip_s_own_sigmoid_is_taken_where_its_numbers_are_there(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MICRO / "siglip", tmp_path / "siglip"))
    numbers = {"logit_scale": ("F32", struct.pack("<f", np.log(50.0))), "logit_bias": ("F32", struct.pack("<f", -5.0))}
    safetensors(folder / "model.safetensors", numbers)
    curve = load("siglip", folder).calibration(TEXT, IMAGE)
    assert curve.score(0.1) == pytest.approx(0.5, abs=1e-4)
    assert curve.score(0.14) == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-4)


def test_without_them_siglip_has_the_numbers_that_are_documented() -> None:
    curve = load("siglip").calibration(IMAGE, TEXT)
    assert curve.score(-guessed.SIGLIP_BIAS / guessed.SIGLIP_SCALE) == pytest.approx(0.5)


def test_clip_has_even_odds_where_pairs_were_taken_to_fit() -> None:
    curve = load("clip").calibration(TEXT, IMAGE)
    assert curve.score(guessed.CLIP_FITS) == pytest.approx(0.5)
    assert curve.score(0.35) > 0.99
    assert curve.score(0.2) < 0.01


@pytest.mark.parametrize("kind", ["clip", "siglip", "clap"])
def test_no_guess_says_where_matching_ends(kind: str) -> None:
    encoder = load(kind)
    curves = [encoder.calibration(one, other) for one in encoder.modalities for other in encoder.modalities]
    assert {curve.cut for curve in curves} == {0.0}
    assert all(curve.matches(-1.0) for curve in curves)


def test_unrelated_texts_are_measured_so_that_they_score_low() -> None:
    encoder = load("clip")
    vectors = encoder.encode(TEXT, guessed.PROBES, "piece")
    products = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    curve = encoder.calibration(TEXT, TEXT)
    assert curve.mean == pytest.approx(float(products.mean()), abs=1e-6)
    assert curve.score(float(products.mean())) < 0.01


def test_a_folder_s_own_curve_comes_first(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MICRO / "clip", tmp_path / "clip"))
    curve = {"mean": 0.1, "deviation": 0.2, "slope": 2.0, "bias": -1.0, "cut": 0.3}
    (folder / "sensorium.json").write_text(json.dumps({"calibrations": {"text->image": curve}, "name": "mine"}))
    encoder = load("clip", folder)
    assert encoder.calibration(TEXT, IMAGE).cut == 0.3
    assert encoder.calibration(IMAGE, TEXT).cut == 0.0
    assert encoder.space.name == "mine"


@pytest.mark.parametrize("curve", [{"mean": 0.1}, {"mean": 0, "deviation": 0, "slope": 1, "bias": 0}, [], "x"])
def test_a_curve_that_is_none_is_told(curve: object, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MICRO / "clip", tmp_path / "clip"))
    (folder / "sensorium.json").write_text(json.dumps({"calibrations": {"text->image": curve}}))
    with pytest.raises(ModelDamaged):
        load("clip", folder).calibration(TEXT, IMAGE)
