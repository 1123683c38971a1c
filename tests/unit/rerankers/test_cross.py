"""A cross-encoder orders hits by what it says of question and text together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sensorium.core.budgets import Budget, OutOfTime
from sensorium.core.errors import BadSetting, ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.rerankers.cross import BATCH, CrossEncoder, CrossRanker, CrossRankers
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.lists import asked, keys, ranked

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dog", "red", "cat", "blue")
GRAPH = Path(__file__).parent / "cross.onnx"
"""`make_cross.py`: adds up 1 for each "dog" and 1/2 for each "red" of the second text."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cross-encoder as the hub of models lays it out."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    configure(tmp_path)
    (tmp_path / "onnx").mkdir()
    shutil.copy(GRAPH, tmp_path / "onnx" / "model.onnx")
    return tmp_path


def configure(folder: Path, **said: Any) -> None:
    config = {"model_type": "bert", "num_labels": 1, "pad_token_id": 0, "max_position_embeddings": 16, **said}
    (folder / "config.json").write_text(json.dumps(config))


def scores(folder: Path, *texts: str, question: str = "a dog") -> list[float]:
    return CrossEncoder.open(folder, 1).scores(question, texts, Budget()).tolist()


def ranker(folder: Path, depth: int = 10, budget: Budget | None = None) -> CrossRanker:
    return CrossRanker(encoder=CrossEncoder.open(folder, 1), depth=depth, budget=budget or Budget())


def test_every_text_is_scored_beside_the_question(folder: Path) -> None:
    assert scores(folder, "a cat", "a red dog", "dog dog", "") == [0.0, 1.5, 2.0, 0.0]


def test_the_question_is_not_taken_for_the_text(folder: Path) -> None:
    assert scores(folder, "a cat", question="dog dog red") == [0.0]


def test_scores_do_not_depend_on_the_batch(folder: Path) -> None:
    texts = ["dog " * (number % 5) + "red" for number in range(3 * BATCH + 1)]
    assert scores(folder, *texts) == [own for text in texts for own in scores(folder, text)]


def test_a_text_that_is_too_long_is_cut(folder: Path) -> None:
    assert scores(folder, "dog " * 500, question="a") == [16 - len(["[CLS]", "a", "[SEP]", "[SEP]"])]


def test_hits_with_a_text_are_ordered_and_the_others_keep_their_places(folder: Path) -> None:
    hits = [ranked(1, "a cat"), ranked(2, None), ranked(3, "a red dog"), ranked(4, "a dog"), ranked(5, "blue")]
    assert keys(ranker(folder).arrange(asked(), hits)) == [3, 2, 4, 1, 5]
    assert isinstance(ranker(folder), Arranger)


def test_hits_below_the_depth_stay(folder: Path) -> None:
    hits = [ranked(1, "a cat"), ranked(2, "blue"), ranked(3, "a dog")]
    assert keys(ranker(folder, depth=2).arrange(asked(), hits)) == [1, 2, 3]


def test_scores_stay_what_they_were(folder: Path) -> None:
    hits = [ranked(1, "a cat", score=0.9), ranked(2, "a dog", score=0.1)]
    assert [(hit.found.key, hit.score, hit.matches) for hit in ranker(folder).arrange(asked(), hits)] == [
        (2, 0.1, False),
        (1, 0.9, True),
    ]


def test_a_question_that_is_no_one_text_keeps_its_order(folder: Path) -> None:
    two = Query(parts=tuple(QueryPart(modality=Modality.TEXT, content=word) for word in ("dog", "red")))
    hits = [ranked(1, "a cat"), ranked(2, "a dog")]
    assert ranker(folder).arrange(two, hits) == hits


def test_between_two_batches_the_time_is_looked_at(folder: Path) -> None:
    ticks = iter(range(100))
    budget = Budget(seconds=2.0, clock=lambda: float(next(ticks)))  # each step takes a second
    hits = [ranked(number, "a dog") for number in range(1, 2 * BATCH + 1)]
    with pytest.raises(OutOfTime):
        ranker(folder, depth=100, budget=budget).arrange(asked(), hits)
    assert next(ticks) == 4  # the tokens, one batch, and no second one


def test_one_of_several_graphs_is_taken_by_its_name(folder: Path) -> None:
    (folder / "onnx" / "model.onnx").rename(folder / "onnx" / "model_quantized.onnx")
    assert scores(folder, "dog") == [1.0]


@pytest.mark.parametrize(
    ("config", "kind"),
    [({"num_labels": 3}, BadSetting), ({"num_labels": 1, "id2label": {"0": "a", "1": "b"}}, BadSetting)],
    ids=["labels", "names"],
)
def test_a_model_with_several_outputs_is_refused(folder: Path, config: dict[str, Any], kind: type[Exception]) -> None:
    configure(folder, **config)
    with pytest.raises(kind, match="more than one output"):
        CrossEncoder.open(folder)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("config.json", BadSetting), ("tokenizer.json", ModelDamaged), ("onnx/model.onnx", ModelDamaged)],
)
def test_a_file_that_is_damaged_is_told(folder: Path, name: str, kind: type[Exception]) -> None:
    (folder / name).write_bytes(b"no such thing")
    with pytest.raises(kind):
        CrossEncoder.open(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model.onnx"])
def test_a_file_that_is_missing_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadSetting, match="rank_pairs"):
        CrossEncoder.open(folder)


@pytest.mark.parametrize(
    ("said", "most"),
    [({"model_type": "roberta", "max_position_embeddings": 14}, 12), ({"max_position_embeddings": 9}, 9)],
)
def test_how_much_a_model_reads_is_told_by_its_configuration(folder: Path, said: dict[str, Any], most: int) -> None:
    configure(folder, **said)
    assert scores(folder, "dog " * 500, question="a") == [most - 4]


def test_it_is_there_only_where_a_folder_is_named(folder: Path) -> None:
    assert CrossRankers.load(Settings(), HashEncoder(), folder) is None
    found = CrossRankers.load(Settings(rank_pairs=str(folder), rank_depth=3, threads=1), HashEncoder(), folder)
    assert found is not None
    arranger = found.arranger(Scope.local_owner(), Budget())
    assert isinstance(arranger, CrossRanker)
    assert arranger.depth == 3
