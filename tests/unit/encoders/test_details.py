"""Details beside vectors: one forward gives both, what does not count is left out, and a wrong model is told."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import Role
from sensorium.core.details import DetailForm
from sensorium.core.errors import BadInput, GoldenMismatch, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders import compact
from sensorium.encoders.compact import WEIGHTS, CompactEncoder
from sensorium.encoders.golden import Golden, read_golden
from sensorium.encoders.manifest import read_manifest
from sensorium.encoders.towers import IMAGE_BATCH, Feed, ImageTower, TextTower, open_session
from sensorium.testing.specimens import unit_vectors

FORM = DetailForm(width=3, cells=4, weight=0.5)


class Encoding:
    def __init__(self, ids: list[int]) -> None:
        self.ids = ids


class Letters:
    """A tokenizer with one token for each letter between 1 and 2."""

    def encode_batch(self, texts: Sequence[str]) -> list[Encoding]:
        return [Encoding([1, *map(ord, text), 2]) for text in texts]


class Model:
    """A session: "vectors" are ones, a word is the axis of its token modulo 3, and the token 1 is a row of zeros."""

    def __init__(self, width: int = 3) -> None:
        self.runs: list[list[str]] = []
        self.width = width

    def run(self, outputs: list[str], feed: Feed) -> list[Any]:
        self.runs.append(outputs)
        size = len(next(iter(feed.values())))
        made = {"vectors": np.ones((size, 2), np.float32) / np.sqrt(2, dtype=np.float32)}
        if "input_ids" in feed:
            words = np.eye(self.width, dtype=np.float32)[feed["input_ids"] % 3]
            words[feed["input_ids"] == 1] = 0
            made["words"] = words
        else:
            cells = feed["pixels"].reshape(size, -1)[:, :4] % 3
            made["grid"] = np.eye(self.width, dtype=np.float32)[cells]
        return [made[name] for name in outputs]


def text_tower(model: Model, details: DetailForm | None = FORM) -> TextTower:
    return TextTower(model, Letters(), 6, width=2, details=details)


def axes(rows: Any) -> list[int]:
    """Which axis each row points along."""
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    return [int(axis) for axis in rows.argmax(axis=1)]


def test_a_text_has_a_row_for_each_token_that_counts_without_padding() -> None:
    _, details = text_tower(Model()).encode_detailed(["ab", "abcd", ""])
    assert details is not None
    assert [axes(rows) for rows in details] == [[1, 2, 2], [1, 2, 0, 1, 2], [2]]


def test_a_text_of_several_windows_has_the_rows_of_all_of_them_in_order() -> None:
    _, details = text_tower(Model()).encode_detailed(["aabbccdd"])
    assert details is not None
    assert axes(details[0]) == [1, 1, 2, 2, 2, 0, 0, 1, 1, 2]


def test_one_forward_gives_vectors_and_words() -> None:
    model = Model()
    vectors, _ = text_tower(model).encode_detailed(["ab"])
    np.testing.assert_array_equal(vectors, text_tower(Model()).encode(["ab"]))
    assert model.runs == [["vectors", "words"]]


def test_one_forward_gives_vectors_and_grids_in_order_over_batches() -> None:
    model = Model()
    pictures = [np.full((2, 2, 3), value, np.uint8) for value in range(2 * IMAGE_BATCH + 1)]
    vectors, details = ImageTower(model, side=2, width=2, details=FORM).encode_detailed(pictures)
    assert details is not None
    assert [axes(rows) for rows in details] == [[value % 3] * 4 for value in range(len(pictures))]
    assert len(vectors) == len(pictures)
    assert model.runs == [["vectors", "grid"]] * 3


def test_a_model_without_details_is_asked_for_none() -> None:
    model = Model()
    assert text_tower(model, details=None).encode_detailed(["ab"])[1] is None
    assert ImageTower(model, side=2, width=2).encode_detailed([np.zeros((2, 2, 3), np.uint8)])[1] is None
    assert model.runs == [["vectors"], ["vectors"]]


def test_words_of_another_width_than_the_manifest_says_are_told() -> None:
    with pytest.raises(ModelDamaged, match=r"shape \[1, 4, 5\], and its manifest says \[1, 4, 3\]"):
        text_tower(Model(width=5)).encode_detailed(["ab"])


def test_grids_of_another_width_than_the_manifest_says_are_told() -> None:
    tower = ImageTower(Model(width=5), side=2, width=2, details=FORM)
    with pytest.raises(ModelDamaged, match=r"shape \[1, 4, 5\], and its manifest says \[1, 4, 3\]"):
        tower.encode_detailed([np.zeros((2, 2, 3), np.uint8)])


def test_a_model_that_lacks_an_output_is_told_when_it_is_opened() -> None:
    data = (WEIGHTS / "image.onnx").read_bytes()
    with pytest.raises(ModelDamaged, match="no_such_output"):
        open_session(data, 1, ("vectors", "no_such_output"))


# -- golden details --------------------------------------------------------------------------------------------------

GOLDEN = Golden(("a", "b"), unit_vectors(2, 4), np.stack([unit_vectors(3, 3), unit_vectors(3, 3, seed=1)]))


def encoded(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    """An encoder that gives what `GOLDEN` says, its details changed."""
    assert GOLDEN.details is not None
    details = change([rows.copy() for rows in GOLDEN.details])
    return lambda contents: (GOLDEN.vectors, details)


def test_details_that_are_those_of_the_reference_pass() -> None:
    GOLDEN.check_detailed(encoded(lambda details: details), 0.001, "tower")


def test_rows_of_zeros_in_the_reference_do_not_count() -> None:
    padded = np.insert(GOLDEN.details, [0, 2], 0, axis=1)
    golden = Golden(GOLDEN.contents, GOLDEN.vectors, padded)
    golden.check_detailed(encoded(lambda details: details), 0.001, "tower")


@pytest.mark.parametrize(
    "change",
    [
        lambda details: [details[0] * 0.9, details[1]],
        lambda details: details[::-1],
        lambda details: [details[0][:2], details[1]],
        lambda details: [np.vstack([details[0], details[0]]), details[1]],
        lambda details: [rows[:, :2] for rows in details],
        lambda details: details[:1],
        lambda details: None,
    ],
    ids=["smaller", "exchanged", "a row short", "rows too many", "narrower", "one content short", "none"],
)
def test_details_that_are_not_those_of_the_reference_are_caught(change: Callable[[Any], Any]) -> None:
    with pytest.raises(GoldenMismatch, match="details"):
        GOLDEN.check_detailed(encoded(change), 0.001, "tower")


def test_wrong_vectors_are_caught_where_details_are_checked_too() -> None:
    with pytest.raises(GoldenMismatch):
        GOLDEN.check_detailed(lambda contents: (-GOLDEN.vectors, GOLDEN.details), 0.001, "tower")


def test_a_golden_file_may_hold_details(tmp_path: Path) -> None:
    path = tmp_path / "golden.npz"
    np.savez(path, contents=np.array(["a", "b"]), vectors=GOLDEN.vectors, details=GOLDEN.details)
    np.testing.assert_array_equal(read_golden(path.read_bytes(), "golden").details, GOLDEN.details)
    np.savez(path, contents=np.array(["a", "b"]), vectors=GOLDEN.vectors)
    assert read_golden(path.read_bytes(), "golden").details is None


# -- the encoder over a folder whose manifest speaks of details -------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def promise(folder: Path, **late: object) -> None:
    """Writes an entry `late` into the manifest; none with no arguments."""
    values = json.loads((folder / "manifest.json").read_text())
    values.pop("late", None)
    (folder / "manifest.json").write_text(json.dumps(values | ({"late": late} if late else {})))


@pytest.fixture
def detailed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CompactEncoder:
    """The shipped folder with stand-ins for models that give details, and nothing to be held against."""
    promise(folder, width=3, cells=4, weight=0.5, scale=127.0)
    monkeypatch.setattr(compact, "open_session", lambda model, threads, outputs: Model())
    monkeypatch.setattr(CompactEncoder, "_check", lambda self, modality, tower: None)
    encoder = CompactEncoder.load(threads=1, folder=folder)
    monkeypatch.setattr(encoder, "space", encoder.space.__class__(name="s", version="1", width=2, digest="ab" * 32))
    return encoder


def content(encoder: CompactEncoder, modality: Modality) -> Any:
    wanted = encoder.image_input
    assert wanted is not None
    return "a dog" if modality is Modality.TEXT else np.zeros((wanted.height, wanted.width, 3), np.uint8)


@pytest.mark.parametrize(
    ("modality", "role", "rows"),
    [
        (Modality.TEXT, "query", 4),
        (Modality.IMAGE, "piece", 4),
        (Modality.TEXT, "piece", 0),
        (Modality.IMAGE, "query", 0),
    ],
)
def test_questions_in_words_and_kept_pictures_have_details(
    detailed: CompactEncoder, modality: Modality, role: Role, rows: int
) -> None:
    vectors, details = detailed.encode_detailed(modality, [content(detailed, modality)], role)
    assert vectors.shape == (1, 2)
    assert (0 if details is None else details[0].shape[0]) == rows


def test_no_content_has_no_details(detailed: CompactEncoder) -> None:
    vectors, details = detailed.encode_detailed(Modality.IMAGE, [], "piece")
    assert (vectors.shape, details) == ((0, 2), ())


def test_a_modality_it_does_not_take_is_an_error(detailed: CompactEncoder) -> None:
    with pytest.raises(BadInput):
        detailed.encode_detailed(Modality.AUDIO, ["a"], "query")


def test_without_the_entry_there_are_no_details(folder: Path) -> None:
    promise(folder)
    encoder = CompactEncoder.load(threads=1, folder=folder)
    vectors, details = encoder.encode_detailed(Modality.TEXT, ["a dog"], "query")
    assert (encoder.details, details) == (None, None)
    np.testing.assert_array_equal(vectors, encoder.encode(Modality.TEXT, ["a dog"], "query"))


def test_how_much_details_count_makes_no_other_space(folder: Path) -> None:
    before = read_manifest(folder).space
    promise(folder, width=3, cells=4, weight=0.5)
    assert read_manifest(folder).space == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"cells": -1},
        {"scale": 0.5},
        {"scale": 1e9},
        {"weight": float("nan")},
        {"width": "64"},
        {"depth": 1},
    ],
    ids=str,
)
def test_an_entry_that_makes_no_sense_is_a_damaged_manifest(folder: Path, wrong: dict[str, object]) -> None:
    promise(folder, **({"width": 3, "cells": 4, "weight": 0.5} | wrong))
    with pytest.raises(ModelDamaged):
        read_manifest(folder)


def test_an_entry_that_the_models_do_not_keep_is_told_when_they_are_loaded(folder: Path) -> None:
    promise(folder, width=4095, cells=4, weight=0.5)
    with pytest.raises(ModelDamaged):
        CompactEncoder.load(threads=1, folder=folder).encode(Modality.TEXT, ["a dog"], "query")
