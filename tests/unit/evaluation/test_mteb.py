"""An encoder as a model of MTEB: against a fake of its protocol, and against mteb itself where that is installed."""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np
import pytest
from PIL import Image

from sensorium.core.contents import Content, Document, DraftPiece, ReadRequest, Role
from sensorium.core.errors import BadInput, ExtraMissing, TooLarge
from sensorium.core.items import Modality, Place, Producer
from sensorium.core.spaces import Vectors
from sensorium.evaluation.mteb import MtebModel
from sensorium.testing.encoders import HashEncoder


class PngReader:
    """Reads what the guarded reader would, without a process: the mean colour of the picture."""

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        with open(descriptor, "rb", closefd=False) as file:
            file.seek(0)
            picture = Image.open(file).convert("RGB")
        if picture.width > 50:
            raise TooLarge("more than 50 pixels wide", remedy="raise a setting")
        wanted = request.image_inputs[0]
        pixels = np.asarray(picture.resize((wanted.width, wanted.height)))
        piece = DraftPiece(modality=Modality.IMAGE, place=Place(), renditions=(pixels,))
        made_by = Producer(name="png", version="1")
        return Document(modality=Modality.IMAGE, media_type=media_type, title="", pieces=(piece,), reader=made_by)

    def close(self) -> None:
        """Nothing runs."""


class Colours(HashEncoder):
    """A picture is its colour alone, and remembers in which role it was asked."""

    def __init__(self) -> None:
        super().__init__(width=64)
        self.roles: list[Role] = []

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        self.roles.append(role)
        return super().encode(modality, contents, role)

    def _words(self, modality: Modality, content: Content) -> list[str]:
        return super()._words(modality, content)[: 1 if modality is Modality.IMAGE else None]


class PromptType(StrEnum):
    """mteb's own."""

    QUERY = "query"
    DOCUMENT = "document"


RED, GREEN = (Image.new("RGB", (20, 10), colour) for colour in ((250, 0, 0), (0, 250, 0)))


@pytest.fixture
def model(painted_ports) -> MtebModel:
    return MtebModel(replace(painted_ports, encoder=Colours(), reader=PngReader()))


def roles(model: MtebModel) -> list[Role]:
    encoder = model._ports.encoder
    assert isinstance(encoder, Colours)
    return encoder.roles


def test_batches_become_rows_in_their_order(model) -> None:
    vectors = model.encode([{"text": ["red", "green"]}, {"text": ["red"]}])
    assert vectors.shape == (3, 64)
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_texts_and_pictures_lie_in_one_space(model) -> None:
    texts, pictures = model.encode([{"text": ["red", "green"]}]), model.encode([{"image": [RED, GREEN]}])
    np.testing.assert_allclose(texts @ pictures.T, texts @ texts.T, atol=1e-6)


def test_an_entry_of_both_senses_lies_between_them(model) -> None:
    (both,), (text,), (picture,) = (
        model.encode([batch]) for batch in ({"text": ["red"], "image": [GREEN]}, {"text": ["red"]}, {"image": [GREEN]})
    )
    np.testing.assert_allclose(both, (text + picture) / np.linalg.norm(text + picture), atol=1e-6)


def test_a_sense_that_an_entry_lacks_is_left_out(model) -> None:
    rows = model.encode([{"text": ["red", None], "image": [None, GREEN]}])
    np.testing.assert_allclose(rows, model.encode([{"text": ["red", "green"]}]), atol=1e-6)


@pytest.mark.parametrize(
    ("prompt_type", "role"),
    [(PromptType.DOCUMENT, "piece"), ("document", "piece"), (PromptType.QUERY, "query"), (None, "query")],
)
def test_the_side_of_a_task_decides_the_role(model, prompt_type: PromptType | str | None, role: Role) -> None:
    model.encode([{"text": ["red"]}], prompt_type=prompt_type)
    assert roles(model) == [role]


def test_large_batches_reach_the_encoder_in_parts(model) -> None:
    assert model.encode([{"text": ["red"] * 70}], batch_size=70).shape == (70, 64)
    assert len(roles(model)) == 3


def test_nothing_gives_no_rows(model) -> None:
    assert model.encode([]).shape == (0, 64)


