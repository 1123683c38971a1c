"""The bank of questions in a folder of model files, and curves for looks in its manifest."""

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.banks import QueryBank
from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.ports import LookCurves, QueryBanks
from sensorium.encoders.bank import BANK, packed, read_bank
from sensorium.encoders.compact import WEIGHTS, CompactEncoder

WIDTH = 512
CURVE = {"mean": 0.0, "deviation": 0.1, "slope": 2.0, "bias": -3.0, "knots": [[0.0, 0.1], [1.0, 0.2]], "cut": 0.2}


def some_bank(questions: int = 20, width: int = WIDTH) -> QueryBank:
    rows = np.random.default_rng(1).standard_normal((questions, width)).astype(np.float32)
    return QueryBank(vectors=rows / np.linalg.norm(rows, axis=1, keepdims=True), beta=30.0)


def as_file(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped folder with a bank for texts, and a curve for it."""
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    data = as_file(**packed({Modality.TEXT: some_bank()}))
    (folder / BANK).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][BANK] = hashlib.sha256(data).hexdigest()
    manifest["calibrations"]["text->image:hubness"] = CURVE
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_eight_bits_keep_a_bank() -> None:
    bank = some_bank()
    read = read_bank(as_file(**packed({Modality.TEXT: bank})), WIDTH)[Modality.TEXT]
    assert np.einsum("ij,ij->i", read.vectors, bank.vectors).min() > 0.9999
    assert np.linalg.norm(read.vectors, axis=1) == pytest.approx(1.0, abs=1e-6)
    assert read.beta == 30.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        as_file(text=np.zeros((2, WIDTH), np.int8), text_beta=1.0),
        as_file(text=np.ones((2, 8), np.int8), text_beta=1.0),
        as_file(text=np.ones((2, WIDTH), np.float32), text_beta=1.0),
        as_file(text=np.ones((2, WIDTH), np.int8)),
        as_file(text=np.ones((2, WIDTH), np.int8), text_beta=0.0),
        as_file(smell=np.ones((2, WIDTH), np.int8), smell_beta=1.0),
        as_file(text=np.array([None], dtype=object), text_beta=1.0),
    ],
)
def test_a_file_that_is_no_bank_is_an_error(data: bytes) -> None:
    with pytest.raises(ModelDamaged, match=BANK):
        read_bank(data, WIDTH)


def test_a_bank_does_not_change_the_space(folder: Path) -> None:
    assert CompactEncoder.load(folder=folder).space == CompactEncoder.load().space


def test_a_bank_is_there_for_the_senses_that_it_holds(folder: Path) -> None:
    encoder = CompactEncoder.load(folder=folder)
    assert isinstance(encoder, QueryBanks)
    assert encoder.query_bank(Modality.TEXT) is not None
    assert encoder.query_bank(Modality.IMAGE) is None


def test_a_bank_with_one_changed_byte_is_not_used(folder: Path) -> None:
    data = bytearray((folder / BANK).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / BANK).write_bytes(data)
    with pytest.raises(ModelDamaged, match=BANK):
        CompactEncoder.load(folder=folder).query_bank(Modality.TEXT)


def test_a_folder_without_a_bank_has_none(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"][BANK]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert CompactEncoder.load(folder=folder).query_bank(Modality.TEXT) is None


def test_a_curve_for_looks_is_read_whole(folder: Path) -> None:
    encoder = CompactEncoder.load(folder=folder)
    assert isinstance(encoder, LookCurves)
    curve = encoder.calibration_after(Modality.TEXT, Modality.IMAGE, ("hubness",))
    assert curve is not None
    assert (curve.knots, curve.cut) == (((0.0, 0.1), (1.0, 0.2)), 0.2)


def test_a_chain_that_was_not_fitted_has_no_curve(folder: Path) -> None:
    encoder = CompactEncoder.load(folder=folder)
    assert encoder.calibration_after(Modality.TEXT, Modality.IMAGE, ("hubness", "another")) is None


def test_a_curve_that_falls_is_no_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["calibrations"]["text->image"]["slope"] = -1.0
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDamaged, match="rise"):
        CompactEncoder.load(folder=folder)
