"""A cross-encoder: question and text go through one model together, which says how well the one answers the other.

It sees words in each other's light, where vectors are made apart (Nogueira and Cho 2019, arXiv:1901.04085). What it
says is no raw score of a space, and no curve turns it into a share of right answers: so it orders hits, and scores
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.budgets import Budget
from sensorium.core.candidates import Ranked
from sensorium.core.errors import BadSetting, ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.ports import Arranger, Encoder
from sensorium.core.queries import Query
from sensorium.core.reordering import reordered
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
BATCH = 8
"""Pairs that go through the model at once; between two batches the time is looked at."""

MOST_TOKENS = 512
"""Of a pair, whatever the model could take: attention grows with its square."""

MOST_CONFIG = 1_000_000
SHIFTED = frozenset({"roberta", "xlm-roberta", "camembert"})
"""Kinds of models that count positions from their padding on, and so have two less than they say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEncoder:
    """A model with one output for a pair of texts. Made by `open`; may be shared by threads."""

    session: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    inputs: tuple[str, ...]
    padding: int

    @classmethod
    def open(cls, folder: Path, threads: int = 0) -> CrossEncoder:
        """From a folder as the hub of models lays it out: `config.json`, `tokenizer.json`, `onnx/model*.onnx`.

        threads: 0 takes every core. Raises BadSetting for a folder that is none, ModelDamaged for files that do not
        load.
        """
        config = _config(folder)
        graph = _graph(folder)
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            onnxruntime.disable_telemetry_events()
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise plain and private classes
            raise _damaged(folder, f"it does not load ({type(error).__name__})") from error
        inputs = tuple(one.name for one in session.get_inputs())
        if not {"input_ids"} <= set(inputs) <= set(INPUTS) or len(session.get_outputs()) != 1:
            raise _damaged(folder, "it takes or gives other than a pair of texts and one number")
        tokenizer.no_padding()
        tokenizer.enable_truncation(_most_tokens(config), strategy="longest_first")
        padding = config.get("pad_token_id")
        return cls(session=session, tokenizer=tokenizer, inputs=inputs, padding=padding if type(padding) is int else 0)

    def scores(self, question: str, texts: Sequence[str], budget: Budget) -> npt.NDArray[np.float64]:
        """float64 [texts]: what the model says of each pair, the more the better; a pair that is too long is cut.

        Raises OutOfTime between two batches, ModelDamaged for an answer that is no number for each.
        """
        with budget.charged():
            encoded = self.tokenizer.encode_batch([(question, text) for text in texts])
        said = np.empty(len(texts))
        by_length = sorted(range(len(texts)), key=lambda at: len(encoded[at].ids))  # so that little is padded
        for start in range(0, len(by_length), BATCH):
            batch = by_length[start : start + BATCH]
            with budget.charged():
                (found,) = self.session.run(None, self._feed([encoded[at] for at in batch]))
            if found.size != len(batch) or not np.isfinite(found).all():
                raise ModelDamaged("it did not give one number for each pair", remedy="name another model")
            said[batch] = found.reshape(-1)
        return said

    def _feed(self, batch: Sequence[Any]) -> dict[str, npt.NDArray[np.int64]]:
        longest = max(len(one.ids) for one in batch)
        fed = {
            "input_ids": np.full((len(batch), longest), self.padding, np.int64),
            "attention_mask": np.zeros((len(batch), longest), np.int64),
            "token_type_ids": np.zeros((len(batch), longest), np.int64),
        }
        for row, one in enumerate(batch):
            fed["input_ids"][row, : len(one.ids)] = one.ids
            fed["attention_mask"][row, : len(one.ids)] = 1
            fed["token_type_ids"][row, : len(one.ids)] = one.type_ids
        return {name: fed[name] for name in self.inputs}


@dataclass(slots=True, kw_only=True)
class CrossRanker:
    """Orders those of the first `depth` hits that have a text by what the model says; the others keep their places.

    Fits the port `Arranger`. For questions of one text.
    """

    encoder: CrossEncoder
    depth: int
    budget: Budget
    name: str = "pairs"

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        """Equals stay as they stand. Raises OutOfTime: half an order is none."""
        places = [at for at, hit in enumerate(hits[: self.depth]) if hit.found.piece.text]
        if [part.modality for part in query.parts] != [Modality.TEXT] or len(places) < 2:
            return list(hits)
        texts = [str(hits[at].found.piece.text) for at in places]
        said = self.encoder.scores(str(query.parts[0].content), texts, self.budget)
        order = [places[at] for at in np.argsort(-said, kind="stable").tolist()]
        return reordered(hits, places, order, "the model that reads question and text together")


@dataclass(slots=True, kw_only=True)
class CrossRankers:
    """One model for all callers: it sees texts that the caller was shown, and keeps nothing. Fits `ArrangerSource`."""

    encoder: CrossEncoder
    depth: int
    name: str = "pairs"

    @classmethod
    def load(cls, settings: Settings, encoder: Encoder, folder: Path) -> CrossRankers | None:
        """Fits the port `ArrangerFactory`. Raises BadSetting, ModelDamaged."""
        if not settings.rank_pairs:
            return None
        return cls(encoder=CrossEncoder.open(Path(settings.rank_pairs), settings.threads), depth=settings.rank_depth)

    def arranger(self, scope: Scope, budget: Budget) -> Arranger:
        """The model with the time of one search."""
        return CrossRanker(encoder=self.encoder, depth=self.depth, budget=budget)


def _config(folder: Path) -> dict[str, Any]:
    try:
        with (folder / "config.json").open("rb") as file:
            config = json.loads(file.read(MOST_CONFIG))
    except (OSError, ValueError) as error:
        raise _bad(folder, f"it holds no config.json that can be read ({type(error).__name__})") from None
    labels = len(config.get("id2label") or {}) if isinstance(config, dict) else 0
    if not isinstance(config, dict) or config.get("num_labels", labels or 1) != 1 or labels > 1:
        raise _bad(folder, "its model has more than one output")
    return config


def _graph(folder: Path) -> Path:
    """`model.onnx` where there is one, else the first of its variants."""
    plain = folder / "onnx" / "model.onnx"
    found = [plain] if plain.is_file() else sorted((folder / "onnx").glob("model*.onnx"))
    if not found or not (folder / "tokenizer.json").is_file():
        raise _bad(folder, "it holds no onnx/model*.onnx, or no tokenizer.json")
    return found[0]


def _most_tokens(config: dict[str, Any]) -> int:
    most = config.get("max_position_embeddings")
    if type(most) is not int or most < 8:
        return MOST_TOKENS
    return min(MOST_TOKENS, most - 2 if config.get("model_type") in SHIFTED else most)


def _bad(folder: Path, what: str) -> BadSetting:
    return BadSetting(what, subject=str(folder), remedy="name a folder of a cross-encoder in ONNX by `rank_pairs`")


def _damaged(folder: Path, what: str) -> ModelDamaged:
    return ModelDamaged(what, subject=str(folder), remedy="fetch the model again, or name another one by `rank_pairs`")
