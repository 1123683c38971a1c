"""The encoder by sentence-transformers: its vectors are the library's, and no text makes it open anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.errors import BadInput, BadSetting, ExtraMissing, ModelDamaged
from sensorium.core.items import Modality
from sensorium.testing.encoder_contract import EncoderContract

torch = pytest.importorskip("torch", reason="needs torch: make test-train")
sentence_transformers = pytest.importorskip("sentence_transformers", reason="needs it: make test-train")
hf = pytest.importorskip("transformers", reason="needs transformers: make test-train")
twins = pytest.importorskip("tests.parity.twins")

from sensorium.encoders.sentence_transformers import SentenceTransformersEncoder  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP with its weights, as sentence-transformers loads it."""
    made = tmp_path_factory.mktemp("clip") / "tiny-clip"
    twins.build("clip", made)
    torch.manual_seed(5)
    model = hf.CLIPModel(hf.CLIPConfig.from_pretrained(made)).eval()
    twins.louder(model)
    model.save_pretrained(made)
    return made


@pytest.fixture(scope="session")
def reference(folder: Path) -> Any:
    return sentence_transformers.SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def load(folder: Path, options: str = "?device=cpu") -> SentenceTransformersEncoder:
    return SentenceTransformersEncoder.load(model=f"{folder}{options}")


class TestSentenceTransformersEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, folder: Path) -> SentenceTransformersEncoder:
        return load(folder)


def test_texts_and_pictures_are_the_library_s(folder: Path, reference: Any) -> None:
    encoder = load(folder)
    texts = list(twins.SENTENCES)
    expected = reference.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(Modality.TEXT, texts, "piece"), expected, atol=1e-4)
    pictures = list(np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8))
    expected = reference.encode(pictures, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(Modality.IMAGE, pictures, "piece"), expected, atol=1e-4)


def test_a_text_that_looks_like_an_address_or_a_path_is_a_text(folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "secret.png"
    picture.write_bytes(b"not a picture")
    texts = ["http://127.0.0.1:9/x.jpg", str(picture), "data:image/png;base64,AAAA"]
    vectors = load(folder).encode(Modality.TEXT, texts, "query")
    assert vectors.shape == (3, 24)


def test_a_dimension_cuts_vectors_to_unit_length_and_is_another_space(folder: Path) -> None:
    whole, cut = load(folder), load(folder, "?device=cpu&dim=8")
    vectors = cut.encode(Modality.TEXT, ["a dog"], "query")
    start = whole.encode(Modality.TEXT, ["a dog"], "query")[:, :8]
    np.testing.assert_allclose(vectors, start / np.linalg.norm(start), atol=1e-5)
    assert cut.space.width == 8
    assert cut.space.id != whole.space.id


def test_prompts_of_the_settings_are_put_before_texts(folder: Path) -> None:
    encoder = load(folder, "?device=cpu&query=rain%20on%20")
    asked = encoder.encode(Modality.TEXT, ["a roof"], "query")
    np.testing.assert_allclose(asked, encoder.encode(Modality.TEXT, ["rain on a roof"], "piece"), atol=1e-5)


def test_how_fast_it_is_does_not_change_the_space(folder: Path) -> None:
    assert load(folder, "?device=cpu&batch=2").space == load(folder).space


@pytest.mark.parametrize("options", ["?dim=25", "?dim=x", "?colour=red"])
def test_options_that_do_not_fit_are_told(folder: Path, options: str) -> None:
    with pytest.raises(BadSetting):
        load(folder, options)


def test_a_folder_without_safetensors_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelDamaged):
        load(tmp_path)


def test_a_model_that_is_not_here_is_told(folder: Path) -> None:
    with pytest.raises(ExtraMissing, match="sensorium models get"):
        SentenceTransformersEncoder.load(model="nobody/nothing")


def test_a_picture_of_another_size_is_refused(folder: Path) -> None:
    with pytest.raises(BadInput):
        load(folder).encode(Modality.IMAGE, [np.zeros((9, 9, 3), np.uint8)], "piece")
