"""The encoder by sentence-transformers around a model that is none; tests/parity holds it against the real library."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, ImageInput
from sensorium.core.errors import BadInput, BadSetting, ExtraMissing, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders.model_files import ModelFiles
from sensorium.encoders.sentence_transformers import (
    OPTIONS,
    SentenceTransformersEncoder,
    audio_input,
    image_input,
)

SIZES = SimpleNamespace(size={"height": 4, "width": 6}, resample=2)
CUT = {"size": {"shortest_edge": 9}, "crop_size": {"height": 8, "width": 8}}
HEARING = SimpleNamespace(sampling_rate=8_000, chunk_length=2)


class Model(list[Any]):
    """Counts letters, pixels or samples; remembers what it was given. It reads four words of a text."""

    max_seq_length = 4
    modalities = ("text", "image", "audio", "message")

    def __init__(self) -> None:
        super().__init__([SimpleNamespace(processor=SimpleNamespace(image_processor=SIZES, feature_extractor=HEARING))])
        self.given: list[Any] = []
        self.told: dict[str, Any] = {}

    def tokenizer(self, text: str, **options: Any) -> dict[str, list[str]]:
        return {"input_ids": text.split()}

    def get_embedding_dimension(self) -> int:
        return 3

    def encode_query(self, inputs: list[Any], **told: Any) -> Any:
        return self._encode(inputs, told, 1.0)

    def encode_document(self, inputs: list[Any], **told: Any) -> Any:
        return self._encode(inputs, told, 0.0)

    def _encode(self, inputs: list[Any], told: dict[str, Any], asked: float) -> Any:
        self.given += inputs
        self.told = told
        rows = [(asked, *self._counts(entry)) for entry in inputs]
        return np.array(rows, np.float64)[:, : told["truncate_dim"] or 3]

    def _counts(self, entry: dict[str, Any]) -> tuple[float, float]:
        ((sense, content),) = entry.items()
        if sense == "text":
            return content.count("a") + 1, content.count("b")
        numbers = content if sense == "image" else content["array"]
        return float(np.abs(numbers).sum()) + 1, 2.0


def encoder(folder: Path, **options: str) -> SentenceTransformersEncoder:
    return SentenceTransformersEncoder(Model(), ModelFiles(folder), "A/Model", {**OPTIONS, **options})


def given(made: SentenceTransformersEncoder) -> Any:
    return made._model.given


def test_it_takes_what_the_model_says_it_takes(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    assert made.modalities == {Modality.TEXT, Modality.IMAGE, Modality.AUDIO}
    assert made.image_input == ImageInput(width=6, height=4, resample="bilinear")
    assert made.audio_input == AudioInput(rate=8_000, seconds=2.0, hop=1.0)


def test_texts_go_over_as_texts_whatever_they_look_like(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    made.encode(Modality.TEXT, ["http://127.0.0.1/a.png"], "query")
    assert given(made) == [{"text": "http://127.0.0.1/a.png"}]


def test_questions_and_pieces_are_told_apart(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    asked, kept = (made.encode(Modality.TEXT, ["a"], role) for role in ("query", "piece"))
    assert asked[0, 0] > 0
    assert kept[0, 0] == 0


def test_a_long_text_is_the_mean_of_its_parts(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    (vector,) = made.encode(Modality.TEXT, ["c c c c b b b b"], "piece")
    parts = [entry["text"] for entry in given(made)]
    assert " ".join(parts) == "c c c c b b b b"
    assert max(len(part.split()) for part in parts) <= 4
    rows = made.encode(Modality.TEXT, parts, "piece")
    np.testing.assert_allclose(vector, rows.sum(axis=0) / np.linalg.norm(rows.sum(axis=0)), atol=1e-6)


def test_samples_go_over_as_numbers_up_to_one_with_their_rate(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    made.encode(Modality.AUDIO, [np.array([16_384, -32_768], np.int16)], "piece")
    sound = given(made)[0]["audio"]
    assert (sound["array"].tolist(), sound["sampling_rate"]) == ([0.5, -1.0], 8_000)


def test_options_reach_the_model(tmp_path: Path) -> None:
    made = encoder(tmp_path, dim="2", batch="3", query="find: ")
    assert made.encode(Modality.TEXT, ["a"], "query").shape == (1, 2)
    told = made._model.told
    assert (told["batch_size"], told["truncate_dim"], told["prompt"]) == (3, 2, "find: ")


@pytest.mark.parametrize("option", [{"dim": "2"}, {"query": "x"}, {"piece": "x"}, {"dtype": "float16"}, {"image": "9"}])
def test_what_changes_vectors_changes_the_space(option: dict[str, str], tmp_path: Path) -> None:
    assert encoder(tmp_path, **option).space.digest != encoder(tmp_path).space.digest


def test_weights_change_the_space_and_readmes_do_not(tmp_path: Path) -> None:
    before = encoder(tmp_path).space
    (tmp_path / "README.md").write_text("read me")
    assert encoder(tmp_path).space == before
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert encoder(tmp_path).space != before


def test_vectors_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    made = encoder(tmp_path)
    made._model._counts = lambda entry: (float("nan"), 1.0)
    with pytest.raises(ModelDamaged):
        made.encode(Modality.TEXT, ["a"], "piece")


def test_more_numbers_than_there_are_can_not_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        encoder(tmp_path, dim="4")


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        encoder(tmp_path).encode(Modality.IMAGE, [np.zeros((6, 4, 3), np.uint8)], "piece")


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra is installed")
def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissing, match=r"sensorium\[models\]"):
        SentenceTransformersEncoder.load(model=str(tmp_path))


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        (SimpleNamespace(**CUT, do_center_crop=True, resample=3), ImageInput(width=8, height=8, fit="crop", shorter=9)),
        (SimpleNamespace(size=SimpleNamespace(height=5, width=7), resample=3), ImageInput(width=7, height=5)),
        (SimpleNamespace(size={"shortest_edge": 65_536}), ImageInput(width=64, height=64, fit="pad")),
    ],
    ids=["scaled and cut", "squashed", "any size"],
)  # fmt: skip
def test_pixels_are_what_the_processor_would_make_of_them(processor: Any, expected: ImageInput) -> None:
    assert image_input(processor, 64) == expected


def test_a_model_that_does_not_say_how_much_it_hears_gets_ten_seconds() -> None:
    assert audio_input(None) == AudioInput(rate=16_000, seconds=10.0, hop=5.0)