@pytest.mark.parametrize(
    ("batch", "what"),
    [
        ({"audio": [b""]}, "a batch of audio"),
        ({"text": ["red"], "video": [b""]}, "a batch of video"),
        ({}, "a batch of nothing"),
        ({"text": [None], "image": [None]}, "an entry holds nothing"),
        ({"image": ["not a picture"]}, "a picture can not be a str"),
        ({"image": [Image.new("RGB", (60, 2))]}, "was refused: more than 50 pixels wide"),
    ],
)
def test_what_can_not_be_encoded_is_an_error(model, batch, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        model.encode([batch])


def test_an_encoder_of_texts_alone_refuses_pictures(painted_ports) -> None:
    class Blind(HashEncoder):
        modalities = frozenset({Modality.TEXT})

    with pytest.raises(BadInput, match="takes no image"):
        MtebModel(replace(painted_ports, encoder=Blind())).encode([{"image": [RED]}])


def test_without_mteb_its_own_types_name_the_extra(model, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mteb", "mteb.models"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ExtraMissing, match=r"install sensorium\[mteb\]"):
        _ = model.mteb_model_meta
    with pytest.raises(ExtraMissing):
        model.similarity(np.eye(2), np.eye(2))
    with pytest.raises(ExtraMissing):
        model.similarity_pairwise(np.eye(2), np.eye(2))


def test_the_meta_data_say_what_an_encoder_is(model, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = types.ModuleType("mteb.models")
    fake.ModelMeta = types.SimpleNamespace  # type: ignore[attr-defined] a module made here
    monkeypatch.setitem(sys.modules, "mteb", types.ModuleType("mteb"))
    monkeypatch.setitem(sys.modules, "mteb.models", fake)
    meta = model.mteb_model_meta
    assert (meta.name, meta.embed_dim, meta.modalities) == ("sensorium/hash", 64, ["text", "image"])
    assert meta.training_datasets is None


# -- mteb itself -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("default")
def test_mteb_takes_the_model_and_runs_a_retrieval_of_pictures(model) -> None:
    mteb = pytest.importorskip("mteb", reason="the extra `mteb` is not installed")
    from datasets import Dataset
    from mteb.abstasks.retrieval_dataset_loaders import RetrievalSplitData
    from mteb.mocks.mock_tasks import MockAny2AnyRetrievalT2ITask
    from mteb.models import EncoderProtocol

    class ColourTask(MockAny2AnyRetrievalT2ITask):
        def load_data(self, num_proc: int | None = None, **settings: object) -> None:
            split = RetrievalSplitData(
                queries=Dataset.from_dict({"id": ["q0", "q1"], "text": ["red", "green"]}),
                corpus=Dataset.from_dict({"id": ["d0", "d1"], "image": [GREEN, RED]}),
                relevant_docs={"q0": {"d1": 1}, "q1": {"d0": 1}},
                top_ranked=None,
            )
            self.dataset = {"default": {"test": split}}
            self.data_loaded = True

    assert isinstance(model, EncoderProtocol)
    results = mteb.evaluate(model, ColourTask(), cache=None, co2_tracker=False, show_progress_bar=False)
    (scores,) = results.task_results[0].scores["test"]
    assert scores["ndcg_at_10"] == scores["hit_rate_at_1"] == 1.0


@pytest.mark.filterwarnings("default")
def test_mteb_takes_the_model_for_zero_shot_labels(model) -> None:
    mteb = pytest.importorskip("mteb", reason="the extra `mteb` is not installed")
    from datasets import Dataset, DatasetDict
    from mteb.mocks.mock_tasks import MockZeroShotClassificationTask

    class ColourLabels(MockZeroShotClassificationTask):
        def load_data(self, num_proc: int | None = None, **settings: object) -> None:
            self.dataset = DatasetDict({"test": Dataset.from_dict({"image": [RED, GREEN, RED], "label": [0, 1, 0]})})
            self.data_loaded = True

        def get_candidate_labels(self) -> list[str]:
            return ["red", "green"]

    results = mteb.evaluate(model, ColourLabels(), cache=None, co2_tracker=False, show_progress_bar=False)
    (scores,) = results.task_results[0].scores["test"]
    assert scores["accuracy"] == 1.0
