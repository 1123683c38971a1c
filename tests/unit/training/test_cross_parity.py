"""A cross-encoder in ONNX says what its own library says: a tiny BERT with weights drawn by chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.budgets import Budget
from sensorium.rerankers.cross import CrossEncoder

torch = pytest.importorskip("torch", exc_type=ImportError)
transformers = pytest.importorskip("transformers", exc_type=ImportError)
pytest.importorskip("onnx", exc_type=ImportError)

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"word{number}" for number in range(40))]
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


def made(folder: Path) -> tuple[object, object]:
    """The folder of a model, and model and tokenizer of the other library."""
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    tokenizer = transformers.BertTokenizerFast(str(folder / "vocab.txt"))
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=48,
        num_labels=1,
        initializer_range=0.4,  # so that scores are told apart by more than the tolerance
        attn_implementation="eager",
    )
    model = transformers.BertForSequenceClassification(config).eval()
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "num_labels": 1}, default=str))
    (folder / "onnx").mkdir()
    example = tokenizer([("word1", "word2 word3")], return_tensors="pt")
    torch.onnx.export(
        model,
        tuple(example[name] for name in INPUTS),
        str(folder / "onnx" / "model.onnx"),
        input_names=INPUTS,
        output_names=["logits"],
        dynamic_axes={name: {0: "n", 1: "tokens"} for name in INPUTS} | {"logits": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    return model, tokenizer


@pytest.mark.filterwarnings("ignore")
def test_scores_are_those_of_the_other_library(tmp_path: Path) -> None:
    model, tokenizer = made(tmp_path)
    random = np.random.default_rng(5)
    texts = [" ".join(f"word{word}" for word in random.integers(0, 40, size)) for size in (1, 3, 9, 2, 30, 90, 5, 4, 7)]
    question = "word7 word8"
    with torch.no_grad():
        told = tokenizer(  # type: ignore[operator] - untyped
            [(question, text) for text in texts], padding=True, truncation=True, max_length=48, return_tensors="pt"
        )
        expected = model(**told).logits[:, 0].numpy()  # type: ignore[operator] - untyped
    found = CrossEncoder.open(tmp_path, 1).scores(question, texts, Budget())
    assert np.ptp(expected) > 0.01
    assert np.abs(found - expected).max() < 1e-4
